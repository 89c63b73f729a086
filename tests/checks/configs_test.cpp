// Every configuration that is shipped loads.
#include "runtime/config/loader.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace {

TEST(ShippedConfigs, Load) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator{TP_SOURCE_DIR "/configs"}) {
    if (entry.path().extension() != ".yaml") continue;
    ++count;
    EXPECT_NO_THROW(tickplant::config::load_server(entry.path().string())) << entry.path();
  }
  EXPECT_GT(count, 0u);
}

} // namespace
