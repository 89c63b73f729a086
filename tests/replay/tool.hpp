// Runs the tool inside the test program, and files for it.
#pragma once

#include "runtime/tools/replay/run.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace tickplant::replay::testing {

struct tool_result {
  int code = 0;
  std::string out, err;
  std::vector<nlohmann::json> lines; // of the output, where they are JSON
  const nlohmann::json& last() const { return lines.back(); }
};

/// The words of a command line behind the program's name. Plugins come from the build tree.
inline tool_result run_tool(std::vector<std::string> words) {
  words.insert(words.begin(), {"tickplant-replay", "--plugins", TP_PLUGINS});
  std::vector<const char*> pointers;
  for (const auto& word : words) pointers.push_back(word.c_str());
  tool_result result;
  std::ostringstream out, err;
  try {
    result.code = run(parse_options(static_cast<int>(pointers.size()), pointers.data()), out, err);
  } catch (const usage_end& end) {
    result.code = end.code;
    err << end.what();
  }
  result.out = out.str();
  result.err = err.str();
  std::istringstream lines{result.out};
  for (std::string line; std::getline(lines, line);)
    if (auto parsed = nlohmann::json::parse(line, nullptr, false); !parsed.is_discarded())
      result.lines.push_back(std::move(parsed));
  return result;
}

inline bool has_plugin(const std::string& name) {
  return std::filesystem::exists(std::string{TP_PLUGINS} + '/' + name + ".so");
}

/// A file of the test's own, gone with this object.
class scratch_file {
public:
  scratch_file(const std::string& name, const std::string& bytes) {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    const auto folder =
      std::filesystem::path{::testing::TempDir()} / (std::string{test->test_suite_name()} + '.' + test->name());
    std::filesystem::create_directories(folder);
    path_ = (folder / name).string();
    std::ofstream{path_, std::ios::binary} << bytes;
  }
  ~scratch_file() { std::filesystem::remove(path_); }
  scratch_file(const scratch_file&) = delete;
  scratch_file& operator=(const scratch_file&) = delete;
  const std::string& path() const { return path_; }

private:
  std::string path_;
};

/// A captured file, empty if it is not there.
inline std::string shared(const std::string& name) {
  const std::string path = std::string{TP_SHARED_DIR} + "/data/" + name;
  return std::filesystem::exists(path) ? path : std::string{};
}

inline nlohmann::json read_json(const std::string& path) {
  std::ifstream file{path};
  return nlohmann::json::parse(file);
}

/// "0.35270000" and "0.3527" are the same value.
inline std::string plain(std::string decimal) {
  if (decimal.find('.') == std::string::npos) return decimal;
  decimal.erase(decimal.find_last_not_of('0') + 1);
  if (decimal.ends_with('.')) decimal.pop_back();
  return decimal;
}

} // namespace tickplant::replay::testing

/// Where a capture or the plugin is missing the test says so and ends.
#define TP_NEEDS(plugin, path)                                                                                         \
  if (!::tickplant::replay::testing::has_plugin(plugin)) GTEST_SKIP() << "plugin " << plugin << " is not built";       \
  if ((path).empty()) GTEST_SKIP() << "captures are missing: " << TP_SHARED_DIR << "/data"
