// The plugin's counters: their names for the host, and a sheet that gathers counts and hands them over in bulk.
#pragma once

#include <tickplant/venue.hpp>

#include <array>
#include <bit>
#include <span>
#include <string_view>

namespace tickplant::nyse {

/// The message types that are counted apart, in the order of their counters: counter i is "messages.<type i>".
inline constexpr std::array<uint8_t, 19> counted_types{1,   2,   3,   32,  34,  100, 101, 102, 103, 104,
                                                       105, 106, 110, 111, 112, 113, 114, 223, 31};

/// Indices into counter_names(), behind those of the message types. Meanings: README.md.
enum counter : uint32_t {
  gaps_seen = static_cast<uint32_t>(counted_types.size()),
  gaps_filled,
  gaps_lost,
  gaps_proven,
  duplicates,
  malformed,
  unknown_types,
  unknown_index,
  unknown_values,
  unmapped_dropped,
  symbol_jumps,
  bad_times,
  heartbeats,
  resets,
  resets_repeated,
  foreign,
  wild,
  retransmission_requests,
  retransmission_packets,
  retransmission_unavailable,
  refresh_requests,
  refresh_packets,
  pictures_taken,
  refresh_incomplete,
  refresh_too_old,
  mapping_requests,
  requests_rejected,
  quota_exhausted,
  request_logins,
  line_packets, // of line a; those of line b follow as a second block of the same order
  line_duplicates,
  line_gaps,
  line_won,
  line_silent,
  line_b_offset = 5,
  counter_end = line_packets + 2 * line_b_offset
};
static_assert(counter_end <= 64, "the sheet keeps one bit per counter");

std::span<const tp_str> counter_names();

/// Gathers counts of one instance between two calls of the host. One thread.
class counter_sheet {
public:
  void add(uint32_t which, uint64_t by = 1) {
    pending_[which] += by;
    dirty_ |= uint64_t{by != 0} << which;
  }
  void flush(const sdk::venue_host& host) {
    for (; dirty_ != 0; dirty_ &= dirty_ - 1) {
      const auto which = static_cast<uint32_t>(std::countr_zero(dirty_));
      host.count(which, pending_[which]);
      pending_[which] = 0;
    }
  }

private:
  std::array<uint64_t, 64> pending_{};
  uint64_t dirty_ = 0;
};

} // namespace tickplant::nyse
