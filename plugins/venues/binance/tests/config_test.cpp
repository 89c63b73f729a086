#include "config.hpp"
#include "line_keeper.hpp"

#include "driver.hpp"

#include <gtest/gtest.h>

#include <map>

namespace tickplant::binance::testing {
namespace {

std::map<std::string, std::string> faults_of(const pairs& settings, config* out = nullptr) {
  std::map<std::string, std::string> faults;
  const config c = read_config(
    settings.view(), [&](std::string_view key, std::string_view problem) { faults[std::string{key}] = problem; });
  if (out != nullptr) *out = c;
  return faults;
}

TEST(Config, NeedsOnlyTheTwoAddresses) {
  config c;
  const pairs settings{{"lines.stream", "wss://stream.example:9443/stream"}, {"rest", "https://api.example/"}};
  EXPECT_TRUE(faults_of(settings, &c).empty());
  EXPECT_EQ(c.rest_urls, (std::vector<std::string>{"https://api.example"}));
  EXPECT_EQ(c.product, product::spot);
  EXPECT_EQ(c.depth_suffix, "@depth@100ms");
  EXPECT_EQ(c.streams_limit, 1'024u);
  EXPECT_EQ(c.controls_limit, 5u);
  EXPECT_EQ(c.connects_limit, 300u);
  EXPECT_EQ(c.renew_ns, uint64_t{1'410} * 60 * 1'000'000'000);
  EXPECT_FALSE(c.mark_price);
  EXPECT_EQ(c.depth_limit, 1'000u);
  EXPECT_EQ(c.silence_ns, 60'000'000'000u);
  EXPECT_EQ(c.directory_interval_ns, 300'000'000'000u);
  EXPECT_EQ(c.weight_limit, 5'000u);
  EXPECT_EQ(c.buffer_bytes, 4u << 20);
  EXPECT_TRUE(c.ticker && c.book_ticker);
}

TEST(Config, ReadsEveryKeyAndLeavesTheHostsKeysAlone) {
  config c;
  const pairs settings{{"lines.stream", "ws://h/s"}, {"rest", "http://h"},     {"depth_limit", "5000"},
                       {"depth_speed", "1000ms"},    {"trades", "aggTrade"},   {"ticker", "false"},
                       {"book_ticker", "false"},     {"directory", "stream"},  {"directory_interval", "30s"},
                       {"time_unit", "us"},          {"silence", "10s"},       {"weight_limit", "1000"},
                       {"buffer_bytes", "1048576"},  {"symbols.0", "BTCUSDT"}, {"symbols_file", "x"},
                       {"plugin", "binance"},        {"required", "true"},     {"capture.file", "x"}};
  EXPECT_TRUE(faults_of(settings, &c).empty());
  EXPECT_EQ(c.depth_limit, 5'000u);
  EXPECT_EQ(c.depth_suffix, "@depth") << "the stream without a speed is the slow one";
  EXPECT_EQ(c.stream_urls[0], "ws://h/s?timeUnit=MICROSECOND");
  EXPECT_EQ(c.trades, trade_stream::agg_trade);
  EXPECT_FALSE(c.ticker || c.book_ticker);
  EXPECT_EQ(c.directory, directory_source::stream);
  EXPECT_EQ(c.unit, time_unit::microseconds);
  EXPECT_EQ(c.silence_ns, 10'000'000'000u);
}

TEST(Config, KnowsTheLimitsAndStreamsOfFutures) {
  config c;
  const pairs settings{{"lines.stream.0", "wss://a/public/stream"},
                       {"lines.stream.1", "wss://b/public/stream"},
                       {"lines.market", "wss://a/market/stream"},
                       {"rest.0", "https://a"},
                       {"rest.1", "https://b//"},
                       {"product", "usdm"},
                       {"depth_speed", "250ms"},
                       {"depth_limit", "500"}};
  EXPECT_TRUE(faults_of(settings, &c).empty());
  EXPECT_EQ(c.product, product::usdm);
  EXPECT_EQ(c.stream_urls, (std::vector<std::string>{"wss://a/public/stream", "wss://b/public/stream"}));
  EXPECT_EQ(c.market_urls.size(), 1u);
  EXPECT_EQ(c.rest_urls, (std::vector<std::string>{"https://a", "https://b"}));
  EXPECT_EQ(c.depth_suffix, "@depth");
  EXPECT_EQ(c.trades, trade_stream::agg_trade) << "the one that is documented";
  EXPECT_EQ(c.streams_limit, 200u);
  EXPECT_EQ(c.controls_limit, 10u);
  EXPECT_EQ(c.weight_limit, 2'000u);
  EXPECT_TRUE(c.mark_price);
}

TEST(Config, RefusesWhatAProductDoesNotHave) {
  const pairs futures{{"lines.stream", "wss://s"}, {"rest", "https://r"},     {"product", "coinm"},
                      {"depth_limit", "300"},      {"depth_speed", "1000ms"}, {"time_unit", "microsecond"},
                      {"rest.x", "https://r"}};
  const auto faults = faults_of(futures);
  EXPECT_EQ(faults.size(), 4u);
  EXPECT_NE(faults.at("depth_limit").find("5 10 20 50 100 500 1000"), std::string::npos);
  EXPECT_NE(faults.at("depth_speed").find("500ms"), std::string::npos);
  EXPECT_TRUE(faults.contains("time_unit"));
  EXPECT_TRUE(faults.contains("rest.x"));
  const auto spot = faults_of(pairs{{"lines.stream", "wss://s"}, {"rest", "https://r"}, {"mark_price", "true"}});
  EXPECT_EQ(spot.size(), 1u);
  EXPECT_TRUE(
    faults_of(pairs{{"lines.stream", "wss://s"}, {"rest", "https://r"}, {"product", "margin"}}).contains("product"));
}

TEST(Config, NamesEveryFaultAtOnce) {
  const pairs settings{{"lines.stream", "http://h"},
                       {"depth_limit", "4"},
                       {"depth_speed", "50ms"},
                       {"trades", "both"},
                       {"ticker", "yes"},
                       {"book_ticker", "1"},
                       {"directory", "file"},
                       {"directory_interval", "1s"},
                       {"time_unit", "ns"},
                       {"silence", "60"},
                       {"weight_limit", "-1"},
                       {"buffer_bytes", "1"},
                       {"lines.b", "ws://h"},
                       {"depthlimit", "1000"}};
  const auto faults = faults_of(settings);
  EXPECT_EQ(faults.size(), 15u);
  EXPECT_NE(faults.at("rest").find("missing"), std::string::npos);
  EXPECT_NE(faults.at("lines.stream").find("wss://"), std::string::npos);
  EXPECT_NE(faults.at("depth_limit").find("from 5 to 5000"), std::string::npos);
  EXPECT_NE(faults.at("depthlimit").find("depth_limit"), std::string::npos) << "tells the known keys";
}

TEST(Config, AnInstanceWithFaultsIsNotCreated) {
  recording_host host;
  const pairs settings{{"rest", "ftp://h"}};
  venue_session::validate(settings.view(), host.host());
  EXPECT_EQ(host.complaints.size(), 2u);
  EXPECT_THROW((venue_session{settings.view(), host.host()}), std::invalid_argument);
}

TEST(LineKeeper, BacksOffFromHalfASecondToThirty) {
  constexpr uint64_t second = 1'000'000'000;
  line_keeper line{60 * second};
  uint64_t now = 0, last = 0, total = 0;
  for (int i = 0; i < 12; ++i) {
    const uint64_t wait = line.on_down(now, UINT64_MAX - 1);
    EXPECT_GE(wait, last * 3 / 4);
    EXPECT_GE(wait, second * 3 / 8);
    EXPECT_LE(wait, 30 * second);
    last = wait;
    total += wait;
    now += wait;
    line.on_up(now); // accepted and closed at once: no reason to try faster
  }
  EXPECT_GE(last, 22 * second);
  now += 61 * second;
  EXPECT_LE(line.on_down(now, 0), second / 2) << "a connection that held begins anew";
}

TEST(LineKeeper, AsksAQuietLineOnceAndThenGivesItUp) {
  constexpr uint64_t second = 1'000'000'000;
  line_keeper line{60 * second};
  using enum line_keeper::health;
  EXPECT_EQ(line.check(1'000 * second), fine) << "not up";
  line.on_up(0);
  EXPECT_EQ(line.check(29 * second), fine);
  EXPECT_EQ(line.check(30 * second), ask);
  EXPECT_EQ(line.check(31 * second), fine) << "asked once";
  line.on_message(32 * second);
  EXPECT_EQ(line.check(61 * second), fine);
  EXPECT_EQ(line.check(62 * second), ask);
  EXPECT_EQ(line.check(92 * second), dead);
}

} // namespace
} // namespace tickplant::binance::testing
