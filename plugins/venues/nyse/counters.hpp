// The plugin's counters: their names for the host, and the sheet that gathers counts between two calls.
#pragma once

#include <tickplant/counter_sheet.hpp>

#include <array>
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

std::span<const tp_str> counter_names();

using counter_sheet = sdk::counter_sheet<counter_end>;

} // namespace tickplant::nyse
