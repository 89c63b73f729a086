#include "runtime/plugin/registry.hpp"

#include <filesystem>

namespace tickplant::plugin {

bool registry::is_path(std::string_view name_or_path) {
  return name_or_path.find('/') != std::string_view::npos || name_or_path.ends_with(".so");
}

std::string registry::search(const std::string& name) const {
  if (!is_plugin_name(name))
    throw plugin_fault{"plugin '" + name +
                       "': not a plugin's name; wanted 1 to 64 characters of a-z, 0-9, _ and -, or a path"};
  std::string found, looked;
  for (const auto& folder : folders_) {
    const std::string path = folder + '/' + name + ".so";
    looked.append(looked.empty() ? "" : ", ").append(folder);
    std::error_code fault;
    if (!std::filesystem::exists(path, fault)) continue;
    if (!found.empty() && !std::filesystem::equivalent(found, path, fault))
      throw plugin_fault{"plugin '" + name + "': found as " + found + " and as " + path +
                         "; remove one or name the path"};
    if (found.empty()) found = path;
  }
  if (found.empty())
    throw plugin_fault{"plugin '" + name + "': no file " + name + ".so in " +
                       (looked.empty() ? "an empty list of folders" : looked)};
  return found;
}

const loaded_plugin& registry::find(const std::string& name_or_path, uint32_t kind, const load_options& options) {
  const bool by_path = is_path(name_or_path);
  const checked_file file = check_file(by_path ? name_or_path : search(name_or_path), options.sha256);
  for (const auto& [key, known] : plugins_) {
    if (key.first != kind || !known.info.file.is_same_file(file)) continue;
    if (known.info.file.sha256 == file.sha256) return known;
    // The dynamic linker knows files by inode and would hand out the old code again.
    throw plugin_fault{"plugin " + file.path +
                       ": was overwritten after it was loaded; install new code under another file name"};
  }
  loaded_plugin fresh = load(file, kind, by_path ? std::string_view{} : std::string_view{name_or_path});
  const auto key = std::pair{kind, fresh.info.name};
  const auto old = plugins_.find(key);
  if (old != plugins_.end() && !options.replaces)
    throw plugin_fault{"plugin " + file.path + ": the name '" + fresh.info.name + "' belongs to " +
                       old->second.info.file.path + "; two plugins of one kind cannot have one name"};
  return plugins_.insert_or_assign(key, std::move(fresh)).first->second;
}

std::vector<plugin_info> registry::loaded() const {
  std::vector<plugin_info> all;
  for (const auto& [key, plugin] : plugins_) all.push_back(plugin.info);
  return all;
}

} // namespace tickplant::plugin
