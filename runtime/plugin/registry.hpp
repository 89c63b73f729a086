// The plugins of this process by kind and name. A name stands for one file; a second file with the same name is an
// error, unless it is loaded to replace the first. Startup and reload only; one thread at a time.
#pragma once

#include "runtime/plugin/loader.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tickplant::plugin {

class registry {
public:
  /// `folders` are searched for NAME.so.
  explicit registry(std::vector<std::string> folders) : folders_(std::move(folders)) {}

  struct load_options {
    std::string sha256;    // wanted digest, empty: any
    bool replaces = false; // a versioned copy takes the name over; handles of the old code stay valid
  };

  /// Loads a plugin by its name or, if `name_or_path` has a '/' or ends in ".so", from that file. The same file again
  /// gives the same plugin. Throws plugin_fault.
  venue_plugin venue(const std::string& name_or_path, const load_options& options) {
    return get<venue_plugin>(name_or_path, options);
  }
  venue_plugin venue(const std::string& name_or_path) { return venue(name_or_path, {}); }
  dialect_plugin dialect(const std::string& name_or_path, const load_options& options) {
    return get<dialect_plugin>(name_or_path, options);
  }
  dialect_plugin dialect(const std::string& name_or_path) { return dialect(name_or_path, {}); }
  auth_plugin auth(const std::string& name_or_path) { return get<auth_plugin>(name_or_path, {}); }
  compression_plugin compression(const std::string& name_or_path) { return get<compression_plugin>(name_or_path, {}); }

  /// Whether a text is taken as a path.
  static bool is_path(std::string_view name_or_path);

  /// Everything loaded so far.
  std::vector<plugin_info> loaded() const;

private:
  template <class Plugin>
  Plugin get(const std::string& name_or_path, const load_options& options) {
    return find(name_or_path, Plugin::kind, options).template as<Plugin>();
  }
  const loaded_plugin& find(const std::string& name_or_path, uint32_t kind, const load_options& options);
  std::string search(const std::string& name) const;

  std::vector<std::string> folders_;
  std::map<std::pair<uint32_t, std::string>, loaded_plugin> plugins_; // by kind and name
};

} // namespace tickplant::plugin
