// Files of a test's own, and short ways to load.
#pragma once

#include "runtime/config/loader.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace tickplant::config::testing {

/// A folder that goes with the object; only its owner can read what is in it.
class scratch {
public:
  scratch() {
    auto name = (std::filesystem::temp_directory_path() / "tp_config_XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~scratch() { std::filesystem::remove_all(path_); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  std::string path(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream{file, std::ios::binary} << text;
    using std::filesystem::perms;
    std::filesystem::permissions(file, perms::owner_read | perms::owner_write);
    return file.string();
  }

private:
  std::filesystem::path path_;
};

inline const std::string listener = "listeners:\n  - {name: public, bind: \"127.0.0.1:8081\", routes: {/ws: hft}}\n";

/// All faults as text; "none" if it loads.
inline std::string faults_of(const load_request& request) {
  try {
    load(request);
  } catch (const config_fault& broken) {
    return broken.what();
  }
  return "none";
}

} // namespace tickplant::config::testing
