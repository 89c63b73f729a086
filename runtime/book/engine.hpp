// The core of one symbol_book: levels (and order queues), statistics, trading status and trust of one instrument at one
// venue. Plain object, one thread, no clock. The symbol_book actor owns it and lends it to its feed loop; book::feed
// finds it by instrument and applies events to it by plain calls. Throws only on exhausted memory.
#pragma once

#include "runtime/book/publication.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace tickplant::book {

struct book_state;

/// What listeners want of a book, the union over all of them.
struct interest {
  uint32_t want = 0;  // TP_WANT_*
  uint32_t depth = 0; // levels a side
  friend bool operator==(const interest&, const interest&) = default;
};

/// Instruments whose state changed since they were last looked at; one per feed loop, shared by its feeds and engines.
/// An engine is listed once however often it changes.
class dirty_list {
public:
  void add(model::instrument_id id) { ids_.push_back(id); }
  std::vector<model::instrument_id>& ids() { return ids_; }

private:
  std::vector<model::instrument_id> ids_;
};

/// The engines of one feed loop by instrument_id; empty places where no book lives. Written by whoever owns the
/// engines.
using engine_table = std::vector<class engine*>;

/// Sizes of the book for reports and checks.
struct book_figures {
  uint64_t bid_levels = 0, ask_levels = 0, orders = 0;
  uint64_t crossed = 0; // publications with the best bid at or above the best ask
  tp_wide bid_quantity{0, 0}, ask_quantity{0, 0};
};

class engine {
public:
  /// `dirty` outlives the engine. A new engine awaits its feed: trust::awaiting.
  engine(model::instrument_id id, model::instrument_ptr instrument, uint64_t epoch, dirty_list& dirty);
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  model::instrument_id id() const;
  uint64_t epoch() const;
  trust state() const;
  const model::instrument_ptr& instrument() const;

  /// Makes the book due in any case: whoever asked has not seen its present state.
  void set_interest(interest wanted);
  interest wanted() const;

  /// Marks the book stale, keeping what was published last for `publish`. Orders and levels are dropped.
  void mark_stale(std::string_view reason);

  /// Whether `publish` would tell something: somebody listens, a change happened, and no venue event is half applied.
  bool is_due() const;
  /// Fills `out` (reusing its memory) with the current state, and forgets that it was dirty. A stale book gives its
  /// last good state, marked stale with the reason.
  void publish(publication& out, uint64_t now_ns);
  /// The same without any effect on what is due; for snapshots on request, replay and tests.
  void view(publication& out, uint32_t depth) const;

  book_figures figures() const;

private:
  friend class feed;
  std::unique_ptr<book_state> parts_;
};

} // namespace tickplant::book
