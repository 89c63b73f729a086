// What lies over the YAML: the environment, and above it --set PATH=VALUE. Changes the tree before it is read, so that
// such values are checked like all others; their places are "environment: NAME" and "--set PATH".
#pragma once

#include "runtime/config/declaration.hpp"

#include <string>
#include <utility>
#include <vector>

namespace tickplant::config {

/// TICKPLANT_SECTION__KEY=VALUE for every key; WS_PORT (or PORT) and WS_HOST for the first listener; ALLOWED_ORIGINS
/// (comma between) for all. Names that begin with TICKPLANT_ and a section, but name no key, are faults.
void apply_environment(const environment_map& environment, node& root, std::vector<fault>& faults);

/// In their order: the last one of a path wins.
void apply_sets(const std::vector<std::pair<std::string, std::string>>& sets, node& root, std::vector<fault>& faults);

/// TICKPLANT_LISTENERS__0__BIND; `*` becomes 0 in lists and NAME elsewhere.
std::string environment_name(const std::string& path);

} // namespace tickplant::config
