// The plugin's counters: their names for the host, and a sheet that gathers counts and hands them over in bulk.
#pragma once

#include <tickplant/venue.hpp>

#include <array>
#include <bit>
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
static_assert(counter_end <= 64, "the sheet keeps one bit per counter");

std::span<const tp_str> counter_names();

/// By the type byte of a message: its counter.
inline constexpr std::array<uint8_t, 256> counter_of_type = [] {
  std::array<uint8_t, 256> table{};
  table.fill(static_cast<uint8_t>(unknown_types));
  for (size_t i = 0; i < message_types.size(); ++i)
    table[static_cast<uint8_t>(message_types[i])] = static_cast<uint8_t>(i);
  return table;
}();

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

} // namespace tickplant::lse
