// Reads the server's configuration, strictly: an unknown key, a wrong type or a value out of range is a fault with
// file, line, column and path; all faults come at once. Nothing is applied from a configuration that has any. Reads
// files, so it blocks: not for loops. Any thread, no state.
#pragma once

#include "runtime/config/declaration.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::config {

struct load_request {
  std::string file;
  std::vector<std::pair<std::string, std::string>> sets; // --set PATH=VALUE, in their order
  environment_map environment;                           // of the process; empty: none counts
};

/// YAML, over it the environment, over that the sets. Relative paths are taken from the folder of the file that they
/// stand in. Throws config_fault.
server_options load(const load_request& request);
/// The merged tree before it becomes options, for --print-config. Throws config_fault if there is any fault.
node load_tree(const load_request& request);

/// A file alone. Throws config_fault.
server_options load_server(const std::string& file);
/// The same from text; `file` names it in faults and gives the folder.
server_options parse_server(std::string_view text, const std::string& file);

/// The process's own environment.
environment_map process_environment();

} // namespace tickplant::config
