// Reading of one YAML mapping: each key is asked for once; what was not asked for is an unknown key. Inside
// runtime/config only.
#pragma once

#include "runtime/config/loader.hpp"

#include <yaml-cpp/yaml.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tickplant::config {

/// Faults of a whole file, with the file's name.
struct fault_list {
  std::string file;
  std::vector<fault> faults;
  place at(const YAML::Node& node) const;
  void add(const YAML::Node& node, std::string path, std::string problem);
};

class section {
public:
  /// A node that is not there is an empty section; one that is no mapping is a fault.
  section(fault_list& faults, YAML::Node node, std::string path);

  void text(const char* key, std::string& to);
  void flag(const char* key, bool& to);
  void number(const char* key, uint32_t& to, uint32_t least, uint32_t most);
  /// With its unit: 250ms, 5s, 2m, 1h.
  void duration(const char* key, std::chrono::milliseconds& to, std::chrono::milliseconds least,
                std::chrono::milliseconds most);
  /// A list of texts, or a lone one.
  void texts(const char* key, std::vector<std::string>& to);
  section child(const char* key);
  /// The pairs of a mapping in the file's order.
  void each(const char* key, const std::function<void(const std::string& name, const YAML::Node& node)>& visit);
  /// The entries of a list.
  void list(const char* key, const std::function<void(size_t index, const YAML::Node& node)>& visit);

  /// Reports the keys that nobody asked for.
  void close();
  /// Hands over the keys that nobody asked for, flattened, as a plugin's settings.
  std::vector<flat_setting> rest();
  void complain(const char* key, std::string problem);
  std::string path_of(const std::string& key) const;
  place where() const { return faults_.at(node_); }

private:
  YAML::Node take(const char* key);
  bool scalar(const char* key, const YAML::Node& node, const char* wanted);

  fault_list& faults_;
  YAML::Node node_;
  std::string path_;
  std::vector<std::string> known_;
};

} // namespace tickplant::config
