#include "runtime/config/document.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>

namespace tickplant::config {

namespace {

constexpr int deepest = 32;

place place_at(const YAML::Mark& mark, const std::string& file) {
  if (mark.is_null()) return {file, 0, 0};
  return {file, mark.line + 1, mark.column + 1};
}

class converter {
public:
  converter(const std::string& file, document_budget& budget, std::vector<fault>& faults)
    : file_(file), budget_(budget), faults_(faults), whole_(budget.settings) {}

  node convert(const YAML::Node& from, const std::string& path, int depth) {
    node to;
    to.at = place_at(from.Mark(), file_);
    if (depth > deepest) throw document_fault{to.at, "nested deeper than " + std::to_string(deepest) + " levels"};
    switch (from.Type()) {
      case YAML::NodeType::Map: convert_map(from, to, path, depth); break;
      case YAML::NodeType::Sequence: convert_list(from, to, path, depth); break;
      case YAML::NodeType::Scalar:
        to.is = node::kind::scalar;
        to.text = from.Scalar();
        break;
      default: break; // a key without a value
    }
    if (to.members.empty()) spend(to.at);
    return to;
  }

private:
  void spend(const place& at) {
    if (budget_.settings == 0) throw document_fault{at, "more than " + std::to_string(whole_) + " settings"};
    --budget_.settings;
  }

  void convert_map(const YAML::Node& from, node& to, const std::string& path, int depth) {
    to.is = node::kind::map;
    std::map<std::string, place> seen;
    for (const auto& entry : from) {
      const auto at = place_at(entry.first.Mark(), file_);
      if (!entry.first.IsScalar()) throw document_fault{at, "a key has to be a plain word"};
      const auto& name = entry.first.Scalar();
      const auto key = joined(path, name);
      const auto [first, is_new] = seen.emplace(name, at);
      if (is_new) {
        to.members.push_back({name, at, convert(entry.second, key, depth + 1)});
        continue;
      }
      spend(at); // so that the faults are bounded as well
      faults_.push_back({at, "", "the key '" + key + "' is given twice, first at " + first->second.text()});
    }
  }

  void convert_list(const YAML::Node& from, node& to, const std::string& path, int depth) {
    to.is = node::kind::list;
    size_t number = 0;
    for (const auto& entry : from)
      to.members.push_back(
        {"", place_at(entry.Mark(), file_), convert(entry, joined(path, std::to_string(number++)), depth + 1)});
  }

  const std::string& file_;
  document_budget& budget_;
  std::vector<fault>& faults_;
  size_t whole_;
};

} // namespace

std::string joined(const std::string& above, const std::string& name) {
  return above.empty() ? name : above + '.' + name;
}

node scalar_node(std::string text, place at) {
  node made;
  made.is = node::kind::scalar;
  made.text = std::move(text);
  made.at = std::move(at);
  return made;
}

const node* node::find(std::string_view name) const {
  if (is != kind::map) return nullptr;
  const auto found = std::find_if(members.begin(), members.end(), [&](const member& m) { return m.name == name; });
  return found == members.end() ? nullptr : &found->value;
}

node* node::find(std::string_view name) {
  return const_cast<node*>(static_cast<const node*>(this)->find(name));
}

node parse_document(std::string_view text, const std::string& name, document_budget& budget,
                    std::vector<fault>& faults) {
  try {
    const auto documents = YAML::LoadAll(std::string{text});
    if (documents.empty()) return node{node::kind::nothing, {}, {}, {name, 0, 0}};
    if (documents.size() > 1)
      throw document_fault{place_at(documents[1].Mark(), name), "a second document (---): one file holds one"};
    return converter{name, budget, faults}.convert(documents[0], "", 0);
  } catch (const YAML::Exception& broken) {
    throw document_fault{place_at(broken.mark, name), "not YAML: " + broken.msg};
  }
}

void flatten(const node& from, const std::string& prefix, std::vector<flat_setting>& into) {
  if (from.is == node::kind::scalar || from.is == node::kind::nothing)
    return into.push_back({prefix, from.text, from.at});
  size_t number = 0;
  for (const auto& m : from.members)
    flatten(m.value, joined(prefix, from.is == node::kind::map ? m.name : std::to_string(number++)), into);
}

} // namespace tickplant::config
