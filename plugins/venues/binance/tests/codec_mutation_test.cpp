// Frames damaged by chance, through the whole plugin: nothing may crash, read beyond the padding or stop the good
// frames that follow. Meant for the sanitizer build; seeded, so a failure comes again.
#include "driver.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <utility>

namespace tickplant::binance::testing {
namespace {

constexpr std::array<std::string_view, 12> seeds{
  R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":101,"u":101,"b":[["61737.63000000","0.00000000"],["61730.17","1"]],"a":[["61837.64000000","1.54698000"]]}})",
  R"({"e":"depthUpdate","E":1,"s":"ETHUSDT","U":1,"u":2,"b":[["1","2",[]]],"a":[]})",
  R"({"u":50093239212,"s":"BTCUSDT","b":"61837.63","B":"3.78826","a":"61837.64","A":"1.54698000"})",
  R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,"p":"61837.63000000","q":"0.02","T":1723161255342,"m":true,"M":true}})",
  R"({"e":"aggTrade","E":1,"s":"BTCUSDT","a":1,"p":"0.001","q":"100","f":100,"l":105,"T":9,"m":false})",
  R"({"e":"24hrTicker","E":1,"s":"BTCUSDT","p":"1","P":"2","w":"3","x":"1.5","c":"4","Q":"5","b":"6","B":"7","a":"8","A":"9","o":"1e2","h":"3","l":"2","v":"100.5","q":"9000","n":44})",
  R"([{"e":"24hrMiniTicker","E":1,"s":"A","c":"1","o":"1","h":"2","l":"1","v":"3","q":"4"},{"e":"24hrMiniTicker","s":"B"}])",
  R"({"stream":"solusdt@depth20@100ms","data":{"lastUpdateId":160,"bids":[["1.5","2"]],"asks":[["1.6","3"]]}})",
  R"({"result":null,"id":1})",
  R"({"code":2,"msg":"Invalid request: \"x\"","id":1})",
  R"({"e":"kline","E":1,"s":"BTCUSDT","k":{"t":1,"o":"1","x":false}})",
  R"({"e":"blockTrade","E":1,"s":"BTCUSDT","t":1,"p":"1","q":"2","T":3,"m":true})",
};

std::string mutate(std::mt19937_64& chance) {
  std::string text{seeds[chance() % seeds.size()]};
  constexpr std::string_view alphabet = "{}[]\",:0123456789.-+eEtfn\\uUabAB \n\x01\xc3\xff";
  for (uint64_t n = 1 + chance() % 4; n > 0 && !text.empty(); --n) {
    const size_t at = chance() % text.size();
    switch (chance() % 6) {
      case 0: text[at] = alphabet[chance() % alphabet.size()]; break;
      case 1: text.erase(at, 1 + chance() % 9); break;
      case 2: text.insert(at, 1, alphabet[chance() % alphabet.size()]); break;
      case 3: text.resize(at); break;
      case 4: text.insert(at, text.substr(chance() % text.size(), chance() % 40)); break;
      default: text[at] = static_cast<char>(chance()); break;
    }
  }
  return text;
}

TEST(Mutations, NeverBreakThePluginNorTheGoodFramesBetween) {
  const pairs settings{{"lines.stream", "ws://h/s"}, {"rest", "http://h"}, {"directory", "stream"}};
  driver d{settings};
  d.start();
  d.line_up();
  std::mt19937_64 chance{20240808};
  uint64_t trade_id = 1'000'000'000'000'000;
  for (int n = 0; n < 100'000; ++n) {
    d.clock += 1'000'000;
    d.frame(mutate(chance));
    if (n % 10 == 0) {
      // So that the run of bad frames never ends the connection, and the good ones are seen to get through.
      d.host.events.clear();
      d.frame(R"({"e":"trade","E":1,"s":"GOOD","t":)" + std::to_string(++trade_id) +
              R"(,"p":"1.5","q":"2","T":3,"m":true})");
      const bool open = d.host.closed_lines.empty();
      if (open) {
        ASSERT_EQ(d.host.events.size(), 1u);
        ASSERT_EQ(d.host.events[0].price, 150'000'000);
      } else { // serverShutdown grown by chance
        d.host.closed_lines.clear();
        d.pass(60 * driver::second);
        d.line_up();
      }
    }
    for (const auto& request : std::exchange(d.host.requests, {})) {
      std::string body = R"({"lastUpdateId":)" + std::to_string(chance() % 300) + R"(,"bids":[["1.5","2"]],"asks":[]})";
      if (chance() % 4 == 0 && !body.empty()) body[chance() % body.size()] = static_cast<char>(chance());
      d.answer(request.id, chance() % 8 == 0 ? 500 : 200, body);
    }
    if (n % 100 == 0) d.pass(driver::second);
    for (const tp_event& e : d.host.events) {
      ASSERT_TRUE(d.host.instruments.contains(e.instrument));
      ASSERT_TRUE(e.kind != TP_EV_LEVEL || e.quantity >= 0);
    }
    d.host.events.clear();
    d.host.channels.clear();
    d.host.logs.clear();
    d.host.streams.clear();
    d.host.sent.clear();
  }
  EXPECT_GT(d.counted("malformed"), 30'000u);
  EXPECT_GT(d.counted("messages.depthUpdate"), 1'000u);
}

} // namespace
} // namespace tickplant::binance::testing
