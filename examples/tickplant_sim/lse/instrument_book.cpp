#include "tickplant_sim/lse/instrument_book.hpp"

#include <iterator>

namespace tickplant::sim::lse {

instrument_book::level_map::const_iterator instrument_book::best_level(side s) const noexcept {
  const auto first = levels(s).begin();
  return has_market(s) ? std::next(first) : first;
}

void instrument_book::link(slot order) {
  auto& at = levels(orders_[order].s)[key_of(orders_[order])];
  orders_[order].earlier = at.tail;
  orders_[order].later = none;
  if (at.tail == none)
    at.head = order;
  else
    orders_[at.tail].later = order;
  at.tail = order;
}

void instrument_book::unlink(slot order) {
  const auto& gone = orders_[order];
  const auto level = levels(gone.s).find(key_of(gone));
  assert(level != levels(gone.s).end());
  if (gone.earlier != none) orders_[gone.earlier].later = gone.later;
  if (gone.later != none) orders_[gone.later].earlier = gone.earlier;
  if (level->second.head == order) level->second.head = gone.later;
  if (level->second.tail == order) level->second.tail = gone.earlier;
  if (level->second.head == none) levels(gone.s).erase(level);
}

instrument_book::slot instrument_book::insert(const order_terms& terms, std::uint64_t id, std::uint64_t now_ns) {
  slot order;
  if (free_.empty()) {
    order = static_cast<slot>(orders_.size());
    orders_.emplace_back();
  } else {
    order = free_.back();
    free_.pop_back();
  }
  auto& made = orders_[order];
  made = {terms, id, terms.shown, now_ns, none, none, static_cast<std::uint32_t>(live_.size())};
  live_.push_back(order);
  link(order);
  return order;
}

void instrument_book::set_quantity(slot order, std::uint32_t shown, std::uint32_t hidden) {
  auto& changed = orders_[order];
  changed.shown = shown;
  changed.hidden = hidden;
  changed.peak = std::max(changed.peak, shown);
}

void instrument_book::move(slot order, price8 price, std::uint32_t shown, std::uint32_t hidden) {
  unlink(order);
  orders_[order].price = price;
  set_quantity(order, shown, hidden);
  link(order);
}

void instrument_book::erase(slot order) {
  const auto index = orders_[order].live_index;
  assert(index < live_.size() && live_[index] == order);
  unlink(order);
  live_[index] = live_.back();
  orders_[live_.back()].live_index = index;
  live_.pop_back();
  free_.push_back(order);
}

void instrument_book::clear() {
  while (!live_.empty()) erase(live_.back());
}

instrument_book::slot instrument_book::front(side s) const noexcept {
  return levels(s).empty() ? none : levels(s).begin()->second.head;
}

std::uint64_t instrument_book::best_size(side s) const noexcept {
  const auto level = best_level(s);
  if (level == levels(s).end()) return 0;
  std::uint64_t size = 0;
  for (slot order = level->second.head; order != none; order = orders_[order].later) size += orders_[order].shown;
  return size;
}

} // namespace tickplant::sim::lse
