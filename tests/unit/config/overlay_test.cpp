// Environment and --set over YAML.
#include "files.hpp"

#include <gmock/gmock.h>

using namespace tickplant::config;
using namespace tickplant::config::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

class Overlay : public ::testing::Test {
protected:
  load_request request(environment_map environment, std::vector<std::pair<std::string, std::string>> sets = {}) const {
    return {file_, std::move(sets), std::move(environment)};
  }
  scratch folder_;
  std::string file_ = folder_.write(
    "server.yaml", listener + "  - {name: inner, bind: \"[::1]:1\", routes: {/ws: hft}, origins: [\"http://a\"]}\n"
                              "limits: {max_symbols: 5}\n"
                              "venues:\n  my-venue: {plugin: p, lines: {a: x, B: y}, list: [one, two]}\n");
};

TEST_F(Overlay, SetsAreAboveTheEnvironmentWhichIsAboveYaml) {
  EXPECT_EQ(load(request({})).limits.max_symbols, 5u);
  EXPECT_EQ(load(request({{"TICKPLANT_LIMITS__MAX_SYMBOLS", "6"}})).limits.max_symbols, 6u);
  EXPECT_EQ(load(request({{"TICKPLANT_LIMITS__MAX_SYMBOLS", "6"}}, {{"limits.max_symbols", "7"}})).limits.max_symbols,
            7u);
  EXPECT_EQ(load(request({}, {{"limits.max_symbols", "7"}, {"limits.max_symbols", "8"}})).limits.max_symbols, 8u);
}

TEST_F(Overlay, ReachesListsNamesAndSettingsOfPlugins) {
  const auto options = load(request({{"TICKPLANT_LISTENERS__1__BIND", "127.0.0.1:7"},
                                     {"TICKPLANT_VENUES__MY_VENUE__LINES__B", "z"},
                                     {"TICKPLANT_LOG__LEVELS__VENUE", "debug"}},
                                    {{"venues.my-venue.lines.c", "udp://1"},
                                     {"venues.my-venue.list.2", "three"},
                                     {"venues.my-venue.symbols", "[A, B]"},
                                     {"listeners.inner.origins", "[http://b, 'http://c:*']"},
                                     {"listeners.2.routes", "{/x: hft}"},
                                     {"listeners.2.name", "third"},
                                     {"listeners.third.bind", "127.0.0.1:9"},
                                     {"tiers.gold.depth", "3"}}));
  EXPECT_EQ(options.listeners[1].port, 7);
  EXPECT_THAT(options.listeners[1].origins, ElementsAre("http://b", "http://c:*"));
  ASSERT_EQ(options.listeners.size(), 3u);
  EXPECT_EQ(options.listeners[2].port, 9);
  EXPECT_EQ(options.log.levels.at("venue"), "debug");
  EXPECT_EQ(options.tiers.at(0).depth, 3u);
  EXPECT_THAT(pairs_of(options.venues[0].settings),
              ElementsAre(std::pair{"lines.a", "x"}, std::pair{"lines.B", "z"}, std::pair{"lines.c", "udp://1"},
                          std::pair{"list.0", "one"}, std::pair{"list.1", "two"}, std::pair{"list.2", "three"},
                          std::pair{"symbols.0", "A"}, std::pair{"symbols.1", "B"}));
}

// Requirement S4-03.
TEST_F(Overlay, HonoursTheVariablesOfTheOldServer) {
  const auto options = load(
    request({{"WS_PORT", "3001"}, {"WS_HOST", "0.0.0.0"}, {"ALLOWED_ORIGINS", "http://localhost:3000, https://b"}}));
  EXPECT_EQ(options.listeners[0].address, "0.0.0.0");
  EXPECT_EQ(options.listeners[0].port, 3001);
  EXPECT_EQ(options.listeners[1].port, 1);
  for (const auto& one : options.listeners) EXPECT_THAT(one.origins, ElementsAre("http://localhost:3000", "https://b"));
  EXPECT_EQ(load(request({{"PORT", "3002"}})).listeners[0].port, 3002);
  EXPECT_EQ(load(request({{"PORT", "3002"}, {"WS_PORT", "3003"}})).listeners[0].port, 3003);
  EXPECT_EQ(load(request({{"WS_HOST", "::1"}})).listeners[0].address, "::1");
  EXPECT_EQ(load(request({{"WS_PORT", "1"}, {"TICKPLANT_LISTENERS__0__BIND", "127.0.0.1:2"}})).listeners[0].port, 2);
}

TEST_F(Overlay, FaultsNameTheVariable) {
  EXPECT_THAT(faults_of(request({{"WS_PORT", "http"}})), HasSubstr("environment: WS_PORT: listeners.0.bind: a port"));
  EXPECT_THAT(faults_of(request({{"PORT", "70000"}})), HasSubstr("environment: PORT"));
  EXPECT_THAT(faults_of(request({{"WS_HOST", "localhost"}})), HasSubstr("environment: WS_HOST"));
  EXPECT_THAT(faults_of(request({{"ALLOWED_ORIGINS", "localhost"}})), HasSubstr("environment: ALLOWED_ORIGINS"));
  EXPECT_THAT(faults_of(request({{"ALLOWED_ORIGINS", " , "}})), HasSubstr("environment: ALLOWED_ORIGINS"));
  EXPECT_THAT(faults_of(request({{"TICKPLANT_LIMITS__MAX_SYMBOLS", "many"}})),
              HasSubstr("environment: TICKPLANT_LIMITS__MAX_SYMBOLS: limits.max_symbols: a whole number"));
  EXPECT_THAT(faults_of(request({{"TICKPLANT_LIMITS__MAX_SYMBOL", "1"}})),
              HasSubstr("environment: TICKPLANT_LIMITS__MAX_SYMBOL: limits.max_symbol: unknown key, did you mean "
                        "'max_symbols'?"));
  EXPECT_THAT(faults_of(request({{"TICKPLANT_LIMITS_MAX_SYMBOLS", "1"}})), HasSubstr("two underscores"));
  EXPECT_THAT(faults_of(request({}, {{"limits.max_symbols", "many"}})),
              HasSubstr("--set limits.max_symbols: limits.max_symbols: a whole number"));
}

TEST_F(Overlay, VariablesOfOthersAreLeftAlone) {
  EXPECT_EQ(faults_of(request({{"TICKPLANT_CACHE", "x"},
                               {"TICKPLANT_JOBS", "2"},
                               {"TICKPLANT_ADMIN", "http://127.0.0.1:9600"},
                               {"TICKPLANT_ADMIN_TOKEN", "x"},
                               {"TICKPLANT_BENCH_MESSAGES", "1"},
                               {"TICKPLANTS", "x"}})),
            "none");
}

TEST_F(Overlay, RefusesPathsThatLeadNowhere) {
  for (const auto* path : {"", ".", "limits.", "a..b", "limits.max_symbols.x", "listeners.9.bind", "listeners.-1.bind",
                           "listeners.nobody.bind", "nothing", "*", "listeners.*.bind", "venues.*.plugin"})
    EXPECT_NE(faults_of(request({}, {{path, "1"}})), "none") << path;
  EXPECT_THAT(faults_of(request({}, {{"listeners.0.origins", "[a"}})), HasSubstr("--set listeners.0.origins"));
  std::string deep = "venues.my-venue";
  for (int i = 0; i < 100; ++i) deep += ".a";
  EXPECT_THAT(faults_of(request({}, {{deep, "1"}})), HasSubstr("deeper than 32"));
}

} // namespace
