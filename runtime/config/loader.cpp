#include "runtime/config/loader.hpp"

#include "runtime/config/include.hpp"
#include "runtime/config/overlay.hpp"
#include "runtime/config/reader.hpp"

#include <algorithm>
#include <set>

#include <unistd.h>

namespace tickplant::config {

namespace {

// Each once, in the order in which they were met.
void remove_doubles(std::vector<std::string>& list) {
  std::set<std::string> seen;
  std::erase_if(list, [&](const std::string& one) { return !seen.insert(one).second; });
}

server_options finish(include_result& merged, const load_request& request) {
  auto& faults = merged.faults;
  const bool is_readable = faults.empty();
  apply_environment(request.environment, merged.root, faults);
  apply_sets(request.sets, merged.root, faults);
  std::vector<std::string> warnings;
  reading_context context{request.environment, faults, merged.files, warnings};
  server_options options;
  // What is missing because a file could not be read is no fault of its own.
  if (is_readable || merged.root.is_given()) options = read_options(merged.root, context);
  options.files = merged.files;
  remove_doubles(options.files);
  options.warnings = std::move(warnings);
  if (faults.empty()) cross_check(options, faults);
  if (!faults.empty()) throw config_fault{std::move(faults)};
  cross_warn(options);
  return options;
}

} // namespace

server_options load(const load_request& request) {
  auto merged = read_with_includes(request.file);
  return finish(merged, request);
}

node load_tree(const load_request& request) {
  auto merged = read_with_includes(request.file);
  finish(merged, request);
  return std::move(merged.root);
}

server_options load_server(const std::string& file) {
  return load({file, {}, {}});
}

server_options parse_server(std::string_view text, const std::string& file) {
  auto merged = parse_with_includes(text, file);
  return finish(merged, {file, {}, {}});
}

environment_map process_environment() {
  environment_map made;
  for (char** at = environ; at && *at; ++at) {
    const std::string_view one{*at};
    const auto equals = one.find('=');
    if (equals != std::string_view::npos) made.emplace(one.substr(0, equals), one.substr(equals + 1));
  }
  return made;
}

} // namespace tickplant::config
