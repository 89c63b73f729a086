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

} // namespace

void cross_check(const server_options& options, std::vector<fault>& faults) {
  check_names(options.listeners, faults);
  check_admin(options, faults);
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
