// Reads the server's YAML, strictly: an unknown key, a wrong type or a value out of range is a fault with file, line,
// column and path; all faults come at once. Nothing is applied from a file that has any.
#pragma once

#include "runtime/config/options.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace tickplant::config {

struct fault {
  place where;
  std::string path;    // "venues.nasdaq.lines.a"
  std::string problem; // what is wrong, what is allowed
};

/// "file:line:column: path: problem", line by line.
std::string to_text(const std::vector<fault>& faults);

struct config_fault : std::runtime_error {
  explicit config_fault(std::vector<fault> list);
  std::vector<fault> faults;
};

/// Relative paths inside the file are taken from the file's folder. Throws config_fault.
server_options load_server(const std::string& file);
/// The same from text; `file` names it in faults and gives the folder.
server_options parse_server(const std::string& text, const std::string& file);

/// The known name that is nearest to a wrong one, empty if none is near.
std::string nearest(const std::string& wrong, const std::vector<std::string>& known);

} // namespace tickplant::config
