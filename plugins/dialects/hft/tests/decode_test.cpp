#include "recorder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tickplant::hft::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct hft_decode : ::testing::Test {
  const recorded_request& request(std::string_view text) {
    EXPECT_EQ(host.decode(text), TP_OK);
    EXPECT_THAT(host.problems, IsEmpty()) << text << " -> " << (host.problems.empty() ? "" : host.problems[0].detail);
    if (host.requests.size() != 1) throw std::runtime_error("wanted one request");
    return host.requests[0];
  }
  const recorded_problem& problem(std::string_view text) {
    EXPECT_EQ(host.decode(text), TP_OK);
    EXPECT_THAT(host.requests, IsEmpty()) << text;
    if (host.problems.size() != 1) throw std::runtime_error("wanted one problem");
    return host.problems[0];
  }
  void expect_problem(std::string_view text, int32_t code, std::string_view field, std::string_view detail) {
    const auto& p = problem(text);
    EXPECT_EQ(p.code, code) << text;
    EXPECT_EQ(p.field, field) << text;
    EXPECT_EQ(p.detail, detail) << text;
  }

  recorder host;
};

TEST_F(hft_decode, ReadsTheSubscriptionOfTheDocument) {
  const auto& r = request(R"({"type": "SUBSCRIBE", "timestamp": 1699459200000, "symbols": ["AAPL", "GOOGL", "MSFT"],
                             "dataTypes": ["QUOTES", "ORDER_BOOK"], "frequency": 100})");
  EXPECT_EQ(r.raw.kind, uint32_t{TP_REQ_SUBSCRIBE});
  EXPECT_EQ(r.raw.struct_size, sizeof(tp_request));
  EXPECT_THAT(r.symbols, ElementsAre("AAPL", "GOOGL", "MSFT"));
  EXPECT_EQ(r.raw.data_types, uint32_t{TP_DATA_QUOTES | TP_DATA_ORDER_BOOK});
  EXPECT_EQ(r.raw.frequency_ms, 100u);
  EXPECT_EQ(r.raw.depth, TP_ABSENT);
  EXPECT_EQ(r.raw.client_ms, 1699459200000);
  EXPECT_EQ(r.id, "");
}

TEST_F(hft_decode, LeavesOptionsThatAreNotNamedToTheHost) {
  for (const auto* text :
       {R"({"type":"SUBSCRIBE","symbols":["A"]})",
        R"({"type":"SUBSCRIBE","symbols":["A"],"dataTypes":null,"frequency":null,"depth":null,"id":null})"}) {
    const auto& r = request(text);
    EXPECT_EQ(r.raw.data_types, 0u);
    EXPECT_EQ(r.raw.frequency_ms, TP_ABSENT);
    EXPECT_EQ(r.raw.depth, TP_ABSENT);
    EXPECT_EQ(r.raw.client_ms, TP_NONE);
    EXPECT_EQ(r.id, "");
  }
}

TEST_F(hft_decode, ReadsKeysInAnyOrderAndSkipsUnknownOnes) {
  const auto& r = request(R"({"colour":{"min":[1,{"a":null}],"x":true},"depth":10,"symbols":["NASDAQ:AAPL","€/$","*"],
                             "frequency":0,"requestId":"r-1","type":"SUBSCRIBE","mode":"CONFLATE"})");
  EXPECT_EQ(r.raw.depth, 10u);
  EXPECT_EQ(r.raw.frequency_ms, 0u);
  EXPECT_THAT(r.symbols, ElementsAre("NASDAQ:AAPL", "€/$", "*"));
  EXPECT_EQ(r.id, "\"r-1\"");
}

TEST_F(hft_decode, ResolvesEscapesOfKeysAndNames) {
  const auto& r = request(R"({"t\u0079pe":"SUBSCRIBE","symbols":["\u0041APL","BRK\/B","\uD83D\uDE00"]})");
  EXPECT_THAT(r.symbols, ElementsAre("AAPL", "BRK/B", "😀"));
}

TEST_F(hft_decode, TakesTheFirstOfDuplicateKeys) {
  const auto& r =
    request(R"({"type":"SUBSCRIBE","symbols":["A"],"type":"UNSUBSCRIBE","symbols":[1],"frequency":5,"frequency":"x"})");
  EXPECT_EQ(r.raw.kind, uint32_t{TP_REQ_SUBSCRIBE});
  EXPECT_THAT(r.symbols, ElementsAre("A"));
  EXPECT_EQ(r.raw.frequency_ms, 5u);
}

TEST_F(hft_decode, PrefersRequestIdToIdAndKeepsTheTypeOfBoth) {
  EXPECT_EQ(request(R"({"type":"HEARTBEAT","id":7})").id, "7");
  EXPECT_EQ(request(R"({"type":"HEARTBEAT","id":"seven\n"})").id, R"("seven\n")");
  EXPECT_EQ(request(R"({"type":"HEARTBEAT","id":7 , "requestId": "r" })").id, "\"r\"");
  EXPECT_EQ(request(R"({"type":"HEARTBEAT","id":"x","requestId":null})").id, "\"x\"");
}

TEST_F(hft_decode, ReadsWholeNumbersInEveryNotation) {
  EXPECT_EQ(request(R"({"type":"SUBSCRIBE","symbols":["A"],"frequency":1e3})").raw.frequency_ms, 1000u);
  EXPECT_EQ(request(R"({"type":"SUBSCRIBE","symbols":["A"],"frequency":250.0})").raw.frequency_ms, 250u);
  EXPECT_EQ(request(R"({"type":"SUBSCRIBE","symbols":["A"],"frequency":3600000})").raw.frequency_ms, 3'600'000u);
  EXPECT_EQ(request(R"({"type":"HEARTBEAT","timestamp":1699459200000.75})").raw.client_ms, 1699459200000);
  EXPECT_EQ(request(R"({"type":"HEARTBEAT","timestamp":1e300})").raw.client_ms, TP_NONE);
}

TEST_F(hft_decode, ReadsEveryMessageTypeOfTheProtocol) {
  struct {
    const char* text;
    uint32_t kind;
    std::vector<std::string> symbols;
  } const cases[] = {
    {R"({"type":"UNSUBSCRIBE","timestamp":1,"symbols":["AAPL"]})", TP_REQ_UNSUBSCRIBE, {"AAPL"}},
    {R"({"type":"UPDATE_SUBSCRIPTION","symbols":["AAPL"],"frequency":0})", TP_REQ_UPDATE, {"AAPL"}},
    {R"({"type":"HEARTBEAT","timestamp":1})", TP_REQ_HEARTBEAT, {}},
    {R"({"type":"HELLO","version":1,"encodings":["json"]})", TP_REQ_HELLO, {}},
    {R"({"type":"SNAPSHOT","symbols":["AAPL"],"depth":3})", TP_REQ_SNAPSHOT, {"AAPL"}},
    {R"({"type":"PAUSE"})", TP_REQ_PAUSE, {}},
    {R"({"type":"PAUSE","symbols":["AAPL"]})", TP_REQ_PAUSE, {"AAPL"}},
    {R"({"type":"LIST"})", TP_REQ_LIST, {}},
    {R"({"type":"LIST","symbols":[]})", TP_REQ_LIST, {}},
    {R"({"type":"RESUME","stream":"NASDAQ:AAPL/STATE","epoch":1,"sequence":2})", TP_REQ_RESUME, {"NASDAQ:AAPL"}},
    {R"({"type":"HISTORY","stream":"NASDAQ:AAPL/TRADES","count":5})", TP_REQ_HISTORY, {"NASDAQ:AAPL/TRADES"}},
    {R"({"type":"ACK"})", TP_REQ_ACK, {}},
  };
  for (const auto& c : cases) {
    const auto& r = request(c.text);
    EXPECT_EQ(r.raw.kind, c.kind) << c.text;
    EXPECT_EQ(r.symbols, c.symbols) << c.text;
  }
}

TEST_F(hft_decode, HandsTheProbeOnAsItStood) {
  EXPECT_EQ(request(R"({"type":"PING","pingId":"0.abc","timestamp":1})").probe, "\"0.abc\"");
  EXPECT_EQ(request(R"({"type":"PING","pingId":1.50,"timestamp":1})").probe, "1.50");
  EXPECT_EQ(request(R"({"type":"PING"})").probe, "");
}

TEST_F(hft_decode, ReadsTokens) {
  EXPECT_EQ(request(R"({"type":"AUTH","timestamp":1,"token":"a.b.c"})").token, "a.b.c");
  const auto& r = request(R"({"type":"REFRESH","token":"d"})");
  EXPECT_EQ(r.raw.kind, uint32_t{TP_REQ_REFRESH});
  EXPECT_EQ(r.token, "d");
}

TEST_F(hft_decode, NamesPlaceAndFaultOfWhatIsNotJson) {
  struct {
    std::string text, end, field;
  } const cases[] = {
    {"", "byte 0: it is empty", ""},
    {"  \n", "byte 3: it is empty", ""},
    {R"({"type":"HEARTBEAT)", "byte 8: a string has no closing quote", "type"},
    {"{\"type\":\"HEART\nBEAT\"}", "byte 14: a string holds a control character that is not escaped", "type"},
    {"{\"type\":\"HEART\xC3\"}", "byte 14: the text is not UTF-8", "type"},
    {R"({"type":"HEARTBEAT"} x)", "byte 21: something follows the end of the object", ""},
    {R"({"type":"HEARTBEAT","a":[1)", "byte 26: an array or object is not closed", "a"},
    {R"({"type":"HEARTBEAT"}{})", "byte 20: something follows the end of the object", ""},
    {R"({"a":{"b":1,"c":[2]},"id":1,"symbols":["x",tru],"z":2})", "byte 43: a word is neither true, false nor null",
     "symbols"},
  };
  for (const auto& c : cases) {
    const auto& p = problem(c.text);
    EXPECT_EQ(p.code, 4300) << c.text;
    EXPECT_EQ(p.field, c.field) << c.text;
    EXPECT_EQ(p.detail, "Invalid message format: not JSON near " + c.end) << c.text;
  }
}

TEST_F(hft_decode, RefusesEverythingThatJsonForbids) {
  for (const auto* text : {"{",
                           "}",
                           "{]",
                           "{\"type\"}",
                           "{\"type\":}",
                           "{\"type\":\"HEARTBEAT\",}",
                           "{,\"type\":\"HEARTBEAT\"}",
                           "{\"type\":\"HEARTBEAT\" \"a\":1}",
                           "{\"type\":\"HEARTBEAT\",\"a\":tru}",
                           "{\"type\":\"HEARTBEAT\",\"a\":truex}",
                           "{\"type\":\"HEARTBEAT\",\"a\":nul}",
                           "{\"type\":\"HEARTBEAT\",\"a\":01}",
                           "{\"type\":\"HEARTBEAT\",\"a\":1.}",
                           "{\"type\":\"HEARTBEAT\",\"a\":-}",
                           "{\"type\":\"HEARTBEAT\",\"a\":+1}",
                           "{\"type\":\"HEARTBEAT\",\"a\":\"\\x\"}",
                           "{\"type\":\"HEARTBEAT\",\"a\\x\":1}",
                           "{\"type\":\"HEARTBEAT\",\"a\":[1,]}",
                           "{\"type\":\"HEARTBEAT\",\"a\":[1 2]}",
                           "{\"type\":\"HEARTBEAT\",\"a\":{\"b\"}}",
                           "{\"type\":\"HEARTBEAT\",a:1}",
                           "{'type':'HEARTBEAT'}",
                           "{\"type\":\"HEARTBEAT\",\"a\":NaN}",
                           "{\"type\":\"HEARTBEAT\",\"a\":[}]}",
                           "hello",
                           "{\"type\":\"HEARTBEAT\"]"}) {
    const auto& p = problem(text);
    EXPECT_EQ(p.code, 4300) << text;
    EXPECT_THAT(p.detail, StartsWith("Invalid message format: ")) << text;
  }
}

TEST_F(hft_decode, RefusesMessagesThatAreNoObject) {
  for (const auto* text : {"[]", "1", "\"HEARTBEAT\"", "null", "true", R"([{"type":"HEARTBEAT"}])"}) {
    const auto& p = problem(text);
    EXPECT_EQ(p.code, 4300) << text;
    EXPECT_THAT(p.detail, StartsWith("Invalid message format: a message is one JSON object")) << text;
  }
}

// The document's client sends messages above 1024 bytes as binary frames that hold the same JSON ("Message
// Compression").
TEST_F(hft_decode, ReadsBinaryFramesLikeText) {
  host.decode(R"({"type":"HEARTBEAT"})", TP_FRAME_BINARY);
  EXPECT_EQ(host.requests.size(), 1u);
  host.decode("\x82\xA4type", TP_FRAME_BINARY);
  ASSERT_EQ(host.problems.size(), 1u);
  EXPECT_EQ(host.problems[0].detail, "Invalid message format: not JSON near byte 0: the text is not UTF-8");
}

TEST_F(hft_decode, RefusesDeepNestingAndLargeMessages) {
  const auto nested = [](size_t depth) {
    return R"({"type":"HEARTBEAT","a":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_EQ(request(nested(16)).raw.kind, uint32_t{TP_REQ_HEARTBEAT});
  EXPECT_THAT(problem(nested(17)).detail, HasSubstr("nested too deep"));
  EXPECT_THAT(problem(nested(100'000)).detail, HasSubstr("nested too deep"));
  const auto& p = problem(R"({"type":"HEARTBEAT","a":")" + std::string(1 << 20, 'x') + "\"}");
  EXPECT_EQ(p.code, 4302);
  EXPECT_EQ(p.detail, "The message is too large: send at most 1048576 bytes");
}

TEST_F(hft_decode, NamesWrongTypeAndTimestamp) {
  expect_problem("{}", 4300, "type",
                 "Invalid message format: type is missing: name the message, such as \"type\":\"SUBSCRIBE\"");
  expect_problem(R"({"type":7})", 4300, "type",
                 "Invalid message format: type is a number: name the message, such as \"type\":\"SUBSCRIBE\"");
  expect_problem(
    R"({"type":"HEARTBEAT","timestamp":"now"})", 4300, "timestamp",
    "Invalid message format: timestamp at byte 32 is a string: send milliseconds since 1970 as a number, or "
    "leave it out");
  EXPECT_EQ(problem(R"({"type":"HEARTBEAT","timestamp":null})").field, "timestamp");
}

TEST_F(hft_decode, NamesUnknownTypes) {
  const auto& p = problem(R"({"type":"subscribe","id":3})");
  EXPECT_EQ(p.code, 4301);
  EXPECT_EQ(p.field, "type");
  EXPECT_EQ(p.id, "3");
  EXPECT_EQ(p.detail,
            "Unknown message type \"subscribe\": send one of SUBSCRIBE, UNSUBSCRIBE, HEARTBEAT, PING, AUTH, REFRESH, "
            "HELLO, UPDATE_SUBSCRIPTION, SNAPSHOT, PAUSE, LIST, RESUME, HISTORY, ACK");
  EXPECT_THAT(problem(R"({"type":")" + std::string(5000, 'x') + "\"}").detail,
              StartsWith("Unknown message type \"" + std::string(64, 'x') + "...\":"));
}

TEST_F(hft_decode, NamesWrongSymbols) {
  const std::string hint = ": send an array of names, such as [\"AAPL\",\"MSFT\"]";
  const std::string names = ": send names, such as [\"AAPL\",\"MSFT\"]";
  expect_problem(R"({"type":"SUBSCRIBE"})", 4303, "symbols", "symbols is missing" + hint);
  expect_problem(R"({"type":"UNSUBSCRIBE","symbols":null})", 4303, "symbols", "symbols is null" + hint);
  expect_problem(R"({"type":"SUBSCRIBE","symbols":"AAPL"})", 4303, "symbols",
                 "symbols is a string, not an array" + names);
  expect_problem(R"({"type":"SUBSCRIBE","symbols":{"a":1}})", 4303, "symbols",
                 "symbols is an object, not an array" + names);
  expect_problem(R"({"type":"SUBSCRIBE","symbols":["A",2,null]})", 4303, "symbols",
                 "symbols[1] is a number, not a string" + names);
  expect_problem(R"({"type":"SUBSCRIBE","symbols":["A",["B"]]})", 4303, "symbols",
                 "symbols[1] is an array, not a string" + names);
  expect_problem(R"({"type":"SUBSCRIBE","symbols":[]})", 4303, "symbols", "symbols is empty: name at least one");
  expect_problem(R"({"type":"SUBSCRIBE","symbols":["A",""]})", 4306, "symbols",
                 "symbols[1] \"\" is empty: name an instrument");
  expect_problem(R"({"type":"SUBSCRIBE","symbols":["A\nB"]})", 4306, "symbols",
                 "symbols[0] \"A?B\" holds a control character: send printable text");
  expect_problem(R"({"type":"SUBSCRIBE","symbols":[")" + std::string(65, 'x') + "\"]}", 4306, "symbols",
                 "symbols[0] \"" + std::string(64, 'x') + "...\" is longer than 64 bytes");
  EXPECT_EQ(request(R"({"type":"SUBSCRIBE","symbols":[")" + std::string(64, 'x') + "\"]}").symbols[0].size(), 64u);
}

TEST_F(hft_decode, BoundsTheNumberOfSymbols) {
  const auto with = [](size_t count) {
    std::string text = R"({"type":"SUBSCRIBE","symbols":["S0")";
    for (size_t i = 1; i < count; ++i) text += ",\"S" + std::to_string(i) + '"';
    return text + "]}";
  };
  EXPECT_EQ(request(with(1024)).symbols.back(), "S1023");
  expect_problem(with(1025), 4303, "symbols", "symbols has 1025 entries: send at most 1024 in one message");
  EXPECT_EQ(request(with(3)).symbols.size(), 3u);
}

TEST_F(hft_decode, NamesWrongOptions) {
  const std::string allowed = ": allowed are QUOTES, TRADES, ORDER_BOOK, STATISTICS, SIGNALS";
  const auto with = [](std::string_view rest) {
    return R"({"type":"SUBSCRIBE","symbols":["A"],"id":"i",)" + std::string{rest} + "}";
  };
  expect_problem(with(R"("dataTypes":["QUOTES","quotes"])"), 4303, "dataTypes",
                 "dataTypes[1] \"quotes\" is unknown" + allowed);
  expect_problem(with(R"("dataTypes":["QUOTES",4])"), 4303, "dataTypes",
                 "dataTypes[1] is a number, not a string" + allowed);
  expect_problem(with(R"("dataTypes":"QUOTES")"), 4303, "dataTypes", "dataTypes is a string, not an array" + allowed);
  expect_problem(with(R"("dataTypes":[])"), 4303, "dataTypes",
                 "dataTypes is empty: name at least one or leave the key out" + allowed);
  EXPECT_EQ(problem(with(R"("dataTypes":["QUOTES","QUOTES","QUOTES","QUOTES","QUOTES","QUOTES"])")).code, 4303);
  for (const auto* value : {"-1", "3600001", "0.5", "\"100\"", "true", "1e30"}) {
    const auto& p = problem(with(std::string{"\"frequency\":"} + value));
    EXPECT_EQ(p.code, 4303) << value;
    EXPECT_EQ(p.field, "frequency") << value;
    EXPECT_EQ(p.id, "\"i\"") << value;
    EXPECT_THAT(p.detail, HasSubstr(": send milliseconds between updates as a whole number, 0 to 3600000")) << value;
  }
  expect_problem(with("\"depth\":1.5"), 4303, "depth",
                 "depth is 1.5: send levels a side as a whole number, 0 to 10000");
}

TEST_F(hft_decode, NamesWrongIdsStreamsAndTokensWithoutRepeatingTheToken) {
  expect_problem(R"({"type":"HEARTBEAT","id":[1]})", 4300, "id",
                 "Invalid message format: id at byte 25 is an array: send a string or a number");
  expect_problem(R"({"type":"PING","pingId":true})", 4300, "pingId",
                 "Invalid message format: pingId at byte 24 is true or false: send a string or a number");
  EXPECT_THAT(problem(R"({"type":"HEARTBEAT","requestId":")" + std::string(127, 'x') + "\"}").detail,
              HasSubstr("is longer than 128 bytes"));
  expect_problem(R"({"type":"RESUME"})", 4303, "stream", "stream is missing: name one, such as \"NASDAQ:AAPL/STATE\"");
  expect_problem(R"({"type":"AUTH"})", 4300, "token",
                 "Invalid message format: token is missing: send a string of 1 to 16384 bytes");
  expect_problem(R"({"type":"AUTH","token":7})", 4300, "token",
                 "Invalid message format: token is a number: send a string of 1 to 16384 bytes");
  EXPECT_THAT(problem(R"({"type":"AUTH","token":")" + std::string(17'000, 'x') + "\"}").detail,
              HasSubstr("token is too long"));
}

TEST_F(hft_decode, ForgetsTheMessageBefore) {
  request(R"({"type":"SUBSCRIBE","symbols":["A"],"dataTypes":["TRADES"],"frequency":5,"id":9,"timestamp":4})");
  const auto& r = request(R"({"type":"SUBSCRIBE","symbols":["B"]})");
  EXPECT_EQ(r.raw.data_types, 0u);
  EXPECT_EQ(r.raw.frequency_ms, TP_ABSENT);
  EXPECT_EQ(r.id, "");
  EXPECT_THAT(r.symbols, ElementsAre("B"));
}

} // namespace
} // namespace tickplant::hft::testing
