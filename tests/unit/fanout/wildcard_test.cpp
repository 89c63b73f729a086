// Protocol, subscription rules: `*` is one part of a name, `>` the rest.
#include "runtime/fanout/directory.hpp"
#include "runtime/fanout/wildcard.hpp"

#include "tests/support/fanout_builders.hpp"

#include <gmock/gmock.h>

using namespace tickplant;
using namespace tickplant::fanout;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

bool matches(std::string_view pattern, std::string_view venue, std::string_view symbol) {
  return wildcard::from(pattern)->matches(venue, symbol);
}

TEST(Wildcard, IsAWholePartOfAName) {
  for (const auto* text : {"*", ">", "NASDAQ:*", "NASDAQ:>", "*:AAPL", "*:*", "*:>"})
    EXPECT_TRUE(wildcard::from(text)) << text;
  for (const auto* text :
       {"", "AAPL", "NASDAQ:AAPL", "A*", "NASDAQ:A*", "*A", "N*:AAPL", ">:AAPL", "NASDAQ:", ":*", "*:"})
    EXPECT_FALSE(wildcard::from(text)) << text;
}

TEST(Wildcard, StandsForOnePartOrForTheRest) {
  EXPECT_TRUE(matches("NASDAQ:*", "NASDAQ", "AAPL"));
  EXPECT_FALSE(matches("NASDAQ:*", "LSE", "AAPL"));
  EXPECT_FALSE(matches("NASDAQ:*", "NASDAQ", "OPTION:AAPL")) << "two parts";
  EXPECT_TRUE(matches("NASDAQ:>", "NASDAQ", "OPTION:AAPL"));
  EXPECT_TRUE(matches("*:AAPL", "LSE", "AAPL"));
  EXPECT_FALSE(matches("*:AAPL", "LSE", "AAPLW"));
  EXPECT_TRUE(matches(">", "LSE", "A:B"));
  EXPECT_TRUE(matches("*", "LSE", "A"));
  EXPECT_FALSE(matches("*", "LSE", "A:B"));
}

TEST(Wildcard, MeansConsolidatedInstrumentsByTheirVenueOnly) {
  for (const auto* text : {">", "*", "*:AAPL", "*:*"}) EXPECT_FALSE(matches(text, "CONS", "AAPL")) << text;
  EXPECT_TRUE(matches("CONS:*", "CONS", "AAPL"));
}

TEST(Wildcard, IsLookedUpInTheOrderOfVenueAndSymbol) {
  directory names;
  names.set_venues({"NASDAQ", "LSE", "CONS"});
  names.add(model::instrument_id{0}, tests::make_instrument("MSFT"));
  names.add(model::instrument_id{1}, tests::make_instrument("VOD", "LSE"));
  names.add(model::instrument_id{2}, tests::make_instrument("AAPL"));
  names.add(model::instrument_id{3}, tests::make_instrument("AAPL", "LSE"));
  names.add(model::instrument_id{4}, tests::make_instrument("AAPL", "CONS"));
  const auto found = [&](std::string_view pattern) {
    std::vector<uint32_t> ids;
    for (const auto id : names.matching(*wildcard::from(pattern))) ids.push_back(model::index_of(id));
    return ids;
  };
  EXPECT_THAT(found(">"), ElementsAre(2u, 0u, 3u, 1u));
  EXPECT_THAT(found("NASDAQ:*"), ElementsAre(2u, 0u));
  EXPECT_THAT(found("*:AAPL"), ElementsAre(2u, 3u));
  EXPECT_THAT(found("CONS:>"), ElementsAre(4u));
  EXPECT_THAT(found("NYSE:*"), IsEmpty());
  names.complete("NASDAQ");
  EXPECT_FALSE(names.is_open(*wildcard::from("NASDAQ:*")));
  EXPECT_TRUE(names.is_open(*wildcard::from("*:AAPL")));
  names.complete("LSE");
  EXPECT_FALSE(names.is_open(*wildcard::from(">"))) << "the consolidated ones are not meant";
}

} // namespace
