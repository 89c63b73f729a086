// The books of a replay: owns the engines, lends each to the feed in the turn after its definition, and keeps what the
// feed wants of the plugin. One thread.
#pragma once

#include "runtime/book/engine.hpp"
#include "runtime/book/feed.hpp"
#include "runtime/plugin/venue_host.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tickplant::replay {

class books final : public book::feed_owner {
public:
  /// `symbols` empty or with "*": all.
  /// `has_listener`: every change is published at the end of its burst, as if a client looked at every book.
  /// `present`: bytes of books' memory to be there from the start.
  books(std::string venue, uint32_t order_refs, std::vector<std::string> symbols, bool has_listener = true,
        size_t present = 0);

  std::optional<model::instrument_id> instrument_defined(const model::instrument& instrument) override;
  void instrument_retired(model::instrument_id id) override;
  void directory_complete(uint32_t) override { has_directory_ = true; }
  void resynchronise_wanted(uint32_t channel, uint32_t number, std::string_view reason) override;
  void engine_failed(model::instrument_id id, std::string_view what) override;
  void stream_changed(const tp_stream& stream) override;
  void snapshot_ended(uint32_t channel, uint32_t number) override { close_gaps(channel, number); }

  book::feed& feed() { return *feed_; }
  const book::feed& feed() const { return *feed_; }

  /// Nothing is to be lent, told or asked again.
  bool is_at_rest() const { return to_lend_.empty() && lent_.empty() && wishes_.empty(); }
  /// Whether something may be to do, or a wish may fall due at another time, than when `rest` was called.
  bool is_stirred() const { return stirred_; }
  void rest() { stirred_ = !is_at_rest(); }
  /// Lends the engines of what was defined since. Not from inside the feed.
  void lend();
  /// The plugin's numbers of what was lent since the last time, for on_interest.
  std::vector<uint32_t> take_lent() { return std::exchange(lent_, {}); }
  /// Asks the plugin for one book or channel that needs it; false if none does now.
  bool resynchronise(plugin::venue_host& host, uint64_t now_ns);
  /// As if the feed had found a snapshot too old: what it was for is lost, and asked for again after a pause, which
  /// doubles with each refusal as the server's does.
  void refuse_snapshot(uint32_t channel, uint32_t number, uint64_t now_ns);
  /// When a refused wish is to be repeated; UINT64_MAX if none is.
  uint64_t next_wish_ns() const;
  /// Takes the new state of everything that changed, as the server would at the end of a burst.
  void publish(uint64_t now_ns) {
    if (!dirty_.ids().empty()) publish_dirty(now_ns);
    feed_->make_ready();
  }

  /// Null for an instrument that is not wanted, not lent or not known.
  const book::engine* of_number(uint32_t number) const;

  struct book_entry {
    std::string symbol;
    model::instrument_ptr instrument;
    std::unique_ptr<book::engine> engine;
    uint32_t number = UINT32_MAX;
    bool is_lent = false, is_retired = false;
  };
  const std::vector<book_entry>& entries() const { return entries_; }
  /// What was wrong with engines, and what the venue does not give again.
  const std::vector<std::string>& notes() const { return notes_; }
  uint64_t resynchronisations() const { return asked_; }
  /// Channels and instruments with a gap of which nobody has said what became of it.
  size_t open_gaps() const { return gaps_.size(); }
  /// Whether all symbols of some channel were told.
  bool has_directory() const { return has_directory_; }

private:
  bool is_wanted(const std::string& symbol) const;
  void close_gaps(uint32_t channel, uint32_t number);
  void note(std::string text);
  void publish_dirty(uint64_t now_ns);

  bool has_listener_;
  book::engine_table engines_;
  book::dirty_list dirty_;
  std::set<std::string, std::less<>> symbols_; // empty: all
  std::vector<book_entry> entries_;            // by instrument_id
  std::map<std::string, uint32_t> by_symbol_;
  std::vector<uint32_t> by_number_;                          // index into entries_, UINT32_MAX = none
  std::vector<uint32_t> to_lend_;                            // indices
  std::vector<uint32_t> lent_;                               // numbers
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> wishes_; // channel, number -> not before
  std::set<std::pair<uint32_t, uint32_t>> unsupported_;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> refusals_; // of snapshots
  std::set<std::pair<uint32_t, uint32_t>> gaps_;               // channel, number or TP_ALL
  bool has_directory_ = false;
  std::vector<std::string> notes_;
  book::publication scratch_;
  uint64_t asked_ = 0;
  bool stirred_ = true; // set by all that fills `to_lend_` and `wishes_`; what empties them is followed by `rest`
  std::unique_ptr<book::feed> feed_; // last: goes before the engines it marks
};

} // namespace tickplant::replay
