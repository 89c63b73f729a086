// One numbered line of one instrument on one network loop: its trades, or the changes of its book at one depth. Turns
// tapes and publications into entries of a ring, and judges places that clients know. No client in it; one thread.
#pragma once

#include "runtime/book/publication.hpp"
#include "runtime/fanout/resume_ring.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace tickplant::fanout {

class line {
public:
  line(uint32_t series, uint32_t depth) : series_(series), depth_(depth) {}

  /// What became of something that was taken: nothing to tell; a new entry; the line begins anew, with a snapshot.
  enum class outcome : uint8_t { nothing, entry, restart };

  /// TRADES: one entry of the tape; a number that was left out becomes a hole in front of it.
  outcome take(const book::tape_entry& entry);
  /// TRADES: the state that follows the tape. It starts the line, or a new epoch, or shows that the tape's end is
  /// missing.
  outcome take_tape_end(const book::publication& state);
  /// BOOK: what changed since the last one. `is_void`: what was shown before is not to be built on.
  outcome take_book(const book::publication& state, bool is_void);
  /// Whether the next entry would drop one.
  bool is_full() const { return ring_.is_full(2 * size_t{depth_}); }

  enum class verdict : uint8_t { ok, other_epoch, too_old, ahead, unknown };
  /// Whether a client that has everything up to `sequence` can go on from there.
  verdict judge(uint64_t epoch, uint64_t sequence) const;
  static std::string_view text_of(verdict why);

  uint32_t series() const { return series_; }
  uint32_t depth() const { return depth_; }
  bool is_live() const { return is_live_; }
  uint64_t epoch() const { return epoch_; }
  /// The newest sequence, and the one from which everything is kept.
  uint64_t newest() const { return newest_; }
  uint64_t oldest() const { return ring_.is_empty() ? newest_ : ring_.at(ring_.first()).previous; }
  const resume_ring& ring() const { return ring_; }
  resume_ring& ring() { return ring_; }
  /// BOOK: the levels as of the newest entry.
  const std::vector<tp_level>& bids() const { return bids_; }
  const std::vector<tp_level>& asks() const { return asks_; }

private:
  void start(uint64_t epoch, uint64_t sequence);
  void add_hole(uint64_t to);

  uint32_t series_, depth_;
  bool is_live_ = false;
  int8_t price_exponent_ = 0, quantity_exponent_ = 0;
  uint64_t epoch_ = 0, newest_ = 0, seen_ = 0; // seen: sequence of the last publication that was compared
  resume_ring ring_;
  std::vector<tp_level> bids_, asks_;
  std::vector<tp_level> bid_changes_, ask_changes_;
};

/// Appends to `changes` what makes `to` of `from`, at most `depth` levels of each, best first: levels with another size
/// or number of orders as they are, those that are gone with size 0. `is_bid`: which prices are better.
void compare_levels(const std::vector<tp_level>& from, const std::vector<tp_level>& to, size_t depth, bool is_bid,
                    std::vector<tp_level>& changes);

} // namespace tickplant::fanout
