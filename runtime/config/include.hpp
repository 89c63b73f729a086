// A configuration file and all that it includes, merged into one tree.
#pragma once

#include "runtime/config/document.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tickplant::config {

/// What is collected on the way.
struct include_result {
  node root;
  std::vector<fault> faults;
  std::vector<std::string> files; // every file that was read and every folder that was listed, absolute
};

/// Reads `file`. `include:` at the top of a file names a file, a folder (all its *.yaml in the order of their names) or
/// a list of these, from the folder of that file; at most 8 deep and 256 files together. What is included comes after
/// what the file itself says. Sections are merged key by key and lists of listeners joined; a key or a name that stands
/// in two places is a fault.
include_result read_with_includes(const std::string& file);
/// The same with the text of the first file given.
include_result parse_with_includes(std::string_view text, const std::string& file);

} // namespace tickplant::config
