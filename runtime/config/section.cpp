#include "runtime/config/section.hpp"

#include "runtime/config/flatten_node.hpp"

#include <tickplant/plugin.hpp>

#include <algorithm>

namespace tickplant::config {

place fault_list::at(const YAML::Node& node) const {
  return node.IsDefined() ? place_of(node, file) : place{file, 0, 0};
}

void fault_list::add(const YAML::Node& node, std::string path, std::string problem) {
  faults.push_back({at(node), std::move(path), std::move(problem)});
}

section::section(fault_list& faults, YAML::Node node, std::string path)
  : faults_(faults), node_(node), path_(std::move(path)) {
  if (node_.IsDefined() && !node_.IsNull() && !node_.IsMap())
    faults_.add(node_, path_, "a mapping of keys to values is wanted here");
}

std::string section::path_of(const std::string& key) const {
  return path_.empty() ? key : path_ + '.' + key;
}

YAML::Node section::take(const char* key) {
  known_.emplace_back(key);
  // A const view: asking a mutable node for a missing key would add it.
  const YAML::Node& view = node_;
  return view.IsDefined() && view.IsMap() ? view[key] : YAML::Node{YAML::NodeType::Undefined};
}

bool section::scalar(const char* key, const YAML::Node& node, const char* wanted) {
  if (!node.IsDefined() || node.IsNull()) return false;
  if (node.IsScalar()) return true;
  faults_.add(node, path_of(key), std::string{wanted} + " is wanted, not a list or mapping");
  return false;
}

void section::complain(const char* key, std::string problem) {
  const YAML::Node& view = node_;
  const auto node = view.IsDefined() && view.IsMap() && view[key].IsDefined() ? view[key] : node_;
  faults_.add(node, path_of(key), std::move(problem));
}

void section::text(const char* key, std::string& to) {
  const auto node = take(key);
  if (scalar(key, node, "a text")) to = node.Scalar();
}

void section::flag(const char* key, bool& to) {
  const auto node = take(key);
  if (!scalar(key, node, "true or false")) return;
  if (node.Scalar() == "true" || node.Scalar() == "false")
    to = node.Scalar() == "true";
  else
    faults_.add(node, path_of(key), "true or false is wanted, not '" + node.Scalar() + "'");
}

void section::number(const char* key, uint32_t& to, uint32_t least, uint32_t most) {
  const auto node = take(key);
  if (!scalar(key, node, "a whole number")) return;
  const auto value = sdk::to_number<uint32_t>(node.Scalar());
  if (value && *value >= least && *value <= most)
    to = *value;
  else
    faults_.add(node, path_of(key),
                "a whole number from " + std::to_string(least) + " to " + std::to_string(most) + " is wanted, not '" +
                  node.Scalar() + "'");
}

void section::duration(const char* key, std::chrono::milliseconds& to, std::chrono::milliseconds least,
                       std::chrono::milliseconds most) {
  const auto node = take(key);
  if (!scalar(key, node, "a duration")) return;
  const auto value = sdk::to_duration_ns(node.Scalar());
  const auto rounded = std::chrono::milliseconds{value ? static_cast<int64_t>(*value / 1'000'000) : -1};
  if (value && rounded >= least && rounded <= most)
    to = rounded;
  else
    faults_.add(node, path_of(key),
                "a duration with its unit (250ms, 5s, 2m) from " + std::to_string(least.count()) + "ms to " +
                  std::to_string(most.count()) + "ms is wanted, not '" + node.Scalar() + "'");
}

void section::texts(const char* key, std::vector<std::string>& to) {
  const auto node = take(key);
  if (!node.IsDefined() || node.IsNull()) return;
  to.clear();
  if (node.IsScalar()) return to.push_back(node.Scalar());
  if (!node.IsSequence()) return faults_.add(node, path_of(key), "a list of texts is wanted");
  for (const auto& entry : node) {
    if (entry.IsScalar())
      to.push_back(entry.Scalar());
    else
      faults_.add(entry, path_of(key), "each entry has to be a text");
  }
}

section section::child(const char* key) {
  return {faults_, take(key), path_of(key)};
}

void section::each(const char* key, const std::function<void(const std::string&, const YAML::Node&)>& visit) {
  const auto node = take(key);
  if (!node.IsDefined() || node.IsNull()) return;
  if (!node.IsMap()) return faults_.add(node, path_of(key), "a mapping of names is wanted");
  std::vector<std::string> seen;
  for (const auto& pair : node) {
    const auto name = pair.first.IsScalar() ? pair.first.Scalar() : std::string{};
    if (std::find(seen.begin(), seen.end(), name) != seen.end())
      faults_.add(pair.first, path_of(key) + '.' + name, "this name stands here twice");
    seen.push_back(name);
    visit(name, pair.second);
  }
}

void section::list(const char* key, const std::function<void(size_t, const YAML::Node&)>& visit) {
  const auto node = take(key);
  if (!node.IsDefined() || node.IsNull()) return;
  if (!node.IsSequence()) return faults_.add(node, path_of(key), "a list is wanted");
  for (size_t i = 0; i < node.size(); ++i) visit(i, node[i]);
}

void section::close() {
  if (!node_.IsDefined() || !node_.IsMap()) return;
  std::vector<std::string> seen;
  for (const auto& pair : node_) {
    const auto key = pair.first.IsScalar() ? pair.first.Scalar() : std::string{};
    if (std::find(seen.begin(), seen.end(), key) != seen.end())
      faults_.add(pair.first, path_of(key), "this key stands here twice");
    seen.push_back(key);
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const auto near = nearest(key, known_);
    faults_.add(pair.first, path_of(key),
                "unknown key" + (near.empty() ? std::string{} : ", did you mean '" + near + "'?"));
  }
}

std::vector<flat_setting> section::rest() {
  std::vector<flat_setting> settings;
  if (!node_.IsDefined() || !node_.IsMap()) return settings;
  for (const auto& pair : node_) {
    const auto key = pair.first.IsScalar() ? pair.first.Scalar() : std::string{};
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    try {
      flatten_node(pair.second, faults_.file, key, settings);
    } catch (const document_fault& fault) {
      faults_.faults.push_back({fault.where, path_of(key), fault.what()});
    }
  }
  return settings;
}

} // namespace tickplant::config
