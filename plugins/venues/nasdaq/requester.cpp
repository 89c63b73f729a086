#include "requester.hpp"

namespace tickplant::nasdaq {

void requester::clear() {
  for (auto& s : slots_) s.active = false;
}

std::optional<uint64_t> requester::due() const {
  std::optional<uint64_t> first;
  for (const auto& s : slots_)
    if (s.active && (!first || s.due < *first)) first = s.due;
  return first;
}

const requester::slot* requester::covering(uint64_t number) const {
  for (const auto& s : slots_)
    if (s.active && s.from <= number && number <= s.to) return &s;
  return nullptr;
}

// The last number that a new request from `from` may reach without asking twice for what another one asks for.
uint64_t requester::room_from(uint64_t from) const {
  uint64_t last = from + policy_.messages - 1;
  for (const auto& s : slots_)
    if (s.active && s.from > from) last = std::min(last, s.from - 1);
  return last;
}

void requester::ask(slot& s, uint64_t now, const send_fn& send) {
  // A server that stayed silent is left; the next one also takes the requests that follow.
  if (s.attempts > 0) server_ = (server_ + 1) % policy_.servers;
  for (uint32_t tried = 0; tried < policy_.servers; ++tried) {
    if (send(server_, s.from, static_cast<uint16_t>(s.to - s.from + 1))) break;
    server_ = (server_ + 1) % policy_.servers;
  }
  s.due = now + (policy_.retry_ns << std::min(s.attempts, 20u));
  ++s.attempts;
}

requester::state requester::plan(uint64_t now, const missing_fn& missing, const send_fn& send) {
  if (policy_.servers == 0) return missing(0) ? state::exhausted : state::complete;
  for (auto& s : slots_) {
    if (!s.active) continue;
    const auto hole = missing(s.from);
    if (!hole || hole->from > s.to) {
      s.active = false;
    } else if (hole->from > s.from) { // a short answer: the rest is asked for at once
      s.from = hole->from;
      s.attempts = 0;
      ask(s, now, send);
    } else if (s.due <= now) {
      if (s.attempts >= policy_.attempts) return state::exhausted;
      ask(s, now, send);
    }
  }
  uint64_t from = 0;
  for (auto& s : slots_) {
    if (s.active) continue;
    auto hole = missing(from);
    while (hole) {
      const slot* other = covering(hole->from);
      if (!other) break;
      hole = missing(other->to + 1);
    }
    if (!hole) break;
    const uint64_t last = room_from(hole->from);
    slot fresh{true, 0, hole->from, std::min(hole->to, last), 0};
    // Neighbouring holes within the reach of one request travel in it.
    while (fresh.to < last) {
      const auto more = missing(fresh.to + 1);
      if (!more || more->from > last) break;
      fresh.to = std::min(more->to, last);
    }
    s = fresh;
    ask(s, now, send);
    from = s.to + 1;
  }
  return active() ? state::waiting : state::complete;
}

} // namespace tickplant::nasdaq
