// An instance with a small directory of two symbols, connected, for tests of the session.
#pragma once

#include "driver.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace tickplant::binance::testing {

inline std::string row(std::string_view symbol, std::string_view status = "TRADING",
                       std::string_view tick = "0.01000000", std::string_view step = "0.00001000") {
  std::string out = R"({"symbol":")";
  return out.append(symbol)
    .append(R"(","status":")")
    .append(status)
    .append(R"(","baseAsset":"BTC","quoteAsset":"USDT","filters":[{"filterType":"PRICE_FILTER","tickSize":")")
    .append(tick)
    .append(R"("},{"filterType":"LOT_SIZE","stepSize":")")
    .append(step)
    .append(R"("}]})");
}

inline std::string directory_of(const std::vector<std::string>& rows) {
  std::string out = R"({"symbols":[)";
  for (const auto& r : rows) out.append(out.back() == '[' ? "" : ",").append(r);
  return out + "]}";
}

inline std::string diff(uint64_t first, uint64_t last, std::string_view bids = R"(["100.00","1"])",
                        std::string_view asks = "", std::string_view symbol = "BTCUSDT") {
  std::string out = R"({"stream":"x@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"s":")";
  return out.append(symbol)
    .append(R"(","U":)")
    .append(std::to_string(first))
    .append(R"(,"u":)")
    .append(std::to_string(last))
    .append(R"(,"b":[)")
    .append(bids)
    .append(R"(],"a":[)")
    .append(asks)
    .append("]}}");
}

inline std::string picture(uint64_t id, std::string_view bids = R"(["99.00","5"])",
                           std::string_view asks = R"(["101.00","6"])") {
  std::string out = R"({"lastUpdateId":)";
  return out.append(std::to_string(id))
    .append(R"(,"bids":[)")
    .append(bids)
    .append(R"(],"asks":[)")
    .append(asks)
    .append("]}");
}

inline std::string trade_of(uint64_t id, std::string_view price = "100.00", bool maker = true) {
  std::string out = R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1,"s":"BTCUSDT","t":)";
  return out.append(std::to_string(id))
    .append(R"(,"p":")")
    .append(price)
    .append(R"(","q":"0.50","T":1723161255342,"m":)")
    .append(maker ? "true" : "false")
    .append("}}");
}

class Session : public ::testing::Test {
protected:
  static constexpr uint32_t everything = TP_WANT_QUOTE | TP_WANT_TRADES | TP_WANT_BOOK;
  static constexpr uint64_t second = driver::second;
  const pairs settings{{"lines.stream", "wss://s/stream"}, {"rest", "https://r"}};
  driver d{settings};

  void connect(const std::vector<std::string>& rows = {row("BTCUSDT"), row("ETHUSDT")}) {
    d.start();
    d.answer(last_request(), 200, directory_of(rows));
    d.line_up();
  }
  uint32_t last_request() { return d.host.requests.back().id; }
  void want(uint32_t number, uint32_t what = everything) {
    const tp_interest one{number, what};
    d.session.on_interest({&one, 1}, d.now());
  }
  /// BTCUSDT, number 0, live at update id 100.
  void go_live() {
    connect();
    want(0);
    d.frame(diff(95, 98));
    d.answer(last_request(), 200, picture(100));
    ASSERT_EQ(stream_states(0).back(), TP_STREAM_LIVE);
    clear();
  }
  void clear() {
    d.host.events.clear();
    d.host.channels.clear();
    d.host.streams.clear();
    d.host.sent.clear();
    d.host.requests.clear();
    d.host.logs.clear();
  }
  std::vector<int> stream_states(uint32_t instrument) {
    std::vector<int> out;
    for (const auto& s : d.host.streams)
      if (s.instrument == instrument) out.push_back(static_cast<int>(s.state));
    return out;
  }
  std::vector<int> kinds() {
    std::vector<int> out;
    for (const auto& e : d.host.events) out.push_back(e.kind);
    return out;
  }
  std::string all_sent() {
    std::string out;
    for (const auto& s : d.host.sent) out.append(s.text()).append("\n");
    return out;
  }
};

} // namespace tickplant::binance::testing
