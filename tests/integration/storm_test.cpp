// Four exchanges misbehave at once; afterwards every book is right, and no client was lost. TICKPLANT_STORM_SECONDS
// sets how long (`./dev storm` takes five minutes).
#include "support/four_venues.hpp"

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
  const auto end = steady_clock::now() + storm_length();
  while (steady_clock::now() < end) {
    for (auto& one : all) {
      one.take_all();
      ASSERT_TRUE(one.client->is_open()) << venues.story();
    }
    ASSERT_TRUE(venues.server().is_running()) << venues.story();
    std::this_thread::sleep_for(20ms);
  }
  venues.tell("/faults?on=0");
  std::this_thread::sleep_for(2s);
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

} // namespace
} // namespace tickplant::testing
