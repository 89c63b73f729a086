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

static_assert(std::size(message_names) == message_types.size());
static_assert(std::size(message_names) + std::size(other_names) == counter_end);

constexpr bool names_follow_types() {
  for (size_t i = 0; i < message_types.size(); ++i)
    if (message_names[i].back() != message_types[i]) return false;
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

} // namespace tickplant::lse
