// Every key of the server, declared once: path, type, unit, default, what is allowed, when a change comes into force,
// and where its value goes. Loading, --print-defaults, --explain, hints, names of environment variables, redaction,
// differences and configs/README.md come from this table; no key is read that does not stand in it. The table is built
// at its first use and then constant: any thread may read it.
#pragma once

#include "runtime/config/document.hpp"
#include "runtime/config/options.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tickplant::config {

enum class value_type {
  text,
  flag,
  number,
  duration,
  bytes,
  fraction,
  choice,
  texts,
  address,
  path,
  paths,
  file,
  secret,
  secret_file,
  mapping,
  settings
};

enum class reload_class {
  live,            // in force at once for everybody
  new_connections, // for clients that come afterwards
  component,       // the venue or listener alone is started again
  process          // needs a restart of tickplantd
};

/// "text", "whole number", ...
const char* to_text(value_type type);
/// "live", "new connections", "component", "process".
const char* to_text(reload_class effect);

using environment_map = std::map<std::string, std::string>;

/// What a loading knows while it reads values, and what it collects.
struct reading_context {
  const environment_map& environment;
  std::vector<fault>& faults;
  std::vector<std::string>& files;    // that were read, absolute
  std::vector<std::string>& warnings; // what does not stop anything
};

/// The part of the options that a key belongs to.
using options_part = std::variant<server_options*, venue_options*, listener_options*, policy_options*, tier_options*,
                                  dialect_options*, cross_listing_options*>;
using const_part =
  std::variant<const server_options*, const venue_options*, const listener_options*, const policy_options*,
               const tier_options*, const dialect_options*, const cross_listing_options*>;

/// How a value gets into the options and out again.
struct binding {
  value_type type = value_type::text;
  std::string wanted; // what is allowed, as in "<wanted> is wanted"
  /// Checks the value and writes it, or tells faults. `path` is the concrete one. A value of nothing is never handed
  /// over, except to `settings`.
  std::function<void(const node& value, const std::string& path, options_part to, reading_context&)> put;
  /// As it would be written; lists and mappings as YAML flow text. Not redacted. Empty function: settings.
  std::function<std::string(const_part from)> show;
  std::string fallback; // the default, as shown
};

struct key {
  std::string path; // `*` stands for a name or number, `**` for a plugin's own keys
  reload_class effect = reload_class::live;
  std::string unit;    // what a number counts; empty: none, or it is part of the value
  std::string example; // never the default
  std::string about;
  binding bound;
  bool is_required = false;
  bool is_secret() const { return bound.type == value_type::secret; }
};

/// All keys, sections together, in the order of the reference.
const std::vector<key>& declaration();

/// The key of a concrete path (`listeners.0.bind`, `venues.nasdaq.lines.a`) or of a pattern; null: none.
const key* find_key(std::string_view path);
/// The key with exactly this pattern; null: none.
const key* find_pattern(std::string_view pattern);
/// Whether keys stand below this pattern.
bool is_section(std::string_view pattern);
/// The pattern of a concrete path, be it a key, a section or unknown: `listeners.0` -> `listeners.*`.
std::string pattern_of(std::string_view path);
/// The names that may follow a pattern, without `*` and `**`.
std::vector<std::string> children_of(std::string_view pattern);
/// "did you mean" for whole paths: at most three, the nearest first.
std::vector<std::string> nearest_keys(const std::string& path);
/// Whether the value at a concrete path has to be redacted: a declared secret, or a plugin's setting with such a name.
bool is_secret_path(std::string_view path);

std::vector<std::string> split_path(std::string_view path);

} // namespace tickplant::config
