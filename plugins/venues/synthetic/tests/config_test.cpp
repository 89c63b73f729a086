#include "config.hpp"

#include <recording_host.hpp>

#include <gtest/gtest.h>

#include <map>

namespace {

using namespace tickplant;
using sdk::testing::pairs;

std::map<std::string, std::string> faults_of(const pairs& settings) {
  std::map<std::string, std::string> faults;
  synthetic::read_options(settings.view(),
                          [&](std::string_view key, std::string_view problem) { faults[std::string{key}] = problem; });
  return faults;
}

TEST(SyntheticConfig, HasDefaultsForEverything) {
  const pairs none{};
  const auto options = synthetic::read_options(none.view(), [](auto, auto) { FAIL(); });
  EXPECT_EQ(options.seed, 1u);
  EXPECT_EQ(options.period_ns(), 100'000'000u); // 10 Hz (S0-05)
  EXPECT_FALSE(options.spread_ticks);
}

TEST(SyntheticConfig, ReadsWhatIsGiven) {
  const pairs given{{"seed", "18446744073709551615"},
                    {"instruments", "250"},
                    {"hz", "2.5"},
                    {"walk_scale", "0.05"},
                    {"spread", "true"},
                    {"step_ms", "5"},
                    {"symbols.0", "*"},
                    {"levels", "2"}};
  const auto options = synthetic::read_options(given.view(), [](auto, auto) { FAIL(); });
  EXPECT_EQ(options.seed, UINT64_MAX);
  EXPECT_EQ(options.instruments, 250u);
  EXPECT_EQ(options.period_ns(), 400'000'000u);
  EXPECT_DOUBLE_EQ(options.walk_scale, 0.05);
  EXPECT_TRUE(options.spread_ticks);
  EXPECT_EQ(options.step_ms, 5u);
  EXPECT_EQ(options.levels, 2u);
}

TEST(SyntheticConfig, NamesEachFaultByItsKey) {
  const pairs bad{{"seed", "-1"},        {"instruments", "100001"}, {"hz", "0"},
                  {"walk_scale", "nan"}, {"spread", "perhaps"},     {"lines.a", "udp://x:1"},
                  {"hzz", "10"},         {"levels", "6"},           {"step_ms", "1001"}};
  const auto faults = faults_of(bad);
  EXPECT_EQ(faults.size(), 9u);
  for (const auto* key : {"seed", "instruments", "hz", "walk_scale", "spread", "lines.a", "hzz", "levels", "step_ms"})
    EXPECT_TRUE(faults.contains(key)) << key;
  EXPECT_NE(faults.at("hz").find("from 0.01 to 1000"), std::string::npos);
}

} // namespace
