// A configuration file that changes while its reader runs, in the ways in which people and tools change files.
#pragma once

#include <filesystem>
#include <string>

namespace tickplant::testing {

/// Lies in a folder that somebody else removes.
class config_file {
public:
  enum class way { in_place, rename, link_swap };

  explicit config_file(const std::filesystem::path& folder);
  std::string path() const { return path_.string(); }
  void write(way how, const std::string& text);

  /// The file is opened, emptied and written, wherever a symbolic link leads.
  void write_in_place(const std::string& text) const;
  /// A new file takes its name, as editors do it.
  void rename_over(const std::string& text) const;
  /// The path is a link into a folder that is a link itself, and that one is pointed to a new folder: a config map.
  void swap_link(const std::string& text);

private:
  std::filesystem::path folder_, path_;
  int version_ = 0;
};

} // namespace tickplant::testing
