// The plugin's counters: their names for the host, and a sheet that gathers counts and hands them over in bulk.
#pragma once

#include <tickplant/venue.hpp>

#include <array>
#include <bit>
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

} // namespace tickplant::nasdaq
