#include "runtime/config/reader.hpp"
#include "runtime/config/value.hpp"

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

} // namespace

void cross_check(const server_options& options, std::vector<fault>& faults) {
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

} // namespace tickplant::config
