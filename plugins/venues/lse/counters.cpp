#include "counters.hpp"

namespace tickplant::lse {

namespace {

constexpr std::string_view message_names[] = {
  "messages.T", "messages.S", "messages.R", "messages.H", "messages.A", "messages.F", "messages.D",
  "messages.U", "messages.y", "messages.E", "messages.C", "messages.P", "messages.Q", "messages.I",
  "messages.w", "messages.q", "messages.x", "messages.B", "messages.p", "messages.j", "messages.W",
  "messages.e", "messages.f", "messages.g", "messages.i", "messages.a", "messages.k"};

constexpr std::string_view other_names[] = {
  "gaps.seen",          "gaps.filled",       "duplicates",        "malformed",        "unknown",
  "unknown_instrument", "unknown_values",    "heartbeats",        "foreign",          "wild",
  "trailing",           "restarts",          "replay.logins",     "replay.requests",  "replay.refused",
  "replay.messages",    "recovery.logins",   "recovery.requests", "recovery.refused", "recovery.snapshots",
  "recovery.stale",     "recovery.unneeded", "services.stopped",  "line.a.packets",   "line.a.duplicates",
  "line.a.gaps",        "line.a.won",        "line.a.silent",     "line.b.packets",   "line.b.duplicates",
  "line.b.gaps",        "line.b.won",        "line.b.silent"};

static_assert(sdk::names_end_in(message_names, message_types));

constexpr auto names = sdk::join_names(message_names, other_names);
static_assert(names.size() == counter_end);

} // namespace

std::span<const tp_str> counter_names() {
  return names;
}

} // namespace tickplant::lse
