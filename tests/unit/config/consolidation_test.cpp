// The section `consolidation`: what is read, what is refused and how, and what a change leads to.
#include "runtime/config/loader.hpp"
#include "runtime/config/plan.hpp"

#include <gmock/gmock.h>

using namespace tickplant::config;
using testing::HasSubstr;

namespace {

std::string with(const std::string& consolidation, const std::string& venue = "lse") {
  return "venues: {" + venue + ": {plugin: p}, nasdaq: {plugin: p}}\nlisteners: [{routes: {/ws: hft}}]\n" +
         "consolidation:\n" + consolidation;
}

server_options read(const std::string& consolidation) {
  return parse_server(with(consolidation), "server.yaml");
}

std::string refused(const std::string& consolidation, const std::string& venue = "lse") {
  try {
    parse_server(with(consolidation, venue), "server.yaml");
  } catch (const config_fault& fault) {
    return to_text(fault.faults);
  }
  return {};
}

const std::string vodafone = R"(  fees: {nasdaq: 0.3}
  arbitrage: {min_edge_bps: 2.5, min_duration: 50ms, size_step: 10}
  cross_listings:
    VODAFONE:
      legs: ["LSE:VOD", "nasdaq:VOD"]
      currency: GBP
      factors: {"LSE:VOD": 0.01, "nasdaq:VOD": 0.079}
      size_factors: {"nasdaq:VOD": 10}
)";

TEST(ConsolidationSection, IsOnWithoutAWord) {
  const auto options = parse_server("listeners: [{routes: {/ws: hft}}]\n", "server.yaml").consolidation;
  EXPECT_TRUE(options.enabled);
  EXPECT_TRUE(options.by_symbol);
  EXPECT_TRUE(options.arbitrage.enabled);
  EXPECT_EQ(options.arbitrage.min_edge_bps, "1");
}

TEST(ConsolidationSection, ReadsAllThatThereIs) {
  const auto options = read(vodafone).consolidation;
  EXPECT_EQ(options.fees.at("nasdaq"), "0.3");
  EXPECT_EQ(options.arbitrage.min_edge_bps, "2.5");
  EXPECT_EQ(options.arbitrage.min_duration, std::chrono::milliseconds{50});
  ASSERT_EQ(options.cross_listings.size(), 1u);
  const auto& listing = options.cross_listings[0];
  EXPECT_EQ(listing.name, "VODAFONE");
  EXPECT_THAT(listing.legs, testing::ElementsAre("LSE:VOD", "nasdaq:VOD"));
  EXPECT_EQ(listing.factors.at("LSE:VOD"), "0.01");
  EXPECT_EQ(listing.size_factors.at("nasdaq:VOD"), "10");
}

TEST(ConsolidationSection, RefusesNonsenseWithItsPlaceAndWhatIsAllowed) {
  EXPECT_THAT(refused("  fees: {nasdaq: cheap}\n"), HasSubstr("server.yaml:4:10: consolidation.fees.nasdaq"));
  EXPECT_THAT(refused("  arbitrage: {min_edge_bps: -1}\n"), HasSubstr("basis points from 0 to 10000"));
  EXPECT_THAT(refused("  arbitrage: {min_edge_bps: 1.00001}\n"), HasSubstr("basis points from 0 to 10000"));
  EXPECT_THAT(refused("  arbitrage: {min_edge: abc}\n"), HasSubstr("a price from 0"));
  EXPECT_THAT(refused("  arbitrage: {min_edges: 1}\n"), HasSubstr("did you mean 'min_edge'?"));
  EXPECT_THAT(refused("  cross_listings: {V: {legs: [\"LSE:VOD\"]}}\n"), HasSubstr("at least two legs"));
  EXPECT_THAT(refused("  cross_listings: {V: {currency: GBP}}\n"), HasSubstr("consolidation.cross_listings.V.legs"));
  EXPECT_THAT(refused("  cross_listings: {V: {legs: [LSE, \"NASDAQ:VOD\"]}}\n"), HasSubstr("VENUE:SYMBOL"));
  EXPECT_THAT(refused("  cross_listings: {V: {legs: [\"LSE:VOD\", \"NASDAQ:VOD\"], factors: {\"LSE:VOD\": 0}}}\n"),
              HasSubstr("a number above 0"));
  EXPECT_THAT(refused("  cross_listings: {V: {legs: [\"LSE:VOD\", \"NASDAQ:VOD\"], factors: {\"LSE:BP\": 1}}}\n"),
              HasSubstr("'LSE:BP' is none of the legs"));
  EXPECT_THAT(refused("  cross_listings: {\"A B\": {legs: [\"LSE:VOD\", \"NASDAQ:VOD\"]}}\n"),
              HasSubstr("a symbol has"));
}

TEST(ConsolidationSection, WarnsOfVenuesThatAreNotThere) {
  EXPECT_THAT(read("  fees: {nsdaq: 1}\n").warnings,
              testing::Contains(HasSubstr("consolidation.fees.nsdaq: there is no venue 'nsdaq'")));
  EXPECT_THAT(read("  cross_listings: {V: {legs: [\"LSE:VOD\", \"NYSE:VOD\"]}}\n").warnings,
              testing::ElementsAre(HasSubstr("there is no venue 'NYSE'")));
  EXPECT_THAT(read(vodafone).warnings, testing::IsEmpty());
}

TEST(ConsolidationSection, KeepsItsNameForItself) {
  EXPECT_THAT(refused("  enabled: true\n", "cons"), HasSubstr("'cons' is the name of consolidated instruments"));
  EXPECT_EQ(refused("  enabled: false\n", "cons"), "");
}

TEST(ConsolidationSection, ChangesAtOnceButForItsSwitch) {
  const auto plan = plan_reload(read(vodafone), read("  arbitrage: {min_edge_bps: 3}\n"));
  EXPECT_TRUE(plan.consolidation);
  EXPECT_TRUE(plan.refused.empty());
  EXPECT_THAT(to_text(plan), HasSubstr("consolidation.cross_listings.VODAFONE: there -> removed (at once)"));
  const auto other = plan_reload(read(vodafone), parse_server(with(vodafone + "      \n"), "server.yaml"));
  EXPECT_TRUE(other.empty());
  EXPECT_FALSE(plan_reload(read(vodafone), read("  enabled: false\n")).refused.empty());
}

} // namespace
