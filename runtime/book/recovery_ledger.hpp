// What becomes of the gaps of one venue: each ends as filled, by a snapshot, or stale with a reason. Fed with the
// plugin's stream states and the ends of snapshots; whether books live again is the feed's to say. Pure: time comes in.
// One thread. Bounded: a channel or instrument has one entry however many gaps it has.
#pragma once

#include <tickplant/venue.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace tickplant::book {

enum class gap_outcome : uint8_t { filled, snapshot, stale };
inline constexpr size_t gap_outcomes = 3;
std::string_view name_of(gap_outcome how);

/// Gaps of one channel or instrument that ended together.
struct ended_gaps {
  uint32_t channel = 0, instrument = TP_ALL;
  uint64_t from = 0, to = 0; // first and last number missing; 0: not known
  uint64_t count = 1;
  gap_outcome how = gap_outcome::filled;
  uint64_t took_ns = 0;
  std::string reason;
  bool is_over = false; // the numbers began anew: nothing of them is shown, or missing, any more
};
/// "channel 0: 2 gaps 100..220 filled after 12.500 ms"; `whose` stands behind the channel, as in " (AAPL)".
std::string to_text(const ended_gaps& ended, std::string_view whose = {});

class recovery_ledger {
public:
  using ended = std::function<void(const ended_gaps&)>;
  /// Tells whether every book of a channel, or the one instrument, is live. Asked when there is reason to hope.
  using whole = std::function<bool(uint32_t channel, uint32_t instrument)>;

  recovery_ledger(whole is_whole, ended on_end) : is_whole_(std::move(is_whole)), on_end_(std::move(on_end)) {}

  void stream(const tp_stream& stream, uint64_t now_ns);
  /// A snapshot of an instrument, or of the whole channel, was taken over.
  void snapshot_ended(uint32_t channel, uint32_t instrument);
  /// Closes what has healed. Cheap where nothing has changed.
  void settle(uint64_t now_ns);
  /// There is no way to heal it.
  void give_up(uint32_t channel, uint32_t instrument, std::string_view reason, uint64_t now_ns);
  /// Nobody will: the adapter ends.
  void end_all(std::string_view reason, uint64_t now_ns);

  /// Gaps that have not ended.
  uint64_t open() const;
  uint64_t count(gap_outcome how) const { return counts_[static_cast<size_t>(how)]; }

private:
  using key = std::pair<uint32_t, uint32_t>; // channel, instrument or TP_ALL
  struct entry {
    uint64_t from = 0, to = 0, count = 1, since_ns = 0;
    bool is_lost = false;      // only a snapshot helps
    bool has_snapshot = false; // one has come since
    bool is_split = false;     // it ended in losses of single instruments, which have entries of their own
    std::string reason;
  };
  using entries = std::map<key, entry>;

  entry& add(const tp_stream& stream, uint64_t now_ns);
  entries::iterator close(entries::iterator at, gap_outcome how, std::string_view reason, uint64_t now_ns,
                          bool is_over = false);
  void live(const tp_stream& stream, uint64_t now_ns);

  whole is_whole_;
  ended on_end_;
  entries open_;
  bool may_have_healed_ = false;
  std::array<uint64_t, gap_outcomes> counts_{};
};

} // namespace tickplant::book
