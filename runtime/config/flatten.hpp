// YAML of a plugin's settings -> flattened key and value pairs, each with the place it was written at. Keys of maps are
// joined by dots, entries of lists get numbers: "lines.a", "symbols.0". Values stay the text that was written.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::config {

/// Where something was written; lines and columns count from 1, 0 = not known.
struct place {
  std::string file;
  int line = 0, column = 0;
  /// "venues.yaml:3:5"
  std::string text() const;
  /// Places never tell two settings apart: what is written is compared, not where.
  friend bool operator==(const place&, const place&) { return true; }
};

struct flat_setting {
  std::string key, value;
  place at;
  bool operator==(const flat_setting&) const = default;
};

/// What is wrong with a document; what() starts with the place.
struct document_fault : std::runtime_error {
  document_fault(const place& at, const std::string& why)
    : std::runtime_error(at.text() + ": " + why), where(at), problem(why) {}
  place where;
  std::string problem;
};

/// Throws document_fault: not readable, not YAML, not a map, double keys, nested deeper than 32, more than 65,536
/// settings.
std::vector<flat_setting> flatten_file(const std::string& path);
/// The same of a text; `name` stands for the file.
std::vector<flat_setting> flatten_text(std::string_view text, const std::string& name);

/// The place of the setting with this key, or of the nearest one above it; nothing known: the file alone.
place place_of(const std::vector<flat_setting>& settings, std::string_view key);

/// The pairs alone, as plugin hosts take them.
std::vector<std::pair<std::string, std::string>> pairs_of(const std::vector<flat_setting>& settings);

} // namespace tickplant::config
