#include "runtime/fanout/directory.hpp"

#include "runtime/consolidation/listing.hpp"

#include <algorithm>

namespace tickplant::fanout {

directory::venue_names* directory::find_venue(std::string_view name) {
  const auto found = std::find_if(venues_.begin(), venues_.end(), [&](const venue_names& v) { return v.name == name; });
  return found == venues_.end() ? nullptr : &*found;
}

const directory::venue_names* directory::find_venue(std::string_view name) const {
  return const_cast<directory*>(this)->find_venue(name);
}

void directory::set_venues(const std::vector<std::string>& names) {
  std::vector<venue_names> ordered;
  for (const auto& name : names) {
    if (auto* known = find_venue(name))
      ordered.push_back(std::move(*known));
    else
      ordered.push_back({name, false, {}});
  }
  venues_ = std::move(ordered);
}

void directory::add(model::instrument_id id, model::instrument_ptr instrument) {
  if (auto* venue = find_venue(instrument->venue)) venue->symbols.insert_or_assign(instrument->symbol, id);
  by_id_.insert_or_assign(model::index_of(id), std::move(instrument));
}

void directory::remove(model::instrument_id id) {
  const auto found = by_id_.find(model::index_of(id));
  if (found == by_id_.end()) return;
  if (auto* venue = find_venue(found->second->venue)) {
    const auto symbol = venue->symbols.find(found->second->symbol);
    if (symbol != venue->symbols.end() && symbol->second == id) venue->symbols.erase(symbol);
  }
  by_id_.erase(found);
}

void directory::complete(std::string_view venue) {
  if (auto* found = find_venue(venue)) found->is_complete = true;
}

void directory::incomplete(std::string_view venue) {
  if (auto* found = find_venue(venue)) found->is_complete = false;
}

resolution directory::resolve(std::string_view name) const {
  using kind = resolution::kind;
  // A symbol may hold a colon of its own, so a prefix counts as a venue only if there is such a venue.
  if (const auto colon = name.find(':'); colon != std::string_view::npos) {
    if (const auto* venue = find_venue(name.substr(0, colon))) {
      const auto symbol = venue->symbols.find(name.substr(colon + 1));
      if (symbol != venue->symbols.end()) return {kind::found, symbol->second};
      return {venue->is_complete ? kind::unknown : kind::pending, {}};
    }
  }
  bool is_open = false;
  for (const auto& venue : venues_) {
    if (venue.name == consolidation::venue_name) continue; // asked for by its name alone
    const auto symbol = venue.symbols.find(name);
    if (symbol != venue.symbols.end()) return {kind::found, symbol->second};
    is_open |= !venue.is_complete;
  }
  return {is_open ? kind::pending : kind::unknown, {}};
}

model::instrument_ptr directory::find(model::instrument_id id) const {
  const auto found = by_id_.find(model::index_of(id));
  return found == by_id_.end() ? nullptr : found->second;
}

bool directory::is_complete(std::string_view venue) const {
  const auto* found = find_venue(venue);
  return found && found->is_complete;
}

std::vector<std::string> directory::venues() const {
  std::vector<std::string> names;
  for (const auto& venue : venues_) names.push_back(venue.name);
  return names;
}

void directory::append(const venue_names& venue, const wildcard* pattern, std::vector<model::instrument_id>& to) const {
  const size_t first = to.size();
  for (const auto& [symbol, id] : venue.symbols)
    if (!pattern || pattern->matches(venue.name, symbol)) to.push_back(id);
  std::sort(to.begin() + static_cast<ptrdiff_t>(first), to.end(),
            [&](auto a, auto b) { return find(a)->symbol < find(b)->symbol; });
}

std::vector<model::instrument_id> directory::all() const {
  std::vector<model::instrument_id> ids;
  for (const auto& venue : venues_) append(venue, nullptr, ids);
  return ids;
}

std::vector<model::instrument_id> directory::ids() const {
  std::vector<model::instrument_id> ids;
  ids.reserve(by_id_.size());
  for (const auto& [index, instrument] : by_id_) ids.push_back(model::instrument_id{index});
  return ids;
}

std::vector<model::instrument_id> directory::matching(const wildcard& pattern) const {
  std::vector<model::instrument_id> ids;
  for (const auto& venue : venues_)
    if (pattern.venue().empty() || pattern.venue() == venue.name) append(venue, &pattern, ids);
  return ids;
}

bool directory::is_open(const wildcard& pattern) const {
  return std::any_of(venues_.begin(), venues_.end(), [&](const venue_names& venue) {
    const bool is_meant =
      pattern.venue().empty() ? venue.name != consolidation::venue_name : venue.name == pattern.venue();
    return is_meant && !venue.is_complete;
  });
}

} // namespace tickplant::fanout
