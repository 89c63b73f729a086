// S0-10: crossed and locked markets are told once at their start, at changes and at their end, never from a venue that
// is not to be trusted.
#include "tests/unit/consolidation/support.hpp"

#include <gmock/gmock.h>

using namespace tickplant;
using namespace tickplant::consolidation;
using namespace tickplant::tests;
using testing::HasSubstr;
using testing::IsEmpty;
using phase = book::signal::phase;

namespace {

constexpr uint64_t ms = 1'000'000, wall_base = 1'700'000'000'000'000'000;

arbitrage_rules plain_rules() {
  arbitrage_rules rules;
  rules.min_edge = 0;
  rules.edge_step = 10'000;
  rules.size_step = 20;
  return rules;
}

struct Arbitrage : testing::Test {
  Arbitrage() { with(plain_rules()); }
  void with(arbitrage_rules rules) { book.emplace(model::instrument_id{100}, listing_of({-2, -2, -2}), rules, 7); }
  std::vector<book::signal> at(uint64_t ns) {
    book->settle(ns, wall_base + ns);
    return std::exchange(book->signals(), {});
  }
  std::vector<book::signal> at(uint64_t ns, size_t leg, const book::top_state& says) {
    book->take(leg, says);
    return at(ns);
  }
  void quiet(uint64_t ns) {
    EXPECT_THAT(at(ns, 0, top(100'00, 50, 100'10, 50)), IsEmpty());
    EXPECT_THAT(at(ns, 1, top(100'00, 50, 100'10, 50)), IsEmpty());
  }
  std::optional<consolidated_book> book;
};

TEST_F(Arbitrage, TellsACrossedMarketAtItsStartAndAtItsEnd) {
  quiet(0);
  const auto start = at(5 * ms, 1, top(100'20, 30, 100'30, 50));
  ASSERT_EQ(start.size(), 1u);
  EXPECT_EQ(start[0].what, phase::start);
  EXPECT_EQ(start[0].buy_at->venue, "A");
  EXPECT_EQ(start[0].sell_at->venue, "B");
  EXPECT_EQ(start[0].buy_price, 100'10);
  EXPECT_EQ(start[0].sell_price, 100'20);
  EXPECT_EQ(start[0].quantity, 30);
  EXPECT_EQ(start[0].edge, 10);
  EXPECT_EQ(start[0].edge_bps, 99'900) << "9.99 basis points";
  EXPECT_FALSE(start[0].is_locked);
  EXPECT_EQ(start[0].start_ns, wall_base + 5 * ms);
  EXPECT_THAT(at(6 * ms), IsEmpty()) << "told once";
  const auto end = at(9 * ms, 1, top(100'00, 30, 100'30, 50));
  ASSERT_EQ(end.size(), 1u);
  EXPECT_EQ(end[0].what, phase::end);
  EXPECT_EQ(end[0].key, start[0].key);
  EXPECT_EQ(end[0].reason, "the edge is gone");
  EXPECT_EQ(end[0].duration_ns, 4 * ms);
  EXPECT_EQ(end[0].number, start[0].number + 1);
}

TEST_F(Arbitrage, TellsALockedMarketWhereNoEdgeIsAsked) {
  quiet(0);
  const auto start = at(1, 1, top(100'10, 30, 100'30, 50));
  ASSERT_EQ(start.size(), 1u);
  EXPECT_TRUE(start[0].is_locked);
  auto rules = plain_rules();
  rules.min_edge = 1;
  with(rules);
  quiet(0);
  EXPECT_THAT(at(1, 1, top(100'10, 30, 100'30, 50)), IsEmpty());
}

TEST_F(Arbitrage, IsNoMatterOfOneVenueAlone) {
  EXPECT_THAT(at(1, 0, top(100'20, 30, 100'10, 50)), IsEmpty());
  EXPECT_THAT(at(2, 1, top(99'00, 30, 101'00, 50)), IsEmpty());
}

TEST_F(Arbitrage, TakesFeesOfBothVenuesOff) {
  auto rules = plain_rules();
  rules.fees = {{"A", 30'000}, {"B", 20'000}}; // 3 and 2 basis points
  rules.min_edge = 10'000;
  with(rules);
  quiet(0);
  EXPECT_THAT(at(1, 1, top(100'15, 30, 100'30, 50)), IsEmpty()) << "5 basis points are the fees";
  const auto start = at(2, 1, top(100'20, 30, 100'30, 50));
  ASSERT_EQ(start.size(), 1u);
  // 0.10 less 100.10 * 0.0003 and 100.20 * 0.0002, which are 0.03003 and 0.02004.
  EXPECT_EQ(start[0].net_edge.low, 4'993'000'00u) << "0.04993 at exponent -10";
  EXPECT_EQ(start[0].net_edge_bps, 49'880) << "4.988 basis points";
  EXPECT_EQ(start[0].edge_bps, 99'900);
}

TEST_F(Arbitrage, ChoosesThePairThatIsBestAfterFees) {
  auto rules = plain_rules();
  rules.fees = {{"B", 100'000}};
  with(rules);
  quiet(0);
  at(1, 2, top(99'00, 1, 101'00, 1));
  EXPECT_THAT(at(2, 1, top(100'15, 30, 100'30, 50)), IsEmpty()) << "the fee takes it all";
  const auto start = at(3, 2, top(100'14, 20, 100'30, 50));
  ASSERT_EQ(start.size(), 1u);
  EXPECT_EQ(start[0].sell_at->venue, "C") << "though B bids more";
}

TEST_F(Arbitrage, AsksForAnEdgeInPriceToo) {
  auto rules = plain_rules();
  rules.min_price_edge = {15, -2};
  with(rules);
  quiet(0);
  EXPECT_THAT(at(1, 1, top(100'24, 30, 100'30, 50)), IsEmpty());
  EXPECT_EQ(at(2, 1, top(100'25, 30, 100'30, 50)).size(), 1u);
}

TEST_F(Arbitrage, WaitsForTheLeastDuration) {
  auto rules = plain_rules();
  rules.min_duration_ns = 10 * ms;
  with(rules);
  quiet(0);
  EXPECT_EQ(book->deadline_ns(), UINT64_MAX);
  EXPECT_THAT(at(5 * ms, 1, top(100'20, 30, 100'30, 50)), IsEmpty());
  EXPECT_EQ(book->deadline_ns(), 15 * ms);
  EXPECT_THAT(at(14 * ms), IsEmpty());
  const auto start = at(15 * ms);
  ASSERT_EQ(start.size(), 1u);
  EXPECT_EQ(start[0].start_ns, wall_base + 5 * ms) << "since it began, not since it was told";
  EXPECT_EQ(start[0].duration_ns, 10 * ms);
  EXPECT_EQ(book->deadline_ns(), UINT64_MAX);
}

TEST_F(Arbitrage, ForgetsWhatWasOverBeforeTheLeastDuration) {
  auto rules = plain_rules();
  rules.min_duration_ns = 10 * ms;
  with(rules);
  quiet(0);
  at(5 * ms, 1, top(100'20, 30, 100'30, 50));
  EXPECT_THAT(at(9 * ms, 1, top(100'00, 30, 100'30, 50)), IsEmpty());
  EXPECT_EQ(book->deadline_ns(), UINT64_MAX);
  EXPECT_THAT(at(12 * ms, 1, top(100'20, 30, 100'30, 50)), IsEmpty()) << "it begins anew";
  EXPECT_THAT(at(21 * ms), IsEmpty());
  EXPECT_EQ(at(22 * ms).size(), 1u);
  EXPECT_EQ(book->arbitrage().brief(), 1u);
}

TEST_F(Arbitrage, TellsAChangeBeyondTheStepsOnly) {
  quiet(0);
  at(1, 1, top(100'20, 30, 100'30, 50));
  EXPECT_THAT(at(2, 1, top(100'20, 35, 100'30, 50)), IsEmpty()) << "17 percent";
  const auto grown = at(3, 1, top(100'20, 36, 100'30, 50));
  ASSERT_EQ(grown.size(), 1u);
  EXPECT_EQ(grown[0].what, phase::change);
  EXPECT_EQ(grown[0].quantity, 36);
  const auto moved = at(4, 1, top(100'22, 36, 100'30, 50));
  ASSERT_EQ(moved.size(), 1u) << "two basis points";
  EXPECT_EQ(moved[0].edge, 12);
  const auto other = at(5, 2, top(100'24, 36, 100'30, 50));
  ASSERT_EQ(other.size(), 1u);
  EXPECT_EQ(other[0].sell_at->venue, "C");
  EXPECT_EQ(other[0].key, grown[0].key);
}

TEST_F(Arbitrage, TellsChangesNoOftenerThanTheInterval) {
  auto rules = plain_rules();
  rules.change_interval_ns = 100 * ms;
  with(rules);
  quiet(0);
  at(10 * ms, 1, top(100'20, 30, 100'30, 50));
  for (uint64_t i = 1; i < 10; ++i)
    EXPECT_THAT(at((10 + i) * ms, 1, top(100'20, 30 + 10 * static_cast<int64_t>(i % 3), 100'30, 50)), IsEmpty());
  at(20 * ms, 1, top(100'20, 50, 100'30, 50));
  EXPECT_EQ(book->deadline_ns(), 110 * ms);
  const auto late = at(110 * ms);
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].quantity, 50) << "the newest";
  EXPECT_EQ(at(111 * ms, 1, top(100'00, 30, 100'30, 50)).size(), 1u) << "an end waits for nothing";
}

TEST_F(Arbitrage, EndsWhenALegGoesStaleAndSaysSo) {
  quiet(0);
  at(1, 1, top(100'20, 30, 100'30, 50));
  book->lose(0, "line silent");
  auto end = at(2);
  ASSERT_EQ(end.size(), 1u);
  EXPECT_EQ(end[0].what, phase::end);
  EXPECT_EQ(end[0].reason, "A: line silent");
  EXPECT_THAT(at(3), IsEmpty());
  EXPECT_EQ(at(4, 0, top(100'00, 50, 100'10, 50)).size(), 1u) << "a new one when it is back";
  auto halted = top(100'20, 30, 100'30, 50);
  halted.trading_state = TP_STATE_HALTED;
  end = at(5, 1, halted);
  ASSERT_EQ(end.size(), 1u);
  EXPECT_EQ(end[0].reason, "B: halted");
}

TEST_F(Arbitrage, StartsAnewWithAnotherPairWhenALegOfTheOpenOneGoesStale) {
  quiet(0);
  const auto first = at(1, 1, top(100'20, 30, 100'30, 50));
  at(2, 2, top(100'15, 30, 100'30, 50));
  book->lose(1, "gone");
  const auto both = at(2);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].what, phase::end);
  EXPECT_EQ(both[1].what, phase::start);
  EXPECT_EQ(both[1].sell_at->venue, "C");
  EXPECT_NE(both[1].key, first[0].key);
}

TEST_F(Arbitrage, EndsWithTheRulesOrTheBook) {
  quiet(0);
  at(1, 1, top(100'20, 30, 100'30, 50));
  book->change(listing_of({-2, -2}), plain_rules(), 2, wall_base + 2);
  auto end = at(3);
  ASSERT_EQ(end.size(), 1u);
  EXPECT_THAT(end[0].reason, HasSubstr("changed"));
  at(4, 0, top(100'00, 50, 100'10, 50));
  ASSERT_EQ(at(5, 1, top(100'20, 30, 100'30, 50)).size(), 1u);
  book->close("the book is being started anew", 6, wall_base + 6);
  EXPECT_EQ(book->signals().size(), 1u);
}

TEST_F(Arbitrage, IsSilentWhereItIsOff) {
  auto rules = plain_rules();
  rules.is_on = false;
  with(rules);
  quiet(0);
  EXPECT_THAT(at(1, 1, top(100'20, 30, 100'30, 50)), IsEmpty());
}

TEST_F(Arbitrage, NeverStartsFromAVenueWithoutSize) {
  quiet(0);
  EXPECT_THAT(at(1, 1, top(100'20, 0, 100'30, 50)), IsEmpty());
}

} // namespace
