// Keys of venues that are the host's, beside those of the plugin.
#include "files.hpp"
#include "runtime/config/percentage.hpp"
#include "runtime/config/plan.hpp"

#include <gmock/gmock.h>

using namespace tickplant::config;
using namespace tickplant::config::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

const std::string rest = "listeners: [{routes: {/ws: hft}}]\n";

std::vector<std::string> keys_of(const std::vector<flat_setting>& settings) {
  std::vector<std::string> keys;
  for (const auto& s : settings) keys.push_back(s.key + '=' + s.value);
  return keys;
}

TEST(Percentages, AreReadAsMillionths) {
  EXPECT_EQ(to_ppm("off"), 0u);
  EXPECT_EQ(to_ppm("20%"), 200'000u);
  EXPECT_EQ(to_ppm("0.5%"), 5'000u);
  EXPECT_EQ(to_ppm("0.0001%"), 1u);
  EXPECT_EQ(to_ppm("1000%"), 10'000'000u);
  for (const auto* bad : {"", "20", "%", "0%", "-1%", "1000.1%", "0.00001%", "1.%", ".5%", "a%", "1.a%", "20 %"})
    EXPECT_FALSE(to_ppm(bad)) << bad;
}

TEST(Percentages, AreWrittenAsTheyAreRead) {
  for (const auto* text : {"off", "20%", "0.5%", "0.0001%", "1000%", "12.3456%"})
    EXPECT_EQ(ppm_text(to_ppm(text).value()), text);
}

TEST(VenueKeys, OfTheHostDoNotReachThePlugin) {
  const auto options = parse_server(rest + R"(venues:
  a:
    plugin: p
    lines: {a: X, b: Y}
    breaker: {failures: 3, open_first: 1s, open_max: 5s}
    backup: {failures: 1, return: after, after: 5m, lines: {a: Z}}
    recovery: {requests: 2, timeout: 5s}
    validation: {price_band: 20%, price_bands: {AAPL: 10%, "BRK*": off}, confirm: 4}
)",
                                    "x.yaml");
  const auto& venue = options.venues.at(0);
  EXPECT_THAT(keys_of(venue.settings), ElementsAre("lines.a=X", "lines.b=Y"));
  EXPECT_THAT(keys_of(venue.backup.settings), ElementsAre("lines.a=Z"));
  EXPECT_EQ(venue.breaker.failures, 3u);
  EXPECT_EQ(venue.breaker.open_max, std::chrono::seconds{5});
  EXPECT_EQ(venue.backup.way_back, "after");
  EXPECT_EQ(venue.recovery.requests, 2u);
  EXPECT_EQ(venue.validation.price_band_ppm, 200'000u);
  EXPECT_EQ(venue.validation.price_bands.at("AAPL"), "10%");
}

TEST(VenueKeys, AreRefusedWithWhatIsWrong) {
  const auto faults = [](const std::string& venue) {
    try {
      parse_server(rest + "venues: {a: {plugin: p, " + venue + "}}\n", "x.yaml");
    } catch (const config_fault& fault) {
      return to_text(fault.faults);
    }
    return std::string{"none"};
  };
  EXPECT_THAT(faults("breaker: {failure: 3}"), HasSubstr("did you mean 'failures'"));
  EXPECT_THAT(faults("breaker: {open_first: 1h, open_max: 1m}"), HasSubstr("longer than breaker.open_max"));
  EXPECT_THAT(faults("backup: {lines: {a: X}, symbols: [Y]}"), HasSubstr("backup.symbols"));
  EXPECT_THAT(faults("validation: {price_band: 20}"), HasSubstr("a percentage"));
  EXPECT_THAT(faults("validation: {price_bands: {AAPL: much}}"), HasSubstr("venues.a.validation.price_bands.AAPL"));
}

TEST(VenueKeys, RestartTheirVenueAlone) {
  const scratch folder;
  const auto file =
    folder.write("base.yaml", rest + "venues: {a: {plugin: p, backup: {lines: {a: X}}}, b: {plugin: p}}\n");
  const auto plan_with = [&](const std::string& path, const std::string& value) {
    return plan_reload(load({file, {}, {}}), load({file, {{path, value}}, {}}));
  };
  for (const auto& [path, value] : {std::pair{"venues.a.breaker.failures", "3"},
                                    {"venues.a.backup.lines.a", "Y"},
                                    {"venues.a.recovery.timeout", "5s"},
                                    {"venues.a.validation.price_band", "5%"}}) {
    const auto plan = plan_with(path, value);
    EXPECT_THAT(plan.venues_restarted, ElementsAre("a")) << path;
    ASSERT_EQ(plan.changes.size(), 1u);
    EXPECT_EQ(plan.changes[0].path, path);
  }
}

} // namespace
