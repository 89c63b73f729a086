// What the consolidator wants to see of one feed loop's books: which are watched, how deep, and what they show at the
// end of each burst. On the consolidator's own loop it is called; from another loop a message brings what changed, at
// most two on their way, so that what waits merges to the newest. Part of a feed_context, on its loop's thread.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/lending.hpp"
#include "runtime/book/engine.hpp"

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace tickplant::actors {

class leg_watch {
public:
  using see = std::function<void(model::instrument_id, const book::top_state&)>;

  leg_watch(lending_table<book::engine>& books, book::dirty_list& dirty, uint32_t feed)
    : books_(books), dirty_(dirty), feed_(feed) {}

  /// Set where the consolidator lives on this loop.
  see directly;

  /// A consolidator that starts with watching nothing.
  void join(const consolidator_actor& to);
  const consolidator_actor& consolidator() const { return to_; }
  void watch(model::instrument_id id, uint32_t depth);
  void forget(model::instrument_id id);

  // A book of the loop has come or gone.
  void lent(model::instrument_id id);
  void withdrawn(model::instrument_id id);

  /// The consolidator has taken a message.
  void taken() { ++credit_; }
  /// Shows what has changed.
  void flush();

private:
  static constexpr uint32_t most_credit = 2;

  void show_directly();
  void send();
  void forget_all();

  lending_table<book::engine>& books_;
  book::dirty_list& dirty_;
  const uint32_t feed_;
  consolidator_actor to_;
  std::unordered_map<uint32_t, uint32_t> depths_; // by instrument, of those that are watched
  std::vector<model::instrument_id> lost_;        // watched, and away since the last flush
  uint32_t credit_ = most_credit;
  book::top_state seen_;
};

} // namespace tickplant::actors
