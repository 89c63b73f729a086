// Which group's tick a slot waits for, and the options that slots share.
#include "runtime/fanout/hub_core.hpp"

#include <utility>

namespace tickplant::fanout {

hub::client_rest& hub_core::rest_of(client& c) {
  if (!c.rest) c.rest = std::make_unique<hub::client_rest>();
  return *c.rest;
}

slot_bits& hub_core::mask_of(client& c, uint32_t group) {
  auto& masks = rest_of(c).masks;
  for (auto& [number, bits] : masks)
    if (number == group) return bits;
  return masks.emplace_back(group, slot_bits{}).second;
}

// From now on the masks tell which slots are in which group.
void hub_core::mix_groups(client& c) {
  if (std::exchange(c.group, client::mixed) == client::mixed) return;
  for (uint32_t slot = 0; slot < c.slots.size(); ++slot)
    if (const auto& row = c.slots[slot]; row.instrument != none && !(row.flags & hub::slot_is_paused))
      mask_of(c, row.group).set(slot);
}

void hub_core::join_group(client& c, uint32_t slot, uint32_t group) {
  if (c.group == none) c.group = group;
  if (c.group == group) return;
  mix_groups(c);
  mask_of(c, group).set(slot);
}

void hub_core::leave_group(client& c, uint32_t slot, uint32_t group) {
  if (c.group == client::mixed) mask_of(c, group).clear(slot);
}

uint32_t hub_core::find_options(const option_set& options) const {
  const auto found = option_numbers_.find(options);
  return found == option_numbers_.end() ? none : found->second;
}

uint32_t hub_core::take_options(const option_set& options) {
  uint32_t number = find_options(options);
  if (number == none) {
    if (free_options_.empty()) {
      number = static_cast<uint32_t>(options_.size());
      options_.emplace_back();
    } else {
      number = free_options_.back();
      free_options_.pop_back();
    }
    options_[number].options = options;
    option_numbers_.emplace(options, number);
  }
  ++options_[number].slots;
  return number;
}

void hub_core::give_options(uint32_t number) {
  auto& given = options_[number];
  if (--given.slots > 0) return;
  option_numbers_.erase(given.options);
  given.options = {};
  free_options_.push_back(number);
}

} // namespace tickplant::fanout
