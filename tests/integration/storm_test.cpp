// Four exchanges misbehave at once; afterwards every book is right, and no client was lost. TICKPLANT_STORM_SECONDS
// sets how long (`./dev storm` takes five minutes).
#include "support/four_venues.hpp"
#include "support/http_client.hpp"
#include "support/metrics_page.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace tickplant::testing {
namespace {

constexpr size_t watchers = 8;

std::chrono::seconds storm_length() {
  const char* given = std::getenv("TICKPLANT_STORM_SECONDS");
  return std::chrono::seconds{given == nullptr ? 15 : std::atoi(given)};
}

std::string storm_level() {
  const char* given = std::getenv("TICKPLANT_STORM_LEVEL");
  return given == nullptr ? "mild" : given;
}

TEST(FourVenues, ShowTheTruthOfEveryBook) {
  four_venues venues{{"--seed", "11"}};
  auto seen = venues.watch();
  ASSERT_GE(venues.symbols().size(), 20u);
  ASSERT_TRUE(eventually([&] {
    seen.take_all();
    return seen.entries.size() == venues.symbols().size();
  }))
    << seen.entries.size() << " of " << venues.symbols().size() << " symbols are shown\n"
    << venues.story();
  venues.tell("/freeze");
  std::string wrong;
  EXPECT_TRUE(eventually([&] { return (wrong = venues.differences(seen)).empty(); })) << wrong << venues.story();
  EXPECT_TRUE(seen.errors.empty()) << seen.errors.front();
}

TEST(FourVenues, SurviveAStormWithEveryBookRightAndEveryClientConnected) {
  four_venues venues{{"--seed", "12", "--storm", storm_level()}};
  std::vector<watcher> all;
  for (size_t i = 0; i < watchers; ++i) all.push_back(venues.watch());
  // Ends early only where something is lost.
  bool is_well = true;
  EXPECT_FALSE(eventually(
    [&] {
      for (auto& one : all) {
        one.take_all();
        is_well &= one.client->is_open();
      }
      return !is_well || !venues.server().is_running();
    },
    storm_length()))
    << venues.story();
  venues.tell("/faults?on=0");
  venues.tell("/freeze");
  for (auto& one : all) {
    std::string wrong;
    // Services that were refused rest for a while before they are tried again.
    EXPECT_TRUE(eventually([&] { return (wrong = venues.differences(one)).empty(); }, 150s)) << wrong << venues.story();
    EXPECT_TRUE(one.client->is_open());
    EXPECT_TRUE(one.errors.empty()) << one.errors.front();
    EXPECT_FALSE(one.has_gap);
  }
  const auto summary = venues.ask("/summary");
  for (const char* venue : {"nasdaq", "nyse", "lse", "binance"}) {
    ASSERT_TRUE(summary.contains(venue)) << summary;
    std::cout << venue << ": " << summary.at(venue).dump().substr(0, 1'500) << '\n';
  }
}

/// Messages that each exchange has sent.
uint64_t fewest_messages(const nlohmann::json& summary) {
  uint64_t fewest = summary.at("binance").at("feed").at("updates");
  for (const char* venue : {"nasdaq", "nyse", "lse"})
    fewest = std::min(fewest, summary.at(venue).at("messages").get<uint64_t>());
  return fewest;
}

// The whole figure is `./dev storm million`.
TEST(FourVenues, EndADayOfLossesWithTheTruthAndEveryGapAccountedFor) {
  const char* given = std::getenv("TICKPLANT_STORM_MESSAGES");
  const uint64_t wanted = given == nullptr ? 60'000 : std::strtoull(given, nullptr, 10);
  four_venues venues{{"--seed", "13", "--loss", "0.02", "--duplicate", "0.01", "--reorder", "0.01", "--nasdaq-rate",
                      "10000", "--nyse-rate", "10000", "--lse-rate", "10000", "--binance-rate", "10000"}};
  auto seen = venues.watch();
  ASSERT_TRUE(eventually(
    [&] {
      seen.take_all();
      return fewest_messages(venues.ask("/summary")) >= wanted;
    },
    std::chrono::seconds{60 + wanted / 1'000}))
    << venues.ask("/summary") << venues.story();
  venues.tell("/freeze");
  std::string wrong;
  EXPECT_TRUE(eventually([&] { return (wrong = venues.differences(seen)).empty(); }, 60s)) << wrong << venues.story();
  EXPECT_TRUE(seen.client->is_open());
  const metrics_page page{http_get(venues.port(), "/metrics").body};
  for (const char* venue : {"NASDAQ", "NYSE", "LSE", "BINANCE"}) {
    const auto of = "venue=\"" + std::string{venue} + '"';
    EXPECT_EQ(page.sum("tickplant_venue_open_gaps", of), 0) << venue;
    std::cout << venue << ": gaps ended " << page.sum("tickplant_venue_gap_outcomes_total", of) << '\n';
  }
  EXPECT_GT(page.sum("tickplant_venue_gap_outcomes_total"), 0); // both lines lost the same packet now and then
}

} // namespace
} // namespace tickplant::testing
