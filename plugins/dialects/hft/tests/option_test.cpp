// S3-15 and the options of the canonical protocol: what a client may choose, and how a wrong choice is named.
#include "recorder.hpp"

#include "../filter_reader.hpp"
#include "../position_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tickplant::hft::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct hft_options : ::testing::Test {
  const recorded_request& request(const std::string& text) {
    EXPECT_EQ(host.decode(text), TP_OK);
    EXPECT_THAT(host.problems, IsEmpty()) << text << " -> " << (host.problems.empty() ? "" : host.problems[0].detail);
    if (host.requests.size() != 1) throw std::runtime_error("wanted one request");
    return host.requests[0];
  }
  void expect_problem(const std::string& text, int32_t code, std::string_view field, std::string_view part) {
    ASSERT_EQ(host.decode(text), TP_OK);
    ASSERT_THAT(host.requests, IsEmpty()) << text;
    ASSERT_EQ(host.problems.size(), 1u);
    EXPECT_EQ(host.problems[0].code, code) << text;
    EXPECT_EQ(host.problems[0].field, field) << text;
    EXPECT_THAT(host.problems[0].detail, HasSubstr(std::string{part})) << text;
  }
  static std::string subscribe(const std::string& rest) {
    return R"({"type":"SUBSCRIBE","symbols":["AAPL"],)" + rest + "}";
  }
  recorder host;
};

TEST_F(hft_options, ReadsFieldsModeAndWhatToDoWithTheSlow) {
  const auto& r =
    request(subscribe(R"("fields":["bid","ask","asks","symbol"],"mode":"CONFLATE","onSlow":"DISCONNECT")"));
  EXPECT_EQ(r.raw.fields, uint32_t{TP_FIELD_BID | TP_FIELD_ASK | TP_FIELD_LEVELS});
  EXPECT_EQ(r.raw.choices, uint32_t{TP_CHOICE_FIELDS});
  EXPECT_EQ(r.raw.mode, uint32_t{TP_MODE_CONFLATE});
  EXPECT_EQ(r.raw.on_slow, uint32_t{TP_SLOW_DISCONNECT});
  EXPECT_EQ(request(subscribe(R"("mode":"SNAPSHOT_ONLY","onSlow":"DROP_OLDEST")")).raw.mode,
            uint32_t{TP_MODE_SNAPSHOT_ONLY});
  EXPECT_EQ(request(subscribe(R"("mode":"ALL")")).raw.on_slow, uint32_t{TP_SLOW_ABSENT});
}

TEST_F(hft_options, TakesAnEmptyListOfFieldsForAll) {
  const auto& r = request(subscribe(R"("fields":[])"));
  EXPECT_EQ(r.raw.fields, 0u);
  EXPECT_EQ(r.raw.choices, uint32_t{TP_CHOICE_FIELDS});
  EXPECT_EQ(request(subscribe(R"("fields":null)")).raw.choices, 0u);
}

TEST_F(hft_options, NamesWrongChoices) {
  expect_problem(subscribe(R"("fields":"bid")"), 4303, "fields",
                 "fields is a string, not an array: allowed are price,");
  expect_problem(subscribe(R"("fields":["bid","Ask"])"), 4303, "fields", "fields[1] is \"Ask\", which is no key");
  expect_problem(subscribe(R"("fields":["bid",1])"), 4303, "fields", "fields[1] is 1,");
  expect_problem(subscribe(R"("fields":["symbol"])"), 4303, "fields", "names only keys that always come");
  expect_problem(subscribe(R"("mode":"all")"), 4303, "mode",
                 "mode is \"all\": allowed are ALL, CONFLATE, SNAPSHOT_ONLY");
  expect_problem(subscribe(R"("mode":1)"), 4303, "mode", "mode is 1: allowed are");
  expect_problem(subscribe(R"("onSlow":"DROP")"), 4303, "onSlow",
                 "onSlow is \"DROP\": allowed are CONFLATE, DROP_OLDEST, DISCONNECT");
  expect_problem(subscribe(R"("rewind":{"count":5})"), 4301, "rewind", "rewind is not served");
}

TEST_F(hft_options, ReadsBoundsAndVenueOfAFilter) {
  const auto& r = request(subscribe(
    R"("filter":{"min_price":100,"max_price":"250.50","minSpread":0.01,"maxChangePercent":-1.5e-2,"venue":"NASDAQ","max_bid":null})"));
  EXPECT_THAT(r.filters,
              ElementsAre("PRICE>=1e2", "PRICE<=2505e-1", "SPREAD>=1e-2", "CHANGE_PERCENT<=-15e-3", "VENUE=NASDAQ"));
  EXPECT_EQ(r.raw.choices, uint32_t{TP_CHOICE_FILTER});
}

TEST_F(hft_options, ReadsComparisons) {
  EXPECT_THAT(request(subscribe(R"("filter":{"where":["bid > 100.5","spread<=0.02","venue = NASDAQ"]})")).filters,
              ElementsAre("BID>1005e-1", "SPREAD<=2e-2", "VENUE=NASDAQ"));
  EXPECT_THAT(
    request(subscribe(R"("filter":"ask != 1 and volume >= 1000000, price < 5 && change_percent == 0")")).filters,
    ElementsAre("ASK!=1e0", "VOLUME>=1e6", "PRICE<5e0", "CHANGE_PERCENT=0e0"));
  EXPECT_THAT(request(subscribe(R"("filter":["exchange <> \"LSE\""])")).filters, ElementsAre("VENUE!=LSE"));
  EXPECT_THAT(request(subscribe(R"("filter":{"where":"bid = 1"})")).filters, ElementsAre("BID=1e0"));
}

TEST_F(hft_options, TakesAnEmptyFilterForNone) {
  for (const auto* text : {R"("filter":{})", R"("filter":[])", R"("filter":{"min_price":null})"}) {
    const auto& r = request(subscribe(text));
    EXPECT_EQ(r.raw.filter_count, 0u) << text;
    EXPECT_EQ(r.raw.choices, uint32_t{TP_CHOICE_FILTER}) << text;
  }
  EXPECT_EQ(request(subscribe(R"("filter":null)")).raw.choices, 0u);
}

TEST_F(hft_options, NamesWhatIsWrongWithAFilter) {
  const auto filter = [](const std::string& text) { return subscribe("\"filter\":" + text); };
  expect_problem(filter("7"), 4303, "filter", "filter is a number: send an object, such as");
  expect_problem(filter(R"({"min_colour":1})"), 4303, "filter.min_colour",
                 "filter.min_colour is no condition: allowed");
  expect_problem(filter(R"({"price":1})"), 4303, "filter.price", "is no condition");
  expect_problem(filter(R"({"min":1})"), 4303, "filter.min", "is no condition");
  expect_problem(filter(R"({"min_venue":1})"), 4303, "filter.min_venue", "is no condition");
  expect_problem(filter(R"({"min_price":"much"})"), 4303, "filter.min_price", "is \"much\": send a number");
  expect_problem(filter(R"({"min_price":[1]})"), 4303, "filter.min_price", "is an array: send a number");
  expect_problem(filter(R"({"min_price":1.2345678901234567890123})"), 4303, "filter.min_price", "at most 18 digits");
  expect_problem(filter(R"({"venue":["LSE","NYSE"]})"), 4303, "filter.venue",
                 "is an array: send the name of one venue");
  expect_problem(filter(R"({"venue":""})"), 4303, "filter.venue", "send the name of one venue");
  expect_problem(filter(R"({"portfolio_ids":["p"]})"), 4303, "filter.portfolio_ids", "does not apply to market data");
  expect_problem(filter(R"({"symbols":["A"]})"), 4303, "filter.symbols", "name instruments in symbols");
  expect_problem(filter(R"({"where":1})"), 4303, "filter.where", "is a number: send comparisons");
  expect_problem(filter(R"({"where":["bid > 1",2]})"), 4303, "filter.where[1]", "is a number, not a comparison");
  expect_problem(filter(R"({"where":["bid > 1","ask"]})"), 4303, "filter.where[1]", "\"ask\" compares nothing");
  expect_problem(filter(R"({"where":["size > 1"]})"), 4303, "filter.where[0]", "asks for a value that is not known");
  expect_problem(filter(R"({"where":["bid > x"]})"), 4303, "filter.where[0]", "the bound is not a number");
  expect_problem(filter(R"({"where":["bid > "]})"), 4303, "filter.where[0]", "the bound is not a number");
  expect_problem(filter(R"({"where":["venue > LSE"]})"), 4303, "filter.where[0]", "compared by = or != only");
  expect_problem(filter(R"({"where":["venue = New York"]})"), 4303, "filter.where[0]", "name one venue");
  expect_problem(filter(R"("bid > 1 and")"), 4303, "filter", "the bound is not a number");
  expect_problem(filter(R"("bid > 1,")"), 4303, "filter", "\"\" compares nothing");
  expect_problem(filter(R"("")"), 4303, "filter", "\"\" compares nothing");
  std::string many = R"(["bid > 0")";
  for (int i = 1; i < 16; ++i) many += ",\"bid > " + std::to_string(i) + '"';
  EXPECT_EQ(request(filter(many + "]")).filters.size(), 16u);
  expect_problem(filter(many + ",\"bid > 16\"]"), 4303, "filter[16]", "one condition too many: send at most 16");
}

TEST_F(hft_options, ReadsNumbersExactly) {
  const struct {
    const char* text;
    int64_t mantissa;
    int exponent;
  } good[] = {{"0", 0, 0},
              {"-0.00", 0, 0},
              {"100", 1, 2},
              {"100.500", 1005, -1},
              {".5", 5, -1},
              {"-12.25e3", -1225, 1},
              {"1e18", 1, 18},
              {"1E+2", 1, 2},
              {"0.000000000000000001", 1, -18},
              {"9223372036854775807", INT64_MAX, 0}};
  for (const auto& c : good) {
    const auto number = to_exact(c.text);
    ASSERT_TRUE(number) << c.text;
    EXPECT_EQ(number->mantissa, c.mantissa) << c.text;
    EXPECT_EQ(int{number->exponent}, c.exponent) << c.text;
  }
  for (const auto* text :
       {"", "-", ".", "1.2.3", "1e", "e5", "1e19", "1e-19", "9223372036854775808", "0x10", "1 ", "nan"})
    EXPECT_FALSE(to_exact(text)) << text;
}

TEST_F(hft_options, ReadsWhereToResume) {
  const auto& one =
    request(R"({"type":"RESUME","stream":"NYSE:BRK/B/BOOK","epoch":1796000000000001,"sequence":"42","depth":10})");
  EXPECT_THAT(one.positions, ElementsAre("NYSE:BRK/B/BOOK 1796000000000001 42"));
  EXPECT_THAT(one.symbols, ElementsAre("NYSE:BRK/B"));
  EXPECT_EQ(one.raw.depth, 10u);
  const auto& list = request(
    R"({"type":"RESUME","streams":[{"stream":"NASDAQ:A/TRADES","epoch":1,"sequence":2},{"stream":"NASDAQ:A/BOOK","epoch":1,"sequence":18446744073709551615}]})");
  EXPECT_THAT(list.positions, ElementsAre("NASDAQ:A/TRADES 1 2", "NASDAQ:A/BOOK 1 18446744073709551615"));
  EXPECT_THAT(list.symbols, ElementsAre("NASDAQ:A")) << "each symbol once";
}

TEST_F(hft_options, ReadsTheResumeOfASubscription) {
  const auto& one = request(subscribe(R"("dataTypes":["TRADES"],"resume":{"epoch":7,"sequence":9})"));
  EXPECT_THAT(one.positions, ElementsAre("AAPL/TRADES 7 9"));
  EXPECT_EQ(one.raw.choices, uint32_t{TP_CHOICE_RESUMES});
  EXPECT_THAT(request(subscribe(R"("resume":{"stream":"NASDAQ:AAPL/BOOK","epoch":7,"sequence":9})")).positions,
              ElementsAre("NASDAQ:AAPL/BOOK 7 9"));
  EXPECT_THAT(request(subscribe(R"("resume":[{"stream":"X:A/BOOK","epoch":7,"sequence":9}])")).positions,
              ElementsAre("X:A/BOOK 7 9"));
  EXPECT_THAT(request(R"({"type":"SUBSCRIBE","symbols":["A","B"],"dataTypes":["ORDER_BOOK"],
                         "resume":{"A":{"epoch":1,"sequence":2},"NASDAQ:B/TRADES":{"epoch":3,"sequence":4}}})")
                .positions,
              ElementsAre("A/BOOK 1 2", "NASDAQ:B/TRADES 3 4"));
}

TEST_F(hft_options, NamesWrongPositions) {
  expect_problem(R"({"type":"RESUME","stream":"NASDAQ:AAPL","epoch":1,"sequence":2})", 4303, "stream",
                 "stream is \"NASDAQ:AAPL\": name VENUE:SYMBOL and one of its lines");
  expect_problem(R"({"type":"RESUME","stream":"NASDAQ:AAPL/QUOTES","epoch":1,"sequence":2})", 4303, "stream", "is \"");
  expect_problem(R"({"type":"RESUME","stream":"/STATE","epoch":1,"sequence":2})", 4303, "stream", "is \"/STATE\"");
  expect_problem(R"({"type":"RESUME","stream":"A:B/STATE","sequence":2})", 4303, "epoch", "epoch is missing: send the");
  expect_problem(R"({"type":"RESUME","stream":"A:B/STATE","epoch":1})", 4303, "sequence", "sequence is missing");
  expect_problem(R"({"type":"RESUME","stream":"A:B/STATE","epoch":1,"sequence":-1})", 4303, "sequence", "is -1");
  expect_problem(R"({"type":"RESUME","stream":"A:B/STATE","epoch":1.5,"sequence":1})", 4303, "epoch", "is 1.5");
  expect_problem(R"({"type":"RESUME","streams":[]})", 4303, "streams", "streams is empty");
  expect_problem(R"({"type":"RESUME","streams":{}})", 4303, "streams", "streams is an object");
  expect_problem(R"({"type":"RESUME","stream":"A:B/STATE","streams":[1]})", 4303, "streams", "both named");
  expect_problem(R"({"type":"RESUME","streams":[{"stream":"A:B/STATE","epoch":1,"sequence":2},5]})", 4303, "streams[1]",
                 "is a number: send an object");
  expect_problem(R"({"type":"RESUME","streams":[{"stream":"A:B/STATE","epoch":1}]})", 4303, "streams[0].sequence",
                 "is missing");
  expect_problem(R"({"type":"RESUME","streams":[{"stream":7,"epoch":1}]})", 4303, "streams[0].stream", "is a number");
  expect_problem(subscribe(R"("resume":5)"), 4303, "resume", "resume is a number: send {");
  expect_problem(subscribe(R"("resume":[])"), 4303, "resume", "resume is empty");
  expect_problem(subscribe(R"("resume":{"epoch":1,"sequence":2})"), 4303, "resume", "names no stream");
  expect_problem(subscribe(R"("resume":{"X":{"epoch":1,"sequence":2}})"), 4303, "resume.X", "names no stream");
  expect_problem(subscribe(R"("resume":{"X:Y/BOOK":{"epoch":1,"sequence":null}})"), 4303, "resume.X:Y/BOOK.sequence",
                 "is null");
  expect_problem(subscribe(R"("resume":[[1]])"), 4303, "resume[0]", "is an array: send an object");
}

TEST_F(hft_options, ReadsHello) {
  const auto& r = request(
    R"({"type":"HELLO","version":1,"encodings":["json","msgpack"],"compression":true,"numbers":"string","stamps":true})");
  EXPECT_EQ(r.raw.version, 1u);
  EXPECT_EQ(r.encodings, "json,msgpack");
  EXPECT_EQ(r.raw.choices, uint32_t{TP_CHOICE_STAMPS | TP_CHOICE_NUMBER_STRINGS});
  const auto& bare = request(R"({"type":"HELLO","numbers":"number","stamps":false})");
  EXPECT_EQ(bare.raw.version, 0u);
  EXPECT_EQ(bare.raw.choices, 0u);
  EXPECT_EQ(bare.encodings, "");
  EXPECT_EQ(request(R"({"type":"HELLO","encodings":["cbor","JSON"]})").encodings, "cbor,JSON");
}

TEST_F(hft_options, NamesWhatIsWrongWithHello) {
  const auto hello = [](const std::string& rest) { return R"({"type":"HELLO",)" + rest + "}"; };
  expect_problem(hello(R"("version":"1")"), 4300, "version", "version is \"1\": send the number");
  expect_problem(hello(R"("version":0)"), 4300, "version", "version is 0");
  expect_problem(hello(R"("version":1.5)"), 4300, "version", "version is 1.5");
  expect_problem(hello(R"("encodings":"json")"), 4300, "encodings", "encodings is a string: send an array");
  expect_problem(hello(R"("encodings":["json",1])"), 4300, "encodings", "no list of names");
  expect_problem(hello(R"("encodings":[])"), 4300, "encodings", "no list of names");
  expect_problem(hello(R"("encodings":["a,b"])"), 4300, "encodings", "no list of names");
  expect_problem(hello(R"("encodings":["msgpack","cbor"])"), 4303, "encodings",
                 "none that this server writes: \"msgpack,cbor\"; it writes \"json\"");
  expect_problem(hello(R"("compression":1)"), 4300, "compression", "compression is 1");
  expect_problem(hello(R"("numbers":"float")"), 4300, "numbers", "numbers is \"float\": send \"number\" or \"string\"");
  expect_problem(hello(R"("stamps":1)"), 4300, "stamps", "stamps is 1: send true or false");
}

TEST_F(hft_options, ReadsPause) {
  EXPECT_EQ(request(R"({"type":"PAUSE"})").raw.choices, uint32_t{TP_CHOICE_PAUSED});
  EXPECT_EQ(request(R"({"type":"PAUSE","paused":true,"symbols":["A"]})").raw.choices, uint32_t{TP_CHOICE_PAUSED});
  EXPECT_EQ(request(R"({"type":"PAUSE","paused":false})").raw.choices, 0u);
  expect_problem(R"({"type":"PAUSE","paused":"yes"})", 4303, "paused", "paused is \"yes\": send true to stop");
}

TEST_F(hft_options, BoundsTheValuesOfOneMessage) {
  std::string text = R"({"type":"SUBSCRIBE","symbols":["A"],"filter":{"where":[")";
  for (int i = 0; i < 9'000; ++i) text += "bid > 1\",\"";
  expect_problem(text + "bid > 1\"]}}", 4303, "filter.where[16]", "too many");
  std::string positions = R"({"type":"RESUME","streams":[)";
  for (int i = 0; i < 1'025; ++i)
    positions += std::string{i == 0 ? "" : ","} + R"({"stream":"A:B/BOOK","epoch":1,"sequence":2})";
  expect_problem(positions + "]}", 4303, "streams", "a list of 1025: send an array of 1 to 1024");
}

} // namespace
} // namespace tickplant::hft::testing
