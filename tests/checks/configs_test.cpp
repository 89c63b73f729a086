// Every configuration that is shipped loads, and the reference is what the declaration says.
#include "runtime/config/declaration.hpp"
#include "runtime/config/loader.hpp"
#include "runtime/config/print.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

using namespace tickplant;

// Prometheus's rules lie in the same folder, in their own format.
bool is_server_configuration(const std::filesystem::path& file) {
  return file.extension() == ".yaml" && file.filename() != "alerts.yaml";
}

TEST(ShippedConfigs, Load) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{TP_SOURCE_DIR "/configs"}) {
    if (!is_server_configuration(entry.path())) continue;
    ++count;
    EXPECT_NO_THROW(config::load_server(entry.path().string())) << entry.path();
  }
  EXPECT_GT(count, 0u);
}

TEST(ShippedConfigs, ReferenceIsWhatTheDeclarationSays) {
  std::ifstream file{TP_SOURCE_DIR "/configs/README.md", std::ios::binary};
  ASSERT_TRUE(file);
  const std::string written{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_TRUE(written == config::print_reference())
    << "configs/README.md is old: tickplantd --print-reference >configs/README.md";
}

TEST(ShippedConfigs, ReferenceNamesEveryKey) {
  const auto text = config::print_reference();
  EXPECT_GT(config::declaration().size(), 60u);
  for (const auto& key : config::declaration()) {
    const auto last = config::split_path(key.path).back();
    EXPECT_NE(text.find(last == "**" ? "<setting>`" : last + "`"), std::string::npos) << key.path;
  }
}

} // namespace
