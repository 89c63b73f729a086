// The plugin's counters: their names for the host, and the sheet that gathers counts between two calls.
#pragma once

#include <tickplant/counter_sheet.hpp>

#include <array>
#include <span>
#include <string_view>

namespace tickplant::nasdaq {

/// Every message type of ITCH 5.0, in the order of its counters: counter i is "messages.<type i>".
inline constexpr std::string_view itch_types = "SRHYLVWKJhAFECXDUPQBINO";

/// Indices into counter_names(), behind those of the message types. Meanings: README.md.
enum counter : uint32_t {
  gaps_seen = static_cast<uint32_t>(itch_types.size()),
  gaps_filled,
  duplicates,
  malformed,
  unknown_types,
  unknown_locate,
  unknown_values,
  heartbeats,
  unsequenced,
  foreign,
  wild,
  rerequest_sent,
  rerequest_answers,
  replay_passes,
  replay_messages,
  soup_logins,
  soup_refused,
  glimpse_pictures,
  glimpse_messages,
  glimpse_failed,
  glimpse_stale,
  line_packets, // of line a; those of b and soup follow as further blocks of the same order
  line_duplicates,
  line_gaps,
  line_won,
  line_silent,
  line_block = 5, // size of a block
  counter_end = line_packets + 3 * line_block
};

std::span<const tp_str> counter_names();

using counter_sheet = sdk::counter_sheet<counter_end>;

} // namespace tickplant::nasdaq
