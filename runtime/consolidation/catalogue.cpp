#include "runtime/consolidation/catalogue.hpp"

#include <algorithm>

namespace tickplant::consolidation {

namespace {

std::string full_name(const model::instrument& instrument) {
  return instrument.venue + ':' + instrument.symbol;
}

} // namespace

void catalogue::set_rules(rules now) {
  for (const auto& listing : rules_.listings) changed_.insert(listing.name);
  rules_ = std::move(now);
  for (const auto& listing : rules_.listings) changed_.insert(listing.name);
  for (const auto& [symbol, ids] : by_symbol_) changed_.insert(symbol);
}

void catalogue::add(model::instrument_id id, model::instrument_ptr instrument) {
  if (instrument->is_test) return;
  remove(id);
  auto& same = by_symbol_[instrument->symbol];
  same.push_back(id);
  by_full_name_[full_name(*instrument)] = id;
  note(*instrument);
  by_id_[model::index_of(id)] = std::move(instrument);
}

void catalogue::remove(model::instrument_id id) {
  const auto found = by_id_.find(model::index_of(id));
  if (found == by_id_.end()) return;
  const auto instrument = std::move(found->second);
  by_id_.erase(found);
  note(*instrument);
  const auto same = by_symbol_.find(instrument->symbol);
  std::erase(same->second, id);
  if (same->second.empty()) by_symbol_.erase(same);
  const auto named = by_full_name_.find(full_name(*instrument));
  if (named != by_full_name_.end() && named->second == id) by_full_name_.erase(named);
}

void catalogue::clear() {
  for (const auto& [symbol, ids] : by_symbol_) changed_.insert(symbol);
  for (const auto& listing : rules_.listings) changed_.insert(listing.name);
  by_id_.clear();
  by_symbol_.clear();
  by_full_name_.clear();
}

void catalogue::note(const model::instrument& instrument) {
  changed_.insert(instrument.symbol);
  const auto name = full_name(instrument);
  for (const auto& listing : rules_.listings)
    if (std::find(listing.legs.begin(), listing.legs.end(), name) != listing.legs.end()) changed_.insert(listing.name);
}

size_t catalogue::order_of(std::string_view venue) const {
  return static_cast<size_t>(std::find(rules_.venues.begin(), rules_.venues.end(), venue) - rules_.venues.begin());
}

const cross_listing* catalogue::configured(std::string_view name) const {
  for (const auto& listing : rules_.listings)
    if (listing.name == name) return &listing;
  return nullptr;
}

listing catalogue::make(const std::string& name) const {
  std::vector<candidate> candidates;
  if (const auto* wanted = configured(name)) {
    for (const auto& leg : wanted->legs) {
      const auto found = by_full_name_.find(leg);
      if (found == by_full_name_.end()) continue;
      candidate one;
      one.id = found->second;
      one.instrument = by_id_.at(model::index_of(one.id));
      const auto price = wanted->prices.find(leg), size = wanted->sizes.find(leg);
      one.has_factor = price != wanted->prices.end();
      if (price != wanted->prices.end()) one.price = price->second;
      if (size != wanted->sizes.end()) one.quantity = size->second;
      candidates.push_back(std::move(one));
    }
    return make_listing(name, wanted->currency, candidates);
  }
  const auto same = by_symbol_.find(name);
  if (!rules_.by_symbol || same == by_symbol_.end() || same->second.size() < 2 || name == every_symbol)
    return make_listing(name, {}, {});
  for (const auto id : same->second) {
    candidate one;
    one.id = id;
    one.instrument = by_id_.at(model::index_of(id));
    candidates.push_back(std::move(one));
  }
  std::stable_sort(candidates.begin(), candidates.end(), [&](const candidate& a, const candidate& b) {
    return order_of(a.instrument->venue) < order_of(b.instrument->venue);
  });
  return make_listing(name, {}, candidates);
}

} // namespace tickplant::consolidation
