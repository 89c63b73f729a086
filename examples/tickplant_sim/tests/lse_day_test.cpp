#include "tickplant_sim/lse/gtp_feed.hpp"
#include "tickplant_sim/lse/mitch_feed.hpp"
#include "tickplant_sim/lse/recovery_service.hpp"
#include "tickplant_sim/lse/trading_day.hpp"
#include "tickplant_sim/tests/lse_book_checker.hpp"

#include <gtest/gtest.h>

namespace tickplant::sim::lse {
namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t second = 1'000 * ms;
constexpr std::uint64_t morning = 28'800 * second;
constexpr std::uint64_t utc_morning = 1'754'550'000 * second;

feed_time at_ms(std::uint64_t elapsed) {
  return {elapsed * ms, morning + elapsed * ms, utc_morning + elapsed * ms};
}

trading_day_options busy_day(std::uint64_t seed, protocol name) {
  trading_day_options o;
  o.flow.seed = seed;
  o.messages_per_second = 1'000;
  o.halt_every_s = 9;
  o.halt_length_s = 2;
  o.monitoring_every_s = 13;
  o.auction_every_s = 25;
  o.auction_length_s = 2;
  o.refresh_every_s = 5;
  o.correct_every_s = 1;
  o.level1_auctions = name == protocol::mitch;
  return o;
}

/// A day, its feed and a checker that reads every message as it comes.
struct played_day {
  played_day(const trading_day_options& options, protocol name_)
    : name{name_}, day{options}, feed{make_feed(name_, out)}, checker{name_ == protocol::gtp} {}

  /// Calls `after(message)` when the checker has taken it.
  template <class After>
  void play(std::uint64_t from_ms, std::uint64_t to_ms, After&& after) {
    for (auto now = from_ms; now < to_ms; ++now) {
      day.advance(at_ms(now), *feed, out);
      drain(after);
    }
  }
  void play(std::uint64_t from_ms, std::uint64_t to_ms) {
    play(from_ms, to_ms, [](std::span<const std::uint8_t>) {});
  }
  template <class After>
  void drain(After&& after) {
    for (std::size_t i = 0; i < out.count(); ++i) {
      checker.apply(out.message(i));
      after(out.message(i));
      bytes.insert(bytes.end(), out.message(i).begin(), out.message(i).end());
    }
    out.clear();
  }

  protocol name;
  trading_day day;
  message_buffer out;
  std::unique_ptr<market_feed> feed;
  test::lse_book_checker checker;
  byte_buffer bytes;
};

/// What the receiver of the feed has must be what the matching engine has, order by order.
void expect_same_books(const played_day& played) {
  for (std::size_t i = 0; i < played.day.engine().instrument_count(); ++i) {
    const auto& one = played.day.engine().at(i);
    for (const bool quotes : {false, true})
      for (const side s : both_sides) {
        const auto seen = played.checker.side(one.of.instrument, quotes, s == side::buy);
        std::size_t n = 0;
        const auto& book = quotes ? one.quotes : one.orders;
        if (!one.disclosed && !quotes) {
          EXPECT_TRUE(seen.empty());
          continue;
        }
        book.for_each(s, [&](const book_order& order) {
          ASSERT_LT(n, seen.size()) << one.of.ticker;
          EXPECT_EQ(seen[n].id, order.id) << one.of.ticker;
          EXPECT_EQ(seen[n].price, order.price);
          EXPECT_EQ(seen[n].quantity, order.shown);
          EXPECT_EQ(seen[n].market, order.market);
          ++n;
        });
        EXPECT_EQ(n, seen.size()) << one.of.ticker;
      }
  }
}

using day_parameter = std::tuple<protocol, std::uint64_t>;
class LseDay : public testing::TestWithParam<day_parameter> {};

TEST_P(LseDay, TellsExactlyTheBooksThatTheEngineHas) {
  const auto [name, seed] = GetParam();
  played_day played{busy_day(seed, name), name};
  std::uint64_t crossed = 0, shallow = 0, looked = 0;
  for (std::uint64_t s = 0; s < 45 && !HasFailure(); ++s) {
    played.play(s * 1'000, (s + 1) * 1'000);
    expect_same_books(played);
    ASSERT_EQ(played.checker.fault(), "");
    for (const auto& [instrument, state] : played.checker.instruments()) {
      if (state.status != 'T') continue;
      ++looked;
      crossed += played.checker.is_crossed(instrument) ? 1 : 0;
      shallow += played.checker.side(instrument, false, true).size() < 5 ? 1 : 0;
    }
  }
  EXPECT_EQ(crossed, 0u);
  EXPECT_LT(shallow, looked / 20);
  EXPECT_EQ(played.checker.instruments().size(), 12u);
  EXPECT_GT(played.checker.market_orders(), 20u);
  EXPECT_GT(played.checker.priority_lost(), 500u);
  EXPECT_GT(played.checker.cancelled(), 5u);
  EXPECT_GT(played.checker.amended(), 5u);
  const std::string_view types = name == protocol::mitch ? "TSRHAFDUyECPQIwq" : "SpHFUDyPwjW";
  for (const char type : types) EXPECT_GT(played.checker.count(type), 0u) << type;
  EXPECT_TRUE(name == protocol::gtp || played.checker.refills_by_execution() > 0);
  for (const auto& [instrument, state] : played.checker.instruments()) EXPECT_GE(state.auction_trades, 1u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, LseDay,
                         testing::Combine(testing::Values(protocol::mitch, protocol::gtp), testing::Values(1, 2, 77)));

class LseDayOf : public testing::TestWithParam<protocol> {};
INSTANTIATE_TEST_SUITE_P(Protocols, LseDayOf, testing::Values(protocol::mitch, protocol::gtp));

TEST_P(LseDayOf, NeverCrossesABookInRegularTrading) {
  played_day played{busy_day(5, GetParam()), GetParam()};
  std::uint64_t crossed = 0;
  played.play(0, 4'000, [&](std::span<const std::uint8_t>) {
    const auto of = played.day.engine().at(0).of.instrument;
    const auto seen = played.checker.instruments().find(of);
    if (seen != played.checker.instruments().end() && seen->second.status == 'T')
      crossed += played.checker.is_crossed(of) ? 1 : 0;
  });
  EXPECT_EQ(crossed, 0u);
  EXPECT_EQ(played.checker.instruments().at(10'101).status, 'T');
}

TEST_P(LseDayOf, PrintsTheVolumeThatTheEngineCounts) {
  played_day played{busy_day(3, GetParam()), GetParam()};
  played.play(0, 30'000);
  for (std::size_t i = 0; i < played.day.engine().instrument_count(); ++i) {
    const auto& one = played.day.engine().at(i);
    EXPECT_EQ(played.checker.instruments().at(one.of.instrument).printed_volume,
              static_cast<std::int64_t>(one.totals.volume));
  }
}

TEST_P(LseDayOf, RepeatsWithTheSameSeedAndDiffersWithAnother) {
  played_day first{busy_day(5, GetParam()), GetParam()}, second_day{busy_day(5, GetParam()), GetParam()},
    other{busy_day(6, GetParam()), GetParam()};
  for (auto* played : {&first, &second_day, &other}) played->play(0, 5'000);
  EXPECT_EQ(first.bytes, second_day.bytes);
  EXPECT_NE(first.bytes, other.bytes);
}

TEST_P(LseDayOf, ClosesWithAnAuctionAndEmptyBooks) {
  played_day played{busy_day(7, GetParam()), GetParam()};
  played.play(0, 5'000);
  played.day.finish(at_ms(5'000), *played.feed);
  played.drain([](std::span<const std::uint8_t>) {});
  EXPECT_EQ(played.checker.fault(), "");
  EXPECT_TRUE(played.checker.orders().empty());
  EXPECT_EQ(played.checker.event(), 'C');
  for (const auto& [instrument, state] : played.checker.instruments()) {
    EXPECT_GT(state.official_close, 0);
    EXPECT_EQ(state.status, 't');
  }
  // Nothing follows.
  played.play(5'001, 9'000);
  EXPECT_EQ(played.checker.event(), 'C');
}

TEST_P(LseDayOf, BeginsAnotherDayWhenDaysAreShort) {
  auto options = busy_day(8, GetParam());
  options.day_length_s = 3;
  options.close_length_s = 1;
  played_day played{options, GetParam()};
  played.play(0, 15'000);
  EXPECT_EQ(played.checker.fault(), "");
  EXPECT_GE(played.day.days_begun(), 3u);
  EXPECT_GE(played.checker.count('S'), 5u);
}

TEST_P(LseDayOf, SendsAboutTheWantedRate) {
  auto options = busy_day(3, GetParam());
  options.messages_per_second = 5'000;
  options.auction_every_s = 0;
  played_day played{options, GetParam()};
  played.play(0, 20'000);
  EXPECT_NEAR(static_cast<double>(played.checker.messages()), 100'000, 6'000);
}

TEST_P(LseDayOf, DoesNotCatchUpAStallOfSeconds) {
  auto options = busy_day(8, GetParam());
  options.halt_every_s = options.monitoring_every_s = options.auction_every_s = options.refresh_every_s = 0;
  played_day played{options, GetParam()};
  played.play(0, 3'000);
  const auto before = played.checker.messages();
  played.play(60'000, 60'001);
  EXPECT_LT(played.checker.messages() - before, 300u);
}

TEST(LseMitchDay, HidesTheDepthOfALevel1OnlyAuctionAndSendsItAgain) {
  played_day played{busy_day(2, protocol::mitch), protocol::mitch};
  bool hidden = false, shown_again = false;
  for (std::uint64_t now = 0; now < 60'000 && !shown_again; now += 500) {
    played.play(now, now + 500);
    const auto status = played.checker.instruments().at(10'107).status;
    if (status == 'G') {
      EXPECT_TRUE(played.checker.side(10'107, false, true).empty());
      hidden = true;
    }
    shown_again = hidden && status == 'T' && played.checker.side(10'107, false, true).size() > 10;
  }
  EXPECT_TRUE(hidden);
  EXPECT_TRUE(shown_again);
  EXPECT_EQ(played.checker.fault(), "");
}

TEST(LseMitchDay, DoesNotMakeUpForTheSilenceOfALevel1OnlyAuction) {
  auto options = busy_day(2, protocol::mitch);
  options.halt_every_s = options.monitoring_every_s = options.refresh_every_s = options.correct_every_s = 0;
  options.auction_every_s = options.auction_length_s = 4;
  played_day played{options, protocol::mitch};
  std::uint64_t now = 0;
  for (const char status : {'G', 'T'})
    for (; now < 20'000 && played.day.engine().at(0).status.code != status; ++now) played.play(now, now + 1);
  ASSERT_LT(now, 20'000u);
  // The books have come again; a tenth of a second later there is a tenth of a second's flow at most.
  const auto before = played.checker.messages();
  played.play(now, now + 100);
  EXPECT_LT(played.checker.messages() - before, 150u);
}

TEST(LseMitchDay, IntroducesAFeedThatBeganAnewWithOrWithoutBooks) {
  for (const bool books : {true, false}) {
    played_day played{busy_day(4, protocol::mitch), protocol::mitch};
    played.play(0, 3'000);
    // A receiver that knows nothing.
    played.checker = test::lse_book_checker{false};
    played.feed = make_feed(protocol::mitch, played.out);
    played.day.introduce(at_ms(3'000), books, *played.feed);
    played.drain([](std::span<const std::uint8_t>) {});
    EXPECT_EQ(played.checker.fault(), "");
    EXPECT_EQ(played.checker.instruments().size(), 12u);
    if (books)
      expect_same_books(played);
    else
      EXPECT_TRUE(played.checker.orders().empty());
  }
}

TEST(LseListing, HasRealIsinsAndTheSedolsInThem) {
  for (const auto& of : demo_listings()) {
    ASSERT_EQ(of.isin.size(), 12u) << of.ticker;
    // ISO 6166: letters are 10 to 35, then the Luhn sum of all digits is a multiple of ten.
    std::string digits;
    for (const char c : of.isin) digits += c <= '9' ? std::string(1, c) : std::to_string(c - 'A' + 10);
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
      int digit = digits[digits.size() - 1 - i] - '0';
      if (i % 2 == 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
      sum += digit;
    }
    EXPECT_EQ(sum % 10, 0) << of.isin;
    EXPECT_NE(of.isin.find(of.sedol), std::string::npos);
    EXPECT_EQ(of.previous_close % tick_size(of.previous_close), 0) << of.ticker;
  }
}

TEST(Uncross, FindsThePriceOfMostVolume) {
  instrument_book book;
  const auto enter = [&](side s, price8 price, std::uint32_t shown, std::uint32_t hidden = 0) {
    book.insert({s, price == 0, price * price_one, shown, hidden, {}}, 1, 0);
  };
  EXPECT_EQ(find_uncross(book, 100 * price_one).volume, 0u);
  enter(side::buy, 101, 300);
  enter(side::buy, 100, 200);
  enter(side::sell, 99, 100, 50);
  enter(side::sell, 101, 250);
  // At 99 and 100 only 150 are offered, at 101 there are 400 against 300.
  const auto found = find_uncross(book, 100 * price_one);
  EXPECT_EQ(found.price, 101 * price_one);
  EXPECT_EQ(found.volume, 300u);
  EXPECT_EQ(found.sell_surplus, 100u);
  enter(side::buy, 0, 1'000);
  EXPECT_EQ(find_uncross(book, 100 * price_one).volume, 400u);
}

TEST(Uncross, TakesTheReferenceForMarketOrdersAlone) {
  instrument_book book;
  book.insert({side::buy, true, 0, 70, 0, {}}, 1, 0);
  book.insert({side::sell, true, 0, 50, 0, {}}, 2, 0);
  const auto found = find_uncross(book, 123);
  EXPECT_EQ(found.price, 123);
  EXPECT_EQ(found.volume, 50u);
  EXPECT_EQ(found.buy_surplus, 20u);
}

} // namespace
} // namespace tickplant::sim::lse
