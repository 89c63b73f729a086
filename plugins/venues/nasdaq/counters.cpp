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

static_assert(sdk::names_end_in(message_names, itch_types));

constexpr auto names = sdk::join_names(message_names, other_names);
static_assert(names.size() == counter_end);

} // namespace

std::span<const tp_str> counter_names() {
  return names;
}

} // namespace tickplant::nasdaq
