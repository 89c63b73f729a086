#include "config.hpp"

#include <recording_host.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace tickplant::lse {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using complaint = std::pair<std::string, std::string>;

std::vector<complaint> complaints_of(const sdk::testing::pairs& pairs, options* into = nullptr) {
  std::vector<complaint> found;
  const auto read = read_options(pairs.view(), [&](std::string_view key, std::string_view problem) {
    found.emplace_back(std::string{key}, std::string{problem});
  });
  if (into) *into = read;
  return found;
}

TEST(Config, TakesWhatTheExampleShows) {
  const sdk::testing::pairs pairs{{"plugin", "lse"},
                                  {"protocol", "gtp"},
                                  {"lines.a", "udp://224.4.3.1:60100"},
                                  {"lines.b", "udp://224.4.3.2:60100"},
                                  {"lines.replay.0", "tcp://192.0.2.10:60200"},
                                  {"lines.replay.1", "tcp://192.0.2.11:60200"},
                                  {"lines.recovery", "tcp://192.0.2.20:60300"},
                                  {"comp_id", "VEC00001"},
                                  {"password", "mit_1234"},
                                  {"group", "A"},
                                  {"segments.0", "SET1"},
                                  {"segments.1", "SET3"},
                                  {"tickers.GB00BH4HKS39", "VOD"},
                                  {"only_sources.0", "192.0.2.7"},
                                  {"reorder_window", "2ms"},
                                  {"rest", "2m"},
                                  {"connect_attempts", "4"},
                                  {"logins_a_day", "7"},
                                  {"symbols.0", "*"}};
  options read;
  EXPECT_THAT(complaints_of(pairs, &read), IsEmpty());
  EXPECT_TRUE(read.is_gtp);
  EXPECT_THAT(read.replay.addresses, ElementsAre("tcp://192.0.2.10:60200", "tcp://192.0.2.11:60200"));
  EXPECT_THAT(read.recovery.addresses, ElementsAre("tcp://192.0.2.20:60300"));
  EXPECT_EQ(read.recovery.attempts, 4u);
  EXPECT_EQ(read.recovery.rest_ns, 120'000'000'000u);
  EXPECT_EQ(read.replay.logins_a_day, 7u);
  EXPECT_EQ(read.reorder_window_ns, 2'000'000u);
  EXPECT_EQ(read.comp_id, "VEC00001");
  EXPECT_EQ(read.group, 'A');
  EXPECT_THAT(read.segments, ElementsAre("SET1", "SET3"));
  EXPECT_EQ(read.tickers.at("GB00BH4HKS39"), "VOD");
  EXPECT_EQ(read.only_sources, "192.0.2.7");
}

struct fault {
  std::string key, value, text;
};
struct Faults : ::testing::TestWithParam<fault> {};

TEST_P(Faults, AreNamedByTheirKey) {
  const auto& f = GetParam();
  const sdk::testing::pairs pairs{{f.key == "lines.a" ? "lines.b" : "lines.a", "udp://239.1.1.1:1"}, {f.key, f.value}};
  const auto found = complaints_of(pairs);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].first, f.key);
  EXPECT_THAT(found[0].second, HasSubstr(f.text));
}
INSTANTIATE_TEST_SUITE_P(
  Config, Faults,
  ::testing::Values(fault{"protocol", "itch", "wanted mitch"},
                    fault{"lines.a", "tcp://1.2.3.4:5", "udp://ADDRESS:PORT"},
                    fault{"lines.b", "udp://239.1.1.1:1", "same address"},
                    fault{"lines.replay", "udp://1.2.3.4:5", "tcp://ADDRESS:PORT"},
                    fault{"lines.recovery.0", "tcp://1.2.3.4", "tcp://ADDRESS:PORT"},
                    fault{"comp_id", "TOOLONG", "1 to 6"}, fault{"comp_id", "", "1 to 6"},
                    fault{"password_file", "/x", "${env:NAME}"}, fault{"group", "AB", "one character"},
                    fault{"segments.0", "SEGMENT", "1 to 6"}, fault{"tickers.GB1", "", "no name"},
                    fault{"reorder_window", "5", "with its unit"}, fault{"hold_messages", "1", "from 1024"},
                    fault{"gap_limit", "65001", "to 65000"}, fault{"late_start_limit", "x", "whole number"},
                    fault{"connect_attempts", "0", "from 1"}, fault{"linger", "10s", "0ms to 4s"},
                    fault{"rest", "0s", "1s to 24h"}, fault{"silence", "1ms", "100ms to 1h"},
                    fault{"sequences", "1", "no setting of this plugin"}, fault{"time_zone", "", "is empty"},
                    fault{"snapshot_attempts", "0", "from 1"}, fault{"venue_code", "70000", "to 65535"}));

TEST(Config, NeedsALine) {
  const auto found = complaints_of({{"comp_id", "VEC001"}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].first, "lines");
}

TEST(Config, KnowsNoThirdAddress) {
  const auto found = complaints_of({{"lines.a", "udp://239.1.1.1:1"},
                                    {"lines.replay.0", "tcp://1.2.3.4:5"},
                                    {"lines.replay.1", "tcp://1.2.3.4:6"},
                                    {"lines.replay.2", "tcp://1.2.3.4:7"}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].first, "lines.replay");
}

TEST(Config, NeverRepeatsThePassword) {
  const auto found = complaints_of({{"lines.a", "udp://239.1.1.1:1"}, {"password", "much too long a secret"}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].second, Not(HasSubstr("secret")));
}

/// Every key of the example is one that the plugin knows, with the default that the example shows.
TEST(Config, TheExampleShowsTheDefaults) {
  std::ifstream file{std::string{TP_SOURCE_DIR} + "/plugins/venues/lse/lse.yaml.example"};
  ASSERT_TRUE(file);
  const options defaults;
  size_t compared = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#') || line.starts_with(' ') || line.find(": ") == std::string::npos) continue;
    std::string key = line.substr(0, line.find(": ")), value = line.substr(line.find(": ") + 2);
    value.erase(value.find_last_not_of(' ', value.find('#') == std::string::npos ? value.size() : value.find('#') - 1) +
                1);
    if (key == "password") continue; // stands for the environment's
    options read;
    EXPECT_THAT(complaints_of({{"lines.a", "udp://239.1.1.1:1"}, {key, value}}, &read), IsEmpty()) << line;
    const auto numbers = [](const options& o) {
      return std::vector<uint64_t>{o.is_gtp,
                                   o.reorder_window_ns,
                                   o.silence_ns,
                                   o.hold_messages,
                                   o.gap_limit,
                                   o.late_start_limit,
                                   o.replay_messages,
                                   o.snapshot_attempts,
                                   o.snapshot_retry_ns,
                                   o.replay.attempts,
                                   o.replay.retry_ns,
                                   o.replay.login_gap_ns,
                                   o.replay.answer_timeout_ns,
                                   o.replay.linger_ns,
                                   o.replay.rest_ns,
                                   o.replay.logins_a_day,
                                   o.replay.requests_a_day};
    };
    EXPECT_EQ(numbers(read), numbers(defaults)) << line;
    EXPECT_EQ(read.time_zone, defaults.time_zone);
    ++compared;
  }
  EXPECT_GT(compared, 15u);
}

} // namespace
} // namespace tickplant::lse
