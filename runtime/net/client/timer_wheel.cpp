#include "runtime/net/client/timer_wheel.hpp"

#include <algorithm>

namespace tickplant::net {

void timer_wheel::set(uint32_t index, uint32_t due) {
  if (index >= links_.size()) links_.resize(std::max<size_t>(index + 1, links_.size() * 2));
  due = std::clamp(due, now_ + 1, now_ + span);
  link& one = links_[index];
  if (one.due == due) return;
  clear(index);
  uint32_t& head = heads_[due % heads_.size()];
  one = {none, head, due};
  if (head != none) links_[head].previous = index;
  head = index;
}

void timer_wheel::clear(uint32_t index) {
  if (index >= links_.size() || links_[index].due == none) return;
  const link one = links_[index];
  if (one.previous != none)
    links_[one.previous].next = one.next;
  else
    heads_[one.due % heads_.size()] = one.next;
  if (one.next != none) links_[one.next].previous = one.previous;
  links_[index] = {};
}

void timer_wheel::advance(uint32_t now, std::vector<uint32_t>& due) {
  if (now <= now_) return;
  // A loop that was late by more than a round has every slot behind it.
  const uint32_t steps = std::min<uint32_t>(now - now_, span + 1);
  for (uint32_t step = 0; step != steps; ++step) {
    uint32_t& head = heads_[(now - step) % heads_.size()];
    while (head != none) {
      const uint32_t index = head;
      clear(index);
      due.push_back(index);
    }
  }
  now_ = now;
}

uint32_t timer_wheel::due_of(uint32_t index) const {
  return index < links_.size() ? links_[index].due : none;
}

} // namespace tickplant::net
