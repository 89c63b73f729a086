#include "tickplant_sim/flow/flow_book.hpp"

#include <algorithm>
#include <cassert>

namespace tickplant::sim {

std::vector<flow_book::price_level>::iterator flow_book::find(side s, tick_count key) noexcept {
  auto& side_levels = levels(s);
  return std::lower_bound(side_levels.begin(), side_levels.end(), key,
                          [](const price_level& level, tick_count wanted) { return level.key < wanted; });
}

flow_book::slot flow_book::insert(std::uint64_t reference, side s, tick_count tick, std::uint32_t shares) {
  slot order;
  if (free_.empty()) {
    order = static_cast<slot>(orders_.size());
    orders_.emplace_back();
  } else {
    order = free_.back();
    free_.pop_back();
  }
  orders_[order] = {reference, tick, shares, s, none, none, static_cast<std::uint32_t>(live_.size())};
  live_.push_back(order);
  const auto key = key_of(s, tick);
  auto level = find(s, key);
  if (level == levels(s).end() || level->key != key) {
    levels(s).insert(level, {key, order, order});
    return order;
  }
  orders_[order].earlier = level->tail;
  orders_[level->tail].later = order;
  level->tail = order;
  return order;
}

bool flow_book::reduce(slot order, std::uint32_t shares) {
  assert(shares <= orders_[order].shares);
  orders_[order].shares -= shares;
  if (orders_[order].shares > 0) return false;
  erase(order);
  return true;
}

void flow_book::erase(slot order) {
  const resting_order gone = orders_[order];
  assert(gone.live_index < live_.size() && live_[gone.live_index] == order);
  auto level = find(gone.s, key_of(gone.s, gone.tick));
  if (gone.earlier != none) orders_[gone.earlier].later = gone.later;
  if (gone.later != none) orders_[gone.later].earlier = gone.earlier;
  if (level->head == order) level->head = gone.later;
  if (level->tail == order) level->tail = gone.earlier;
  if (level->head == none) levels(gone.s).erase(level);
  live_[gone.live_index] = live_.back();
  orders_[live_.back()].live_index = gone.live_index;
  live_.pop_back();
  free_.push_back(order);
}

} // namespace tickplant::sim
