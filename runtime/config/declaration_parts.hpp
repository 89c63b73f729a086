// The declaration's parts, put together by declaration.cpp. Inside this folder only.
#pragma once

#include "runtime/config/binding.hpp"

namespace tickplant::config::declare {

constexpr auto live = reload_class::live, new_connections = reload_class::new_connections,
               component = reload_class::component, process = reload_class::process;

inline const std::string endpoint_wanted =
  "ADDRESS:PORT with a numeric address (127.0.0.1:8081, [::1]:8081; port 0 takes a free one)";

inline bool is_not_empty(const std::string& text) {
  return !text.empty();
}

// Whatever has no key of its own belongs to the plugin; its name begins behind `Above` parts of the path. Settings
// and Content are fields.
template <class Settings, class Content, size_t Above>
binding settings_in() {
  binding made{value_type::settings, "what the plugin's own reference says", {}, {}, {}};
  made.put = [](const node& value, const std::string& path, options_part to, reading_context& context) {
    std::vector<flat_setting> read;
    const auto parts = split_path(path);
    std::string name; // without the section and the name of the entry
    for (size_t i = Above; i < parts.size(); ++i) name = joined(name, parts[i]);
    flatten(value, name, read);
    for (auto& setting : read) {
      if (is_secret_setting(setting.key)) {
        if (auto text = bind::secret(scalar_node(setting.value, setting.at), path, context)) setting.value = *text;
      } else if (is_file_setting(setting.key) && !setting.value.empty() &&
                 setting.value.find("://") == std::string::npos) {
        setting.value = bind::absolute(setting.value, setting.at);
        Content::in(to) += bind::content_of(setting.value, context);
      }
      Settings::in(to).push_back(std::move(setting));
    }
  };
  return made;
}

template <auto Settings, auto Content>
binding settings() {
  return settings_in<bind::field<Settings>, bind::field<Content>, 2>();
}

void add_venues(std::vector<key>& to);
void add_listeners(std::vector<key>& to);
void add_policies(std::vector<key>& to);
void add_tiers(std::vector<key>& to);
void add_dialects(std::vector<key>& to);
void add_consolidation(std::vector<key>& to);

} // namespace tickplant::config::declare
