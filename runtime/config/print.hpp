// What people read of the configuration; all of it comes from the table of declaration.hpp.
#pragma once

#include "runtime/config/document.hpp"

#include <optional>
#include <string>

namespace tickplant::config {

/// YAML with every key, its default, unit and meaning. It loads; sections of names (venues, auth, ...) are comments.
std::string print_defaults();

/// Everything about one key (a concrete path or a pattern), or the keys of a section. Nothing: unknown.
std::optional<std::string> explain(const std::string& path);

/// The merged configuration as YAML, with the place of each value as a comment; secrets are redacted.
std::string print_config(const node& tree);

/// configs/README.md.
std::string print_reference();

} // namespace tickplant::config
