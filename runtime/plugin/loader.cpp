#include "runtime/plugin/loader.hpp"

#include <dlfcn.h>

namespace tickplant::plugin {

namespace {

std::string copy_of(tp_str text) {
  return text.data ? std::string{text.data, text.size} : std::string{};
}

tp_plugin_entry_fn entry_of(const std::string& path) {
  // NODELETE: a plugin's code is never unmapped, as its statics and strings may be referred to until the end.
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) {
    const char* why = ::dlerror();
    throw plugin_fault{"plugin " + path + ": cannot be loaded: " + (why ? why : "for an unknown reason")};
  }
  void* symbol = ::dlsym(library, TP_PLUGIN_ENTRY_NAME);
  if (!symbol)
    throw plugin_fault{"plugin " + path + ": has no symbol " TP_PLUGIN_ENTRY_NAME "; it is no Tickplant plugin"};
  return reinterpret_cast<tp_plugin_entry_fn>(symbol);
}

} // namespace

loaded_plugin load(const checked_file& file, uint32_t kind, std::string_view wanted_name) {
  const auto entry = entry_of(file.path);
  const tp_plugin* manifest = nullptr;
  try {
    manifest = entry(TP_ABI_MAJOR, TP_ABI_MINOR);
  } catch (...) {
    throw plugin_fault{"plugin " + file.path +
                       ": " TP_PLUGIN_ENTRY_NAME " threw an exception; none may leave a plugin"};
  }
  auto faults = faults_of(manifest, kind);
  if (faults.empty() && !wanted_name.empty() && copy_of(manifest->name) != wanted_name)
    faults.push_back("name is '" + copy_of(manifest->name) + "', wanted '" + std::string{wanted_name} +
                     "' as the file's");
  if (!faults.empty()) {
    std::string message = "plugin " + file.path + ": ";
    for (size_t i = 0; i < faults.size(); ++i) message.append(i == 0 ? "" : "; ").append(faults[i]);
    throw plugin_fault{message};
  }
  return {{copy_of(manifest->name), copy_of(manifest->version), copy_of(manifest->build_id), manifest->kind,
           manifest->abi_minor, file},
          manifest};
}

} // namespace tickplant::plugin
