#include "runtime/tools/replay/player.hpp"

#include <algorithm>
#include <stdexcept>

namespace tickplant::replay {

namespace {

/// Turns that one call may lead to before the plugin is taken to run in a circle.
constexpr size_t most_turns = 1'000'000;

/// Of a gap in the capture's clock that much is lived through, timer by timer; the rest is leapt over. Otherwise one
/// packet with a wrong time stamp would cost years of timers.
constexpr uint64_t longest_wait_ns = 3'600'000'000'000;

} // namespace

player::player(plugin::venue_host& host, world& world, books& books, size_t burst)
  : host_(host), world_(world), books_(books), burst_(burst), units_(burst) {}

void player::note_due() {
  due_ns_ = std::min(world_.next_due(), books_.next_wish_ns());
}

/// Runs everything that the calls so far have put off to a turn of its own, at the clock's time.
void player::settle() {
  if (!world_.is_at_rest() || !books_.is_at_rest()) run_turns();
  books_.publish(world_.now());
  note_due();
  world_.rest();
  books_.rest();
}

/// The same after a burst of units, most of which change nothing but books: what is measured is not to be this tool.
inline void player::settle_if_stirred() {
  if (world_.is_stirred() || books_.is_stirred()) [[unlikely]]
    settle();
  else
    books_.publish(world_.now());
}

void player::run_turns() {
  std::vector<tp_interest> interests;
  for (size_t turn = 0; !host_.is_broken(); ++turn) {
    if (turn == most_turns)
      throw std::runtime_error{"the plugin never comes to rest: " + std::to_string(most_turns) +
                               " turns without a unit"};
    interests.clear();
    books_.lend();
    for (const uint32_t number : books_.take_lent())
      interests.push_back({number, TP_WANT_QUOTE | TP_WANT_TRADES | TP_WANT_BOOK});
    if (!interests.empty()) {
      host_.on_interest(interests, world_.now());
      continue;
    }
    // As in the server: at the end of the turn that lost them, before anything else is read.
    if (books_.resynchronise(host_, world_.now())) continue;
    if (!world_.run_queued(host_)) break;
  }
}

void player::advance_to(uint64_t ns) {
  const uint64_t lived_ns = std::min(ns, world_.now() + longest_wait_ns);
  while (!host_.is_broken() && due_ns_ <= lived_ns) {
    world_.set_now(due_ns_);
    while (!host_.is_broken() && world_.run_due(host_)) settle();
    settle(); // wishes that fell due
  }
  world_.set_now(ns);
  if (ns == lived_ns) return;
  ++counts_.leaps;
  while (!host_.is_broken() && due_ns_ <= ns && world_.run_due(host_)) settle();
}

void player::flush() {
  if (waiting_ == 0) return;
  ++counts_.bursts;
  counts_.units += waiting_;
  host_.on_units({units_.data(), waiting_});
  waiting_ = 0;
  settle_if_stirred();
}

inline void player::add(const record& next, uint32_t line, uint64_t ns) {
  uint32_t flags = next.kind == record_kind::frame ? TP_UNIT_TEXT : TP_UNIT_BINARY;
  if (next.is_truncated) flags |= TP_UNIT_TRUNCATED;
  units_[waiting_++] = {next.data, next.size, line, ns, flags, 0};
  if (waiting_ >= burst_) flush();
}

inline void player::take(const record& next) {
  const uint64_t ns = std::max(next.ns, world_.now());
  if (next.kind != record_kind::file_part || due_ns_ <= ns || !world_.file_line()) [[unlikely]] {
    take_slowly(next, ns);
    return;
  }
  world_.set_now(ns);
  add(next, *world_.file_line(), ns);
}

void player::take_slowly(const record& next, uint64_t ns) {
  if (next.kind == record_kind::answer || due_ns_ <= ns) flush();
  if (due_ns_ <= ns) advance_to(ns);
  world_.set_now(ns);
  if (next.kind == record_kind::answer) {
    world_.arrive(next.label, {reinterpret_cast<const char*>(next.data), next.size});
    settle();
    return;
  }
  if (world_.is_stream_part(next)) {
    flush(); // datagrams of before
    if (!world_.take_stream_part(next)) ++counts_.unrouted;
    settle();
    return;
  }
  const auto line = world_.line_of(next);
  if (!line) {
    ++counts_.unrouted;
    return;
  }
  add(next, *line, ns);
}

void player::play(record_source& source, uint64_t horizon_ns) {
  constexpr size_t batch = 64;
  auto records = source.next(batch);
  if (!records.empty()) world_.set_now(records.front().ns);
  host_.start(world_.now());
  settle();
  while (!records.empty() && !host_.is_broken()) {
    for (const auto& next : records) take(next);
    flush(); // the next batch may move the bytes
    records = source.next(batch);
  }
  if (host_.is_broken()) return;
  world_.end_of_input();
  settle();
  advance_to(world_.now() + horizon_ns);
  if (host_.is_broken()) return;
  // What a burst needs before its own end: closing a stream may say how the books stand.
  books_.publish(world_.now());
}

} // namespace tickplant::replay
