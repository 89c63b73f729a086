#include "retransmissions.hpp"

#include <utility>

namespace tickplant::nyse {

void retransmissions::clear() {
  for (auto& s : slots_) s.active = false;
}

void retransmissions::forget_sent() {
  for (auto& s : slots_)
    if (s.active && std::exchange(s.is_sent, false)) s.attempts -= s.attempts > 0;
}

std::optional<uint64_t> retransmissions::due() const {
  std::optional<uint64_t> first;
  for (const auto& s : slots_)
    if (s.active && s.is_sent && (!first || s.due < *first)) first = s.due;
  return first;
}

const retransmissions::slot* retransmissions::covering(uint64_t number) const {
  for (const auto& s : slots_)
    if (s.active && s.from <= number && number <= s.to) return &s;
  return nullptr;
}

// The last number that a new request from `from` may reach without asking twice for what another one asks for.
uint64_t retransmissions::room_from(uint64_t from) const {
  uint64_t last = from + longest_ - 1;
  for (const auto& s : slots_)
    if (s.active && s.from > from) last = std::min(last, s.from - 1);
  return last;
}

void retransmissions::ask(slot& s, uint64_t now, const send_fn& send) {
  const auto number = send(s.from, s.to);
  s.is_sent = number.has_value();
  if (!number) return;
  s.number = *number;
  s.due = now + policy_.timeout_ns;
  ++s.attempts;
}

retransmissions::state retransmissions::plan(uint64_t now, const missing_fn& missing, const send_fn& send) {
  exhausted_.reset();
  for (auto& s : slots_) {
    if (!s.active) continue;
    const auto hole = missing(s.from);
    if (!hole || hole->from > s.to) {
      s.active = false;
    } else if (s.is_sent && s.due > now) {
      if (hole->from > s.from) { // data flows: the rest gets its time too
        s.from = hole->from;
        s.due = now + policy_.timeout_ns;
      }
    } else {
      s.from = hole->from;
      if (s.attempts >= policy_.attempts) {
        exhausted_ = sdk::number_range{s.from, s.to};
        return state::exhausted;
      }
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
    slot fresh{true, false, 0, 0, hole->from, std::min(hole->to, last), 0};
    // Neighbouring holes within the reach of one request travel in it, since requests are counted by the day.
    while (fresh.to < last) {
      const auto more = missing(fresh.to + 1);
      if (!more || more->from > last) break;
      fresh.to = std::min(more->to, last);
    }
    s = fresh;
    ask(s, now, send);
    from = s.to + 1;
    if (!s.is_sent) break; // nothing can be sent at the moment
  }
  for (const auto& s : slots_)
    if (s.active) return state::waiting;
  return state::complete;
}

retransmissions::answer retransmissions::on_response(const request_response& response, uint64_t now) {
  for (auto& s : slots_) {
    if (!s.active || !s.is_sent || s.number != response.request) continue;
    const sdk::number_range range{s.from, s.to};
    if (response.status == '0') {
      s.due = now + policy_.timeout_ns;
      return {verdict::accepted, range};
    }
    s.active = false;
    if (response.status == '3' && longest_ > 1) {
      longest_ = std::max<uint32_t>(1, std::min<uint32_t>(longest_, static_cast<uint32_t>(range.size())) / 2);
      return {verdict::split, range};
    }
    return {verdict::refused, range};
  }
  return {};
}

} // namespace tickplant::nyse
