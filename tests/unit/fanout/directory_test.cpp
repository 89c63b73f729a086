#include "runtime/fanout/directory.hpp"

#include "tests/support/fanout_builders.hpp"

#include <gtest/gtest.h>

using namespace tickplant;
using namespace tickplant::fanout;
using kind = resolution::kind;

namespace {

struct Directory : testing::Test {
  directory names;
  Directory() {
    names.set_venues({"NASDAQ", "NYSE"});
    names.add(model::instrument_id{1}, tests::make_instrument("AAPL", "NASDAQ"));
    names.add(model::instrument_id{2}, tests::make_instrument("AAPL", "NYSE"));
    names.add(model::instrument_id{3}, tests::make_instrument("IBM", "NYSE"));
  }
  uint32_t id(std::string_view name) { return model::index_of(names.resolve(name).id); }
};

TEST_F(Directory, TakesTheFirstVenueInOrderForAPlainSymbol) {
  EXPECT_EQ(id("AAPL"), 1u);
  EXPECT_EQ(id("IBM"), 3u);
}

TEST_F(Directory, TakesTheNamedVenue) {
  EXPECT_EQ(id("NYSE:AAPL"), 2u);
  EXPECT_EQ(names.resolve("NASDAQ:IBM").what, kind::pending);
  names.complete("NASDAQ");
  EXPECT_EQ(names.resolve("NASDAQ:IBM").what, kind::unknown);
}

TEST_F(Directory, KeepsNamesPendingUntilEveryVenueHasToldAll) {
  names.complete("NASDAQ");
  EXPECT_EQ(names.resolve("ZZZ").what, kind::pending);
  names.complete("NYSE");
  EXPECT_EQ(names.resolve("ZZZ").what, kind::unknown);
  EXPECT_EQ(names.resolve("NOVENUE:AAPL").what, kind::unknown);
  names.incomplete("NYSE");
  EXPECT_EQ(names.resolve("ZZZ").what, kind::pending);
}

TEST_F(Directory, ForgetsWhatIsRemoved) {
  names.remove(model::instrument_id{1});
  EXPECT_EQ(id("AAPL"), 2u);
  EXPECT_EQ(names.find(model::instrument_id{1}), nullptr);
  names.remove(model::instrument_id{1});
  EXPECT_EQ(names.size(), 2u);
}

TEST_F(Directory, KeepsWhatItKnowsWhenVenuesAreReordered) {
  names.set_venues({"NYSE", "NASDAQ"});
  EXPECT_EQ(id("AAPL"), 2u);
}

TEST_F(Directory, FindsSymbolsThatHoldAColon) {
  names.add(model::instrument_id{4}, tests::make_instrument("BRK:A", "NYSE"));
  EXPECT_EQ(id("BRK:A"), 4u);
  EXPECT_EQ(id("NYSE:BRK:A"), 4u);
}

} // namespace
