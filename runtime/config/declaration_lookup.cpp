// Finding keys in the table.
#include "runtime/config/declaration.hpp"
#include "runtime/config/value.hpp"

#include <algorithm>
#include <set>

namespace tickplant::config {

const char* to_text(value_type type) {
  switch (type) {
    case value_type::text: return "text";
    case value_type::flag: return "flag";
    case value_type::number: return "whole number";
    case value_type::duration: return "duration";
    case value_type::bytes: return "size";
    case value_type::fraction: return "fraction";
    case value_type::choice: return "choice";
    case value_type::texts: return "list of texts";
    case value_type::address: return "address";
    case value_type::path: return "path";
    case value_type::paths: return "list of paths";
    case value_type::file: return "file";
    case value_type::secret: return "secret text";
    case value_type::secret_file: return "file with a secret";
    case value_type::mapping: return "mapping";
    case value_type::settings: return "plugin settings";
  }
  return "";
}

const char* to_text(reload_class effect) {
  switch (effect) {
    case reload_class::live: return "live";
    case reload_class::new_connections: return "new connections";
    case reload_class::component: return "component";
    case reload_class::process: return "process";
  }
  return "";
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const auto dot = path.find('.');
    parts.emplace_back(path.substr(0, dot));
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  }
  return parts;
}

const key* find_pattern(std::string_view pattern) {
  const auto& keys = declaration();
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const key& k) { return k.path == pattern; });
  return found == keys.end() ? nullptr : &*found;
}

bool is_section(std::string_view pattern) {
  const auto& keys = declaration();
  return std::any_of(keys.begin(), keys.end(), [&](const key& k) {
    return k.path.size() > pattern.size() && k.path.starts_with(pattern) &&
           (pattern.empty() || k.path[pattern.size()] == '.');
  });
}

std::string pattern_of(std::string_view path) {
  std::string pattern;
  for (const auto& part : split_path(path)) {
    auto next = joined(pattern, part);
    if (!find_pattern(next) && !is_section(next)) {
      if (find_pattern(joined(pattern, "**"))) return joined(pattern, "**");
      if (const auto* above = find_pattern(pattern); above && above->bound.type == value_type::mapping) return pattern;
      if (const auto* above = find_pattern(pattern);
          above && (above->bound.type == value_type::texts || above->bound.type == value_type::paths))
        return pattern;
      if (is_section(joined(pattern, "*"))) next = joined(pattern, "*");
    }
    pattern = std::move(next);
  }
  return pattern;
}

const key* find_key(std::string_view path) {
  return find_pattern(pattern_of(path));
}

std::vector<std::string> children_of(std::string_view pattern) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const auto& k : declaration()) {
    if (!pattern.empty() &&
        !(k.path.starts_with(pattern) && k.path.size() > pattern.size() && k.path[pattern.size()] == '.'))
      continue;
    const auto rest = pattern.empty() ? std::string_view{k.path} : std::string_view{k.path}.substr(pattern.size() + 1);
    std::string name{rest.substr(0, rest.find('.'))};
    if (name != "*" && name != "**" && seen.insert(name).second) names.push_back(std::move(name));
  }
  return names;
}

std::vector<std::string> nearest_keys(const std::string& path) {
  constexpr size_t most = 3, longest = 256;
  if (path.size() > longest) return {};
  std::vector<std::pair<size_t, std::string>> found;
  const auto last = [](std::string_view whole) { return std::string{whole.substr(whole.rfind('.') + 1)}; };
  for (const auto& k : declaration()) {
    if (k.bound.type == value_type::settings) continue;
    // A name alone is looked for as a name: "max_symbol" is near to "limits.max_symbols".
    const bool is_alone = path.find('.') == std::string::npos;
    const size_t far = is_alone ? distance(path, last(k.path)) : distance(pattern_of(path), k.path);
    if (far <= std::max<size_t>(2, path.size() / 3)) found.emplace_back(far, k.path);
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(most, found.size()); ++i) names.push_back(found[i].second);
  return names;
}

bool is_secret_path(std::string_view path) {
  const auto* declared = find_key(path);
  if (!declared) return is_secret_setting(path);
  return declared->is_secret() || (declared->bound.type == value_type::settings && is_secret_setting(path));
}

} // namespace tickplant::config
