// A file that a setting names, read whole for a plugin at startup or reload.
#pragma once

#include <string>
#include <string_view>

namespace tickplant::plugin {

struct setting_file {
  std::string path;    // absolute
  std::string bytes;   // of a file that could be read
  std::string problem; // for people; empty: it was read
  bool too_large = false;
};

/// `path` is relative to `base`, or absolute. Refused are what is no regular file (a pipe would hang us), files that
/// everybody may write, and those of more than `most` bytes.
setting_file read_setting_file(std::string_view base, std::string_view path, size_t most);

} // namespace tickplant::plugin
