// What a file has to be before it is loaded as a plugin: plugins are trusted code in our process.
#pragma once

#include <string>

namespace tickplant::plugin {

/// The file behind a path.
struct checked_file {
  std::string path;   // canonical
  std::string sha256; // 64 hex digits, lower case
  unsigned long long device = 0, inode = 0;
  bool is_same_file(const checked_file& other) const { return device == other.device && inode == other.inode; }
};

/// Throws plugin_fault unless the path is a readable regular file that not everybody may write, and, where
/// `wanted_sha256` is not empty, has that digest.
checked_file check_file(const std::string& path, const std::string& wanted_sha256 = {});

} // namespace tickplant::plugin
