#include "runtime/config/reader.hpp"
#include "runtime/config/value.hpp"

#include <algorithm>
#include <map>

namespace tickplant::config {

namespace {

std::string path_of(size_t index, const char* key) {
  return "listeners." + std::to_string(index) + '.' + key;
}

void check_names(const std::vector<listener_options>& listeners, std::vector<fault>& faults) {
  std::map<std::string, const listener_options*> names, binds;
  for (size_t i = 0; i < listeners.size(); ++i) {
    const auto& listener = listeners[i];
    const auto [named, is_new_name] = names.emplace(listener.name, &listener);
    if (!is_new_name)
      faults.push_back({listener.where, path_of(i, "name"),
                        "'" + listener.name + "' names another listener already, at " + named->second->where.text()});
    if (listener.port == 0) continue; // each takes a free one
    const auto address = endpoint_text(listener.address, listener.port);
    const auto [bound, is_new_bind] = binds.emplace(address, &listener);
    if (!is_new_bind)
      faults.push_back(
        {listener.where, path_of(i, "bind"), address + " is taken by listener '" + bound->second->name + "' already"});
  }
}

void check_admin(const server_options& options, std::vector<fault>& faults) {
  const auto& admin = options.admin;
  if (!admin.is_on || admin.port == 0) return;
  for (const auto& listener : options.listeners)
    if (listener.port == admin.port && listener.address == admin.address)
      faults.push_back(
        {listener.where, "admin.bind",
         endpoint_text(admin.address, admin.port) + " is taken by listener '" + listener.name + "' already"});
}

// Filled in place: of a temporary that is moved in, g++ 12 warns without cause.
void add_fault(std::vector<fault>& faults, const place& at, std::string path, std::string problem) {
  auto& made = faults.emplace_back();
  made.where = at;
  made.path = std::move(path);
  made.problem = std::move(problem);
}

void check_venue(const venue_options& venue, std::vector<fault>& faults) {
  const auto path = "venues." + venue.name;
  if (venue.breaker.open_first > venue.breaker.open_max)
    add_fault(faults, venue.where, path + ".breaker.open_first", "is longer than breaker.open_max");
  for (const auto& setting : venue.backup.settings) {
    const auto first = setting.key.substr(0, setting.key.find('.'));
    for (const auto* own : {"plugin", "required", "symbols", "breaker", "backup", "recovery", "validation"})
      if (first == own)
        add_fault(faults, setting.at, path + ".backup." + setting.key,
                  "'" + first + "' is the same for both groups of lines: write it at the venue");
  }
}

// Venues are shown in upper case, and may be named so in legs.
bool has_venue(const server_options& options, std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::any_of(options.venues.begin(), options.venues.end(),
                     [&](const venue_options& venue) { return venue.name == name; });
}

void check_cross_listing(const cross_listing_options& listing, std::vector<fault>& faults) {
  const auto path = "consolidation.cross_listings." + listing.name;
  if (listing.legs.size() < 2)
    faults.push_back(
      {listing.where, path + ".legs", "at least two legs are wanted, as in [\"LSE:VOD\", \"NYSE:VOD\"]"});
  for (const auto* factors : {&listing.factors, &listing.size_factors})
    for (const auto& [leg, number] : *factors)
      if (std::find(listing.legs.begin(), listing.legs.end(), leg) == listing.legs.end())
        faults.push_back({listing.where, path + (factors == &listing.factors ? ".factors" : ".size_factors"),
                          "'" + leg + "' is none of the legs: it has to be written as there"});
}

void check_consolidation(const server_options& options, std::vector<fault>& faults) {
  const auto& consolidation = options.consolidation;
  for (const auto& listing : consolidation.cross_listings) check_cross_listing(listing, faults);
  if (!consolidation.enabled) return;
  for (const auto& venue : options.venues)
    if (venue.name == "cons")
      faults.push_back({venue.where, "venues.cons",
                        "'cons' is the name of consolidated instruments: choose another, or set "
                        "consolidation.enabled: false"});
}

} // namespace

void cross_check(const server_options& options, std::vector<fault>& faults) {
  check_consolidation(options, faults);
  check_names(options.listeners, faults);
  check_admin(options, faults);
  for (const auto& venue : options.venues) check_venue(venue, faults);
  for (size_t i = 0; i < options.listeners.size(); ++i) {
    const auto& listener = options.listeners[i];
    if (listener.tls.certificate.empty() != listener.tls.key.empty())
      faults.push_back(
        {listener.where, path_of(i, "tls"), "'certificate' and 'key' belong together: one of them is missing"});
  }
  for (const auto& policy : options.compression)
    if (policy.name == "none")
      faults.push_back(
        {policy.where, "compression.none", "'none' means no compression and cannot be the name of a policy"});
}

// Venues may come with a later configuration; until then what names them has no effect, as with a slip of the pen.
void cross_warn(server_options& options) {
  const auto& consolidation = options.consolidation;
  const auto warn = [&](const place& where, const std::string& path, const std::string& venue) {
    if (!has_venue(options, venue))
      options.warnings.push_back(to_text({{where, path, "there is no venue '" + venue + "' in `venues`"}}));
  };
  for (const auto& [venue, fee] : consolidation.fees) warn(consolidation.fees_at, "consolidation.fees." + venue, venue);
  for (const auto& listing : consolidation.cross_listings)
    for (const auto& leg : listing.legs)
      warn(listing.where, "consolidation.cross_listings." + listing.name + ".legs", leg.substr(0, leg.find(':')));
}

} // namespace tickplant::config
