#include "runtime/book/held_events.hpp"

#include <algorithm>

namespace tickplant::book {

void held_events::append(list& to, uint32_t n) {
  node_at(n).next = 0;
  if (to.is_empty())
    to.first = n;
  else
    node_at(to.last).next = n;
  to.last = n;
}

void held_events::restore_order(list& events) {
  uint64_t last = 0;
  bool is_sorted = true;
  for (uint32_t n = events.first; n != 0 && is_sorted; n = node_at(n).next) {
    is_sorted = node_at(n).arrival >= last;
    last = node_at(n).arrival;
  }
  if (is_sorted) return;
  std::vector<uint32_t> nodes;
  for (uint32_t n = events.first; n != 0; n = node_at(n).next) nodes.push_back(n);
  std::sort(nodes.begin(), nodes.end(),
            [&](uint32_t a, uint32_t b) { return node_at(a).arrival < node_at(b).arrival; });
  events = list{};
  for (const uint32_t n : nodes) append(events, n);
}

void held_events::give(uint32_t n) {
  node_at(n).next = free_;
  free_ = n;
  if (--size_ == 0) {
    chunks_.clear();
    free_ = 0;
  }
}

bool held_events::push(list& to, const tp_event& event, uint64_t arrival) {
  if (size_ >= most_) return false;
  if (free_ == 0) {
    chunks_.push_back(std::make_unique<node[]>(chunk_nodes));
    const auto first = static_cast<uint32_t>((chunks_.size() - 1) * chunk_nodes + 1);
    for (uint32_t n = first + chunk_nodes; n-- > first;) {
      node_at(n).next = free_;
      free_ = n;
    }
  }
  const uint32_t n = free_;
  free_ = node_at(n).next;
  ++size_;
  node_at(n).event = event;
  node_at(n).arrival = arrival != 0 ? arrival : ++arrivals_;
  append(to, n);
  return true;
}

held_events::held held_events::pop(list& from) {
  const uint32_t n = from.first;
  const held result{node_at(n).event, node_at(n).arrival};
  from.first = node_at(n).next;
  if (from.is_empty()) from.last = 0;
  give(n);
  return result;
}

size_t held_events::drop(list& events) {
  size_t count = 0;
  for (; !events.is_empty(); ++count) pop(events);
  return count;
}

} // namespace tickplant::book
