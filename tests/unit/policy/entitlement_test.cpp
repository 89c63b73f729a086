#include "runtime/policy/entitlement.hpp"

#include <gtest/gtest.h>

namespace tickplant::policy {
namespace {

TEST(Pattern, RunsMatchAnyCharactersAlsoNone) {
  EXPECT_TRUE(matches_runs("*", ""));
  EXPECT_TRUE(matches_runs("A*", "A"));
  EXPECT_TRUE(matches_runs("A*Z", "AxxZxZ"));
  EXPECT_TRUE(matches_runs("*USD*", "BTCUSDT"));
  EXPECT_TRUE(matches_runs("**A**", "A"));
  EXPECT_FALSE(matches_runs("A*Z", "AxxZx"));
  EXPECT_FALSE(matches_runs("", "A"));
  EXPECT_FALSE(matches_runs("A", "a"));
  EXPECT_TRUE(matches_runs("nas*", "NASDAQ", true));
}

TEST(Pattern, ManyRunsTakeNoExponentialTime) {
  std::string pattern;
  for (int i = 0; i < 127; ++i) pattern += "*a";
  EXPECT_FALSE(matches_runs(pattern + 'b', std::string(4000, 'a')));
}

struct pattern_case {
  const char* pattern;
  const char* venue;
  const char* symbol;
  bool wanted;
};

TEST(Pattern, VenueAndSymbol) {
  for (const auto& [pattern, venue, symbol, wanted] : {pattern_case{"NASDAQ:AAPL", "NASDAQ", "AAPL", true},
                                                       {"nasdaq:AAPL", "NASDAQ", "AAPL", true},
                                                       {"NASDAQ:AAPL", "NASDAQ", "AAPLW", false},
                                                       {"NASDAQ:AAPL", "BINANCE", "AAPL", false},
                                                       {"NASDAQ:*", "NASDAQ", "MSFT", true},
                                                       {"NASDAQ:*", "NASDAQX", "MSFT", false},
                                                       {"AAPL", "ANY", "AAPL", true},
                                                       {"A*", "ANY", "AAPL", true},
                                                       {"*:BTC*", "BINANCE", "BTCUSDT", true},
                                                       {"*:BTC*", "BINANCE", "ETHBTC", false},
                                                       {"*", "X", "Y", true},
                                                       {"*:*", "X", "Y", true},
                                                       {"B*:E*", "BINANCE", "ETHBTC", true},
                                                       {"NASDAQ:BAC:PL", "NASDAQ", "BAC:PL", true},
                                                       {"NASDAQ:aapl", "NASDAQ", "AAPL", false}}) {
    const std::vector<std::string> one{pattern};
    EXPECT_EQ(pattern_set{one}.matches(venue, symbol), wanted) << pattern << ' ' << venue << ':' << symbol;
  }
}

TEST(Pattern, SetFindsAmongMany) {
  std::vector<std::string> many;
  for (int i = 0; i < 1000; ++i) many.push_back("NASDAQ:S" + std::to_string(i));
  many.push_back("BINANCE:S7");
  const pattern_set set{many};
  EXPECT_TRUE(set.matches("NASDAQ", "S999"));
  EXPECT_TRUE(set.matches("BINANCE", "S7"));
  EXPECT_FALSE(set.matches("BINANCE", "S8"));
  EXPECT_FALSE(set.matches_all());
}

TEST(Pattern, UnusableOnesAreToldAndGrantNothing) {
  EXPECT_NE(pattern_set::problem_of(""), "");
  EXPECT_NE(pattern_set::problem_of("NASDAQ:"), "");
  EXPECT_NE(pattern_set::problem_of(":AAPL"), "");
  EXPECT_NE(pattern_set::problem_of("A B"), "");
  EXPECT_NE(pattern_set::problem_of(std::string(300, 'A')), "");
  EXPECT_EQ(pattern_set::problem_of("NASDAQ:*"), "");
  const std::vector<std::string> wrong{"", "NASDAQ:", ":*"};
  EXPECT_TRUE(pattern_set{wrong}.empty());
}

tier_table tiers() {
  tier_rules retail{.name = "retail",
                    .symbols = std::vector<std::string>{"NASDAQ:A*"},
                    .data_types = TP_DATA_QUOTES | TP_DATA_TRADES,
                    .depth = 5,
                    .min_frequency_ms = 100,
                    .max_symbols = 10,
                    .max_connections = 2};
  tier_rules own{.name = "own", .symbols = std::vector<std::string>{}};
  return tier_table{{retail, own, tier_rules{.name = "all"}}};
}

principal in_tier(std::string tier, std::vector<std::string> entitlements = {}) {
  principal who;
  who.subject = "s";
  who.tier = std::move(tier);
  who.entitlements = std::move(entitlements);
  return who;
}

TEST(Entitlement, TierDecidesPerSymbol) {
  const auto may = tiers().grant(in_tier("retail")).value();
  EXPECT_EQ(may.decide("NASDAQ", "AAPL"), 0);
  EXPECT_EQ(may.decide("NASDAQ", "MSFT"), 4305);
  EXPECT_EQ(may.decide("BINANCE", "ADAUSDT"), 4305);
  EXPECT_EQ(may.max_symbols(), 10u);
  EXPECT_EQ(may.max_connections(), 2u);
  EXPECT_EQ(may.tier(), "retail");
}

TEST(Entitlement, PrincipalBringsMore) {
  const auto may = tiers().grant(in_tier("retail", {"BINANCE:BTC*"})).value();
  EXPECT_EQ(may.decide("BINANCE", "BTCUSDT"), 0);
  EXPECT_EQ(may.decide("BINANCE", "ETHUSDT"), 4305);
  const auto own = tiers().grant(in_tier("own", {"NASDAQ:MSFT"})).value();
  EXPECT_EQ(own.decide("NASDAQ", "MSFT"), 0);
  EXPECT_EQ(own.decide("NASDAQ", "AAPL"), 4305);
  EXPECT_EQ(tiers().grant(in_tier("own"))->decide("NASDAQ", "AAPL"), 4305);
}

TEST(Entitlement, WithoutTierNothingIsBoundAndAnUnknownTierGetsNone) {
  const auto may = tiers().grant(in_tier("")).value();
  EXPECT_EQ(may.decide("X", "Y"), 0);
  EXPECT_EQ(may.max_symbols(), no_bound);
  EXPECT_EQ(tiers().grant(in_tier("all"))->decide("X", "Y"), 0);
  EXPECT_FALSE(tiers().grant(in_tier("gone")).has_value());
}

TEST(Entitlement, OptionsAreCutToTheTier) {
  const auto may = tiers().grant(in_tier("retail")).value();
  EXPECT_EQ(may.granted({TP_DATA_QUOTES | TP_DATA_ORDER_BOOK, 0, 50}), (stream_options{TP_DATA_QUOTES, 100, 5}));
  EXPECT_EQ(may.granted({TP_DATA_QUOTES, 250, 3}), (stream_options{TP_DATA_QUOTES, 250, 3}));
  EXPECT_EQ(may.granted({TP_DATA_ORDER_BOOK, 250, 3}), std::nullopt);
  EXPECT_EQ(may.granted({0, 250, 3}), (stream_options{0, 250, 3}));
  EXPECT_EQ(entitlement{}.granted({TP_DATA_ORDER_BOOK, 0, 50}), (stream_options{TP_DATA_ORDER_BOOK, 0, 50}));
}

} // namespace
} // namespace tickplant::policy
