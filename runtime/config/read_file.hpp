// Reads small files whole. Blocking; for loading only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace tickplant::config {

/// A configuration is a few kilobytes; more is not one.
constexpr size_t most_file_bytes = 1u << 20;

/// Nothing: not there, no permission, no regular file, or larger than `most`.
std::optional<std::string> read_small_file(const std::string& file, size_t most);
/// The same, but pipes are read too: for files that a person names on the command line.
std::optional<std::string> read_any_file(const std::string& file, size_t most, bool& is_too_large);

} // namespace tickplant::config
