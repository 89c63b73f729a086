// The plugin's counters: their names for the host, and the sheet that gathers counts between two calls.
#pragma once

#include <tickplant/counter_sheet.hpp>

#include <array>
#include <span>
#include <string_view>

namespace tickplant::lse {

/// Application messages of MITCH and GTP, in the order of their counters: counter i is "messages.<type i>".
inline constexpr std::string_view message_types = "TSRHAFDUyECPQIwqxBpjWefgiak";

/// Indices into counter_names(), behind those of the message types. Meanings: README.md.
enum counter : uint32_t {
  gaps_seen = static_cast<uint32_t>(message_types.size()),
  gaps_filled,
  duplicates,
  malformed,
  unknown_types,
  unknown_instrument,
  unknown_values,
  heartbeats,
  foreign,
  wild,
  trailing,
  restarts,
  replay_logins,
  replay_requests,
  replay_refused,
  replay_messages,
  recovery_logins, // the first three of a service stand in this order
  recovery_requests,
  recovery_refused,
  recovery_snapshots,
  recovery_stale,
  recovery_unneeded,
  services_stopped,
  line_packets, // of line a; those of line b follow as a second block of the same order
  line_duplicates,
  line_gaps,
  line_won,
  line_silent,
  line_b_offset = 5,
  counter_end = line_packets + 2 * line_b_offset
};

std::span<const tp_str> counter_names();

/// By the type byte of a message: its counter.
inline constexpr std::array<uint8_t, 256> counter_of_type = [] {
  std::array<uint8_t, 256> table{};
  table.fill(static_cast<uint8_t>(unknown_types));
  for (size_t i = 0; i < message_types.size(); ++i)
    table[static_cast<uint8_t>(message_types[i])] = static_cast<uint8_t>(i);
  return table;
}();

using counter_sheet = sdk::counter_sheet<counter_end>;

} // namespace tickplant::lse
