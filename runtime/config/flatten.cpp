#include "runtime/config/flatten.hpp"

#include "runtime/config/document.hpp"

#include <algorithm>
#include <fstream>

namespace tickplant::config {

namespace {

constexpr size_t largest_document = 16u << 20;

} // namespace

std::string place::text() const {
  if (line <= 0) return file;
  return file + ':' + std::to_string(line) + ':' + std::to_string(column);
}

std::vector<flat_setting> flatten_text(std::string_view text, const std::string& name) {
  std::vector<flat_setting> settings;
  std::vector<fault> faults;
  document_budget budget;
  const auto root = parse_document(text, name, budget, faults);
  if (!faults.empty()) throw document_fault{faults.front().where, faults.front().problem};
  if (!root.is_given()) return settings;
  if (root.is != node::kind::map)
    throw document_fault{root.at, "wanted keys and values at the top, found something else"};
  flatten(root, "", settings);
  return settings;
}

std::vector<flat_setting> flatten_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::string text;
  if (file) {
    text.resize(largest_document + 1);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.bad()) text.resize(static_cast<size_t>(file.gcount()));
  }
  if (file.bad() || !file.is_open()) throw document_fault{{path, 0, 0}, "cannot be read"};
  if (text.size() > largest_document) throw document_fault{{path, 0, 0}, "is larger than 16 MiB"};
  return flatten_text(text, path);
}

place place_of(const std::vector<flat_setting>& settings, std::string_view key) {
  for (std::string_view part = key; !part.empty();) {
    const auto found = std::ranges::find_if(settings, [&](const flat_setting& setting) {
      return setting.key == part ||
             (setting.key.starts_with(part) && setting.key.size() > part.size() && setting.key[part.size()] == '.');
    });
    if (found != settings.end()) return found->at;
    const size_t dot = part.rfind('.');
    part = dot == std::string_view::npos ? std::string_view{} : part.substr(0, dot);
  }
  return {settings.empty() ? std::string{} : settings.front().at.file, 0, 0};
}

std::vector<std::pair<std::string, std::string>> pairs_of(const std::vector<flat_setting>& settings) {
  std::vector<std::pair<std::string, std::string>> pairs;
  pairs.reserve(settings.size());
  for (const auto& setting : settings) pairs.emplace_back(setting.key, setting.value);
  return pairs;
}

} // namespace tickplant::config
