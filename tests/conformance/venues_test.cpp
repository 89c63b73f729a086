// The four venues pass the score card over the tapes of their simulated exchanges, in every protocol that they speak.
#include "runtime/tools/conformance/command.hpp"
#include "tickplant_sim/tapes/tapes.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <sstream>

#include <unistd.h>

namespace tickplant::conformance {
namespace {

struct tape_set {
  const char* folder;
  const char* plugin;
  size_t least_cases;
};

void PrintTo(const tape_set& set, std::ostream* out) {
  *out << set.folder;
}

const std::string& tapes() {
  static const std::string folder = [] {
    auto path = (std::filesystem::path{::testing::TempDir()} / ("venue_tapes." + std::to_string(::getpid()))).string();
    sim::tapes::write_tapes(path, {}, 1);
    return path;
  }();
  return folder;
}

struct removed_at_the_end : ::testing::Environment {
  void TearDown() override { std::filesystem::remove_all(tapes()); }
};
[[maybe_unused]] const auto* const cleanup = ::testing::AddGlobalTestEnvironment(new removed_at_the_end);

struct VenueScore : ::testing::TestWithParam<tape_set> {};

TEST_P(VenueScore, EveryCaseIsPassed) {
  const auto set = GetParam();
  const auto plugin = std::string{TP_VENUE_PLUGINS} + '/' + set.plugin + ".so";
  const auto folder = tapes() + '/' + set.folder;
  std::vector<const char*> words{"tickplant-replay", "--conformance", plugin.c_str(),
                                 "--tapes",          folder.c_str(),  "--json"};
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  // Each case is many times slower there: the tapes as they are, and those of good days only.
  words.insert(words.end(), {"--seconds", "600", "--only", "as it is"});
#endif
  std::ostringstream out, err;
  const int code = run(static_cast<int>(words.size()), words.data(), out, err);
  const auto card = nlohmann::json::parse(out.str(), nullptr, false);
  ASSERT_TRUE(card.is_object()) << err.str();
  for (const auto& row : card.at("rows")) EXPECT_TRUE(row.at("passed")) << row;
  EXPECT_EQ(code, 0) << err.str();
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_GE(card.at("cases"), set.least_cases);
#endif
}

INSTANTIATE_TEST_SUITE_P(Protocols, VenueScore,
                         ::testing::Values(tape_set{"nasdaq", "nasdaq", 39}, tape_set{"nyse", "nyse", 80},
                                           tape_set{"lse", "lse", 85}, tape_set{"lse_gtp", "lse", 85},
                                           tape_set{"binance", "binance", 30}, tape_set{"binance_usdm", "binance", 40}),
                         [](const auto& one) { return std::string{one.param.folder}; });

} // namespace
} // namespace tickplant::conformance
