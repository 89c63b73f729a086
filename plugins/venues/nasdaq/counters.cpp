#include "counters.hpp"

namespace tickplant::nasdaq {

namespace {

constexpr std::string_view message_names[] = {
  "messages.S", "messages.R", "messages.H", "messages.Y", "messages.L", "messages.V", "messages.W", "messages.K",
  "messages.J", "messages.h", "messages.A", "messages.F", "messages.E", "messages.C", "messages.X", "messages.D",
  "messages.U", "messages.P", "messages.Q", "messages.B", "messages.I", "messages.N", "messages.O"};

constexpr std::string_view other_names[] = {"gaps.seen",
                                            "gaps.filled",
                                            "duplicates",
                                            "malformed",
                                            "unknown",
                                            "unknown_locate",
                                            "unknown_values",
                                            "heartbeats",
                                            "unsequenced",
                                            "foreign",
                                            "wild",
                                            "rerequest.sent",
                                            "rerequest.answers",
                                            "replay.passes",
                                            "replay.messages",
                                            "soup.logins",
                                            "soup.refused",
                                            "glimpse.pictures",
                                            "glimpse.messages",
                                            "glimpse.failed",
                                            "glimpse.stale",
                                            "line.a.packets",
                                            "line.a.duplicates",
                                            "line.a.gaps",
                                            "line.a.won",
                                            "line.a.silent",
                                            "line.b.packets",
                                            "line.b.duplicates",
                                            "line.b.gaps",
                                            "line.b.won",
                                            "line.b.silent",
                                            "line.soup.packets",
                                            "line.soup.duplicates",
                                            "line.soup.gaps",
                                            "line.soup.won",
                                            "line.soup.silent"};

static_assert(std::size(message_names) == itch_types.size());
static_assert(std::size(message_names) + std::size(other_names) == counter_end);

constexpr bool names_follow_types() {
  for (size_t i = 0; i < itch_types.size(); ++i)
    if (message_names[i].back() != itch_types[i]) return false;
  return true;
}
static_assert(names_follow_types());

} // namespace

std::span<const tp_str> counter_names() {
  static const auto names = [] {
    std::array<tp_str, counter_end> all{};
    size_t i = 0;
    for (const auto name : message_names) all[i++] = sdk::to_tp(name);
    for (const auto name : other_names) all[i++] = sdk::to_tp(name);
    return all;
  }();
  return names;
}

} // namespace tickplant::nasdaq
