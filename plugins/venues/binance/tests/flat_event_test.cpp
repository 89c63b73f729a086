// The quick way of frequent frames against the general parser, which sees the same frame with white space in it.
#include "flat_event.hpp"

#include "driver.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

namespace tickplant::binance::testing {
namespace {

constexpr std::array<std::string_view, 7> frequent{
  R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":101,"u":101,"b":[["61737.63000000","0.00000000"],["61730.17","1"]],"a":[["61837.64000000","1.54698000"]]}})",
  R"({"e":"depthUpdate","E":1,"s":"ETHUSDT","U":1,"u":2,"b":[["1","2"]],"a":[]})",
  R"({"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161255208,"T":1723161255201,"s":"BTCUSDT","U":101,"u":109,"pu":99,"b":[],"a":[["61837.6","1.546"]]}})",
  R"({"u":50093239212,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"61837.64","A":"1.54698000"})",
  R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,"p":"61837.63000000","q":"0.02","T":1723161255342,"m":true,"M":false}})",
  R"({"e":"trade","E":1,"s":"BTCUSDT","t":7,"p":"1.5","q":"2","b":88,"a":50,"T":3,"m":true})",
  R"({"e":"aggTrade","E":1,"s":"BTCUSDT","a":1,"p":"0.001","q":"1e2","f":-100,"l":105,"T":9,"m":false})",
};

bool is_flat(std::string_view text) {
  const padded bytes{text};
  message m;
  level_lists lists;
  return read_flat(bytes.text(), m, lists);
}

/// Everything that a decoded frame tells, as one text.
std::string told(std::string_view text) {
  const padded bytes{text};
  decoder codec;
  if (!codec.decode(bytes.text())) return "malformed";
  std::string out;
  const auto add = [&out](std::string_view part) { out.append(part).push_back('|'); };
  for (const message& m : codec.messages()) {
    out += std::to_string(static_cast<int>(m.kind)) + (m.has_result ? "result" : "") + (m.has_levels ? "levels" : "");
    for (const auto part : {m.stream, m.previous, m.last_update_id, m.id, m.code, m.text}) add(part);
    for (const char first : {'a', 'A'})
      for (char letter = first; letter < first + 26; ++letter)
        if (m.has(letter)) add(letter + std::string{m[letter]});
    for (const auto& side : {m.bids, m.asks}) {
      out += std::to_string(side.size());
      for (const level_text& level : side) add(level.price), add(level.quantity);
    }
  }
  return out;
}

/// The same frame in a form that the quick way leaves to the general one.
std::string spaced(std::string_view text) {
  return "{ " + std::string{text.substr(1)};
}

TEST(FlatEvent, ReadsFrequentFramesAsTheGeneralParserDoes) {
  for (const auto text : frequent) {
    EXPECT_TRUE(is_flat(text)) << text;
    EXPECT_FALSE(is_flat(spaced(text))) << text;
    EXPECT_EQ(told(text), told(spaced(text))) << text;
    EXPECT_NE(told(text), "malformed") << text;
  }
}

TEST(FlatEvent, LeavesEveryOtherFormToTheGeneralParser) {
  message m;
  level_lists lists;
  EXPECT_FALSE(read_flat({}, m, lists));
  for (const std::string_view text : {
         R"({})",
         R"([{"e":"trade","E":1}])",
         R"({"result":null,"id":1})",
         R"({"code":2,"msg":"x","id":1})",
         R"({"e":"depthUpdate","E":1,"s":"A","U":1,"u":2,"b":[["1","2",[]]],"a":[]})",     // third entry
         R"({"e":"depthUpdate","E":1,"s":"A","U":1,"u":2,"b":[["1","2"]],"b":[],"a":[]})", // a side twice
         R"({"e":"depthUpdate","E":1,"s":"A","U":1,"u":2,"b":[[1,2]],"a":[]})",
         R"({"e":"depthUpdate","E":1,"s":"A","U":1,"u":2,"b":[["1234567890123456789012345","2"]],"a":[]})",
         R"({"e":"depthUpdate","E":1,"s":"A","U":1,"u":2,"b":[["1e5","2"]],"a":[]})",
         R"({"e":"trade","s":"BTC\u0055SDT"})",
         "{\"e\":\"trade\",\"s\":\"\xc3\xa9\"}",
         "{\"e\":\"trade\",\"s\":\"\x01\"}",
         R"({"e":"trade","E":null})",
         R"({"e":"trade","k":{"t":1}})",
         R"({"e":"trade","E":1}})",
         R"({"e":"trade","E":1} )",
         R"({"e":"trade","E":1,})",
         R"({"stream":"x","data":{"e":"trade","E":1},"more":1})",
       })
    EXPECT_FALSE(is_flat(text)) << text;
}

// What lies in the padding is no part of the frame, not even the rest of it.
TEST(FlatEvent, EndsWithTheFrame) {
  for (const auto text : frequent)
    for (size_t size = 0; size < text.size(); ++size) {
      const padded whole{text};
      message m;
      level_lists lists;
      ASSERT_FALSE(read_flat(whole.text().substr(0, size), m, lists)) << text.substr(0, size);
    }
}

TEST(FlatEvent, ReadsMutatedFramesAsTheGeneralParserDoes) {
  constexpr std::string_view alphabet = "{}[]\",:0123456789.-+eEtfn\\uUabAB \n\x01\xc3\xff";
  std::mt19937_64 chance{20260701};
  size_t flat = 0, good = 0;
  for (int n = 0; n < 200'000; ++n) {
    std::string text{frequent[chance() % frequent.size()]};
    for (uint64_t times = 1 + chance() % 3; times > 0; --times) {
      const size_t at = 1 + chance() % (text.size() - 1);
      switch (chance() % 4) {
        case 0: text[at] = alphabet[chance() % alphabet.size()]; break;
        case 1: text.erase(at, 1 + chance() % 6); break;
        case 2: text.insert(at, 1, alphabet[chance() % alphabet.size()]); break;
        default: text.insert(at, text.substr(chance() % text.size(), chance() % 30)); break;
      }
      if (text.size() < 2) break;
    }
    flat += is_flat(text);
    const std::string quick = told(text);
    good += quick != "malformed";
    ASSERT_EQ(quick, told(spaced(text))) << text;
  }
  EXPECT_GT(flat, 10'000u);
  EXPECT_GT(good, flat);
}

} // namespace
} // namespace tickplant::binance::testing
