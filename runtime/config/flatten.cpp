#include "runtime/config/flatten.hpp"

#include "runtime/config/flatten_node.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

namespace tickplant::config {

namespace {

constexpr int deepest = 32;
constexpr size_t most_settings = 65'536;
constexpr size_t largest_document = 16u << 20;

class flattener {
public:
  flattener(const std::string& file, std::vector<flat_setting>& into) : file_(file), into_(into) {}

  void walk(const YAML::Node& node, const std::string& key, int depth) {
    const auto at = place_of(node, file_);
    if (depth > deepest) throw document_fault{at, "nested deeper than " + std::to_string(deepest) + " levels"};
    if (into_.size() >= most_settings)
      throw document_fault{at, "more than " + std::to_string(most_settings) + " settings"};
    switch (node.Type()) {
      case YAML::NodeType::Map: walk_map(node, key, depth); break;
      case YAML::NodeType::Sequence: {
        size_t number = 0;
        for (const auto& entry : node) walk(entry, joined(key, std::to_string(number++)), depth + 1);
        break;
      }
      case YAML::NodeType::Scalar: into_.push_back({key, node.Scalar(), at}); break;
      default: into_.push_back({key, "", at}); break; // a key without a value
    }
  }

private:
  static std::string joined(const std::string& above, const std::string& name) {
    return above.empty() ? name : above + '.' + name;
  }

  void walk_map(const YAML::Node& node, const std::string& key, int depth) {
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const auto at = place_of(entry.first, file_);
      if (!entry.first.IsScalar()) throw document_fault{at, "a key has to be a plain word"};
      const auto& name = entry.first.Scalar();
      if (!seen.insert(name).second) throw document_fault{at, "the key '" + joined(key, name) + "' is given twice"};
      walk(entry.second, joined(key, name), depth + 1);
    }
  }

  const std::string& file_;
  std::vector<flat_setting>& into_;
};

} // namespace

std::string place::text() const {
  if (line <= 0) return file;
  return file + ':' + std::to_string(line) + ':' + std::to_string(column);
}

place place_of(const YAML::Node& node, const std::string& file) {
  const auto mark = node.Mark();
  if (mark.is_null()) return {file, 0, 0};
  return {file, mark.line + 1, mark.column + 1};
}

void flatten_node(const YAML::Node& node, const std::string& file, const std::string& prefix,
                  std::vector<flat_setting>& into) {
  flattener{file, into}.walk(node, prefix, 0);
}

std::vector<flat_setting> flatten_text(std::string_view text, const std::string& name) {
  std::vector<flat_setting> settings;
  try {
    const YAML::Node root = YAML::Load(std::string{text});
    if (root.IsNull()) return settings;
    if (!root.IsMap())
      throw document_fault{place_of(root, name), "wanted keys and values at the top, found something else"};
    flatten_node(root, name, "", settings);
  } catch (const YAML::Exception& fault) {
    const bool known = !fault.mark.is_null();
    throw document_fault{{name, known ? fault.mark.line + 1 : 0, known ? fault.mark.column + 1 : 0}, fault.msg};
  }
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
