// The part of flatten.hpp that names yaml-cpp: for the loaders of this folder only.
#pragma once

#include "runtime/config/flatten.hpp"

#include <yaml-cpp/node/node.h>

namespace tickplant::config {

/// Appends the settings below `node` with keys that begin with `prefix`. Throws document_fault.
void flatten_node(const YAML::Node& node, const std::string& file, const std::string& prefix,
                  std::vector<flat_setting>& into);

/// Where a node was written.
place place_of(const YAML::Node& node, const std::string& file);

} // namespace tickplant::config
