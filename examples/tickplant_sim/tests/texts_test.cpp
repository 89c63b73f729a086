#include "tickplant_sim/binance/texts.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tickplant::sim::binance {
namespace {

using nlohmann::json;

TEST(Texts, WriteEventsAsTheVenueDoes) {
  EXPECT_EQ(depth_update_text("BTCUSDT", {5, 9, {{one, 2 * one}}, {}}, 7),
            R"({"e":"depthUpdate","E":7,"s":"BTCUSDT","U":5,"u":9,"b":[["1.00000000","2.00000000"]],"a":[]})");
  EXPECT_EQ(book_ticker_text("BTCUSDT", {3, {one, one}, {2 * one, one / 2}}),
            R"({"u":3,"s":"BTCUSDT","b":"1.00000000","B":"1.00000000","a":"2.00000000","A":"0.50000000"})");
  EXPECT_EQ(trade_text("BTCUSDT", {4, one, one, true}, 8),
            R"({"e":"trade","E":8,"s":"BTCUSDT","t":4,"p":"1.00000000","q":"1.00000000","T":8,"m":true,"M":true})");
  EXPECT_EQ(json::parse(aggregate_trade_text("X", {1, 2, 3, one, one, false}, 8))["l"], 3);
  EXPECT_EQ(stream_name("BTCUSDT", "@depth"), "btcusdt@depth");
}

TEST(Texts, WriteTheDayStatistics) {
  market_options options;
  options.symbol = "BTCUSDT";
  market m{options};
  std::vector<market_event> events;
  for (int i = 0; i < 5'000; ++i) m.step(0.005, events);
  const auto ticker = json::parse(ticker_text(m, 1'700'000'000'000));
  EXPECT_EQ(ticker["e"], "24hrTicker");
  EXPECT_EQ(ticker["C"], 1'700'000'000'000);
  EXPECT_EQ(ticker["n"], ticker["L"].get<std::uint64_t>() - ticker["F"].get<std::uint64_t>() + 1);
  EXPECT_GE(std::stod(ticker["h"].get<std::string>()), std::stod(ticker["c"].get<std::string>()));
  EXPECT_NEAR(std::stod(ticker["w"].get<std::string>()), 65'000, 1'000);
  EXPECT_EQ(ticker.size(), 23u);
}

TEST(Texts, WriteSnapshotsBestFirstUpToTheLimit) {
  level_book book;
  book.set_bid(one, one);
  book.set_bid(2 * one, one);
  book.set_ask(4 * one, one);
  book.set_ask(3 * one, one);
  EXPECT_EQ(snapshot_text(book, 12, 1),
            R"({"lastUpdateId":12,"bids":[["2.00000000","1.00000000"]],"asks":[["3.00000000","1.00000000"]]})");
}

TEST(Texts, TurnTimesIntoMicrosecondsAndNothingElse) {
  EXPECT_EQ(with_microseconds(R"({"e":"trade","E":1723161255343,"t":1723161255343,"p":"1.0","T":1723161255342})"),
            R"({"e":"trade","E":1723161255343000,"t":1723161255343,"p":"1.0","T":1723161255342000})");
  EXPECT_EQ(with_microseconds(R"({"C":"5.0","O":12})"), R"({"C":"5.0","O":12})");
  EXPECT_EQ(with_microseconds(R"({"E":)"), R"({"E":)");
}

} // namespace
} // namespace tickplant::sim::binance
