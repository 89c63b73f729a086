// What is wrong with a configuration: each fault with its place, the key's path and what is allowed. Plain values.
#pragma once

#include "runtime/config/flatten.hpp"

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

/// The known name that is nearest to a wrong one, empty if none is near.
std::string nearest(const std::string& wrong, const std::vector<std::string>& known);
/// How many letters have to change, come or go (Levenshtein).
size_t distance(const std::string& one, const std::string& other);

} // namespace tickplant::config
