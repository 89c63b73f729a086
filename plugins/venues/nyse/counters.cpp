#include "counters.hpp"

namespace tickplant::nyse {

namespace {

constexpr std::string_view message_names[] = {
  "messages.1",   "messages.2",   "messages.3",   "messages.32",  "messages.34",  "messages.100", "messages.101",
  "messages.102", "messages.103", "messages.104", "messages.105", "messages.106", "messages.110", "messages.111",
  "messages.112", "messages.113", "messages.114", "messages.223", "messages.31"};

constexpr std::string_view other_names[] = {"gaps.seen",
                                            "gaps.filled",
                                            "gaps.lost",
                                            "gaps.proven",
                                            "duplicates",
                                            "malformed",
                                            "unknown",
                                            "unknown_index",
                                            "unknown_values",
                                            "unmapped_dropped",
                                            "symbol_jumps",
                                            "bad_times",
                                            "heartbeats",
                                            "resets",
                                            "resets_repeated",
                                            "foreign",
                                            "wild",
                                            "retransmission.requests",
                                            "retransmission.packets",
                                            "retransmission.unavailable",
                                            "refresh.requests",
                                            "refresh.packets",
                                            "refresh.pictures",
                                            "refresh.incomplete",
                                            "refresh.too_old",
                                            "mapping.requests",
                                            "requests_rejected",
                                            "quota_exhausted",
                                            "request_logins",
                                            "line.a.packets",
                                            "line.a.duplicates",
                                            "line.a.gaps",
                                            "line.a.won",
                                            "line.a.silent",
                                            "line.b.packets",
                                            "line.b.duplicates",
                                            "line.b.gaps",
                                            "line.b.won",
                                            "line.b.silent"};

static_assert(std::size(message_names) == counted_types.size());

constexpr bool names_follow_types() {
  for (size_t i = 0; i < counted_types.size(); ++i) {
    uint32_t number = 0;
    for (const char c : message_names[i].substr(9)) number = number * 10 + static_cast<uint32_t>(c - '0');
    if (number != counted_types[i]) return false;
  }
  return true;
}
static_assert(names_follow_types());

constexpr auto names = sdk::join_names(message_names, other_names);
static_assert(names.size() == counter_end);

} // namespace

std::span<const tp_str> counter_names() {
  return names;
}

} // namespace tickplant::nyse
