#include <tape.hpp>

#include <gtest/gtest.h>

namespace {

using namespace tickplant::sdk::testing;

std::string fault_of(std::string_view text) {
  try {
    parse_tape(text);
  } catch (const tape_fault& fault) {
    return fault.what();
  }
  return {};
}

TEST(Tape, ReadsTextInQuotesWherePeopleCannotReadHexadecimal) {
  const auto t = parse_tape("tape 1\n"
                            "when feed times=2 \"SNAP|\\d|A\\?\\n\"\n"
                            "  bytes feed \"a \\\"b\\\"\\x00\\r\\n\"\n"
                            "end\n"
                            "unit a \"hello\"\n");
  EXPECT_EQ(t.reactions[0].times, 2u);
  const auto matches = [&](std::string_view sent) {
    return fits(t.reactions[0].pattern, reinterpret_cast<const uint8_t*>(sent.data()), sent.size());
  };
  EXPECT_TRUE(matches("SNAP|1234|AB\n and more"));
  EXPECT_TRUE(matches("SNAP|7|A|\n"));
  EXPECT_FALSE(matches("SNAP||AB\n"));
  EXPECT_FALSE(matches("SNAP|12"));
  EXPECT_EQ(t.reactions[0].steps[0].data, (tape_bytes{'a', ' ', '"', 'b', '"', 0, '\r', '\n'}));
  EXPECT_EQ(t.steps[0].data, (tape_bytes{'h', 'e', 'l', 'l', 'o'}));
  EXPECT_EQ(to_text(parse_tape(to_text(t))), to_text(t));
  EXPECT_NE(fault_of("tape 1\nunit a \"x\n").find("has no end"), std::string::npos);
  EXPECT_NE(fault_of("tape 1\nunit a \"\\d\"\n").find("line 2: "), std::string::npos);
}

TEST(Tape, TellsWhatIsRightAndWhatHasToBeSent) {
  const auto t = parse_tape("tape 1\n"
                            "book ACME bid 101.5 3 bid 101.4 1 ask 102 5\n"
                            "shows ACME volume 12.5 state halted\n"
                            "wants feed times=2 480a\n"
                            "wait 1ms\n");
  EXPECT_EQ(t.books[0].bids.size(), 2u);
  EXPECT_EQ(t.books[0].asks[0], (std::pair<std::string, std::string>("102", "5")));
  ASSERT_EQ(t.figures.size(), 2u);
  EXPECT_EQ(t.figures[1].value, "halted");
  EXPECT_EQ(t.demands[0].times, 2u);
  EXPECT_EQ(to_text(parse_tape(to_text(t))), to_text(t));
  EXPECT_NE(fault_of("tape 1\nbook ACME bid x 3\n").find("'x' is no number"), std::string::npos);
  EXPECT_NE(fault_of("tape 1\nbook ACME side 1 3\n").find("bid or ask"), std::string::npos);
  EXPECT_NE(fault_of("tape 1\nshows ACME colour 3\n").find("nothing that is shown"), std::string::npos);
}

TEST(Tape, ReadsEveryWordOfTheGrammar) {
  const auto t = parse_tape("tape 1\n"
                            "# a comment\n"
                            "like good\n"
                            "expect stale\n"
                            "at 42\n"
                            "rest 5s\n"
                            "set lines.a udp://127.0.0.1:1\n"
                            "set password two words\n"
                            "refuse glimpse\n"
                            "when rerequest times=2 53??45\n"
                            "  wait 20ms\n"
                            "  unit a 0102\n"
                            "  echo 3 4 1\n"
                            "end\n"
                            "up soup\n"
                            "  bytes soup ff\n"
                            "end\n"
                            "unit a 00ff\n"
                            "unit b -\n"
                            "text stream {\"a\": 1}\n"
                            "bytes soup 10\n"
                            "http depth 429 slow down\n"
                            "wait 1us\n"
                            "close soup\n"
                            "fail a\n");
  EXPECT_EQ(t.like, "good");
  EXPECT_EQ(t.expect, tape_expectation::stale);
  EXPECT_EQ(t.start_ns, 42u);
  EXPECT_EQ(t.rest_ns, 5'000'000'000u);
  EXPECT_EQ(t.settings[1], (std::pair<std::string, std::string>("password", "two words")));
  EXPECT_EQ(t.refused, std::vector<std::string>{"glimpse"});
  ASSERT_EQ(t.reactions.size(), 2u);
  EXPECT_EQ(t.reactions[0].times, 2u);
  EXPECT_EQ(t.reactions[0].pattern, (std::vector<int>{0x53, -1, 0x45}));
  ASSERT_EQ(t.reactions[0].echoes.size(), 1u);
  EXPECT_EQ(t.reactions[0].echoes[0].step, 1u);
  EXPECT_TRUE(t.reactions[1].on_up);
  ASSERT_EQ(t.steps.size(), 8u);
  EXPECT_EQ(t.steps[0].data, (tape_bytes{0x00, 0xFF}));
  EXPECT_TRUE(t.steps[1].data.empty());
  EXPECT_EQ(std::string(t.steps[2].data.begin(), t.steps[2].data.end()), "{\"a\": 1}");
  EXPECT_EQ(t.steps[4].status, 429);
  EXPECT_EQ(t.steps[5].ns, 1'000u);
}

TEST(Tape, PrintsWhatItReads) {
  const std::string text = "tape 1\nlike good\nexpect any\nat 7\nrest 1ms\nset k v w\nrefuse x\nwhen l times=1 a0??\n"
                           "  unit a 0102\n  echo 0 1 1\n  text s {\"id\":}\n  digits \"id\": 6\n  close l\nend\nup "
                           "l\n  bytes l ff\nend\nunit a -\n"
                           "text s {}\nhttp /depth 200 {\"x\":1}\nwait 3ns\nfail a\n";
  EXPECT_EQ(to_text(parse_tape(text)), text);
}

TEST(Tape, TellsTheLineOfAFault) {
  EXPECT_EQ(fault_of("tape 1\nunit a 0g\n"), "line 2: '0g' is no byte in hexadecimal");
  EXPECT_NE(fault_of("tape 2\n").find("version '2'"), std::string::npos);
  EXPECT_NE(fault_of("tape 1\njump a\n").find("'jump' is no word of a tape"), std::string::npos);
  EXPECT_NE(fault_of("wait 5\n").find("no duration"), std::string::npos);
  EXPECT_NE(fault_of("when a 00\nwait 1ms\n").find("no `end`"), std::string::npos);
  EXPECT_NE(fault_of("when a 0\nend\n").find("pattern"), std::string::npos);
  EXPECT_NE(fault_of("when a\necho 0 1 2\nend\n").find("behind the step"), std::string::npos);
  EXPECT_NE(fault_of("when a\nunit a 00\ndigits\nend\n").find("text in front"), std::string::npos);
  EXPECT_NE(fault_of("expect luck\n").find("books, stale or any"), std::string::npos);
  EXPECT_NE(fault_of("tape 1\n").find("no step"), std::string::npos);
}

TEST(Tape, EchoesBytesAndDigitsOfWhatWasSent) {
  const auto echoed = [](const tape_echo& echo, std::string_view sent, std::string_view into) {
    tape_bytes data{into.begin(), into.end()};
    apply_echo(echo, reinterpret_cast<const uint8_t*>(sent.data()), sent.size(), data);
    return std::string{data.begin(), data.end()};
  };
  EXPECT_EQ(echoed({1, 2, 0, 3}, "abcd", "......"), "...bc.");
  EXPECT_EQ(echoed({3, 9, 0, 5}, "abcd", "......"), ".....d");
  const tape_echo id{0, 0, 0, 6, "\"id\":"};
  EXPECT_EQ(echoed(id, R"({"method":"X","id":4711})", R"({"id":})"), R"({"id":4711})");
  EXPECT_EQ(echoed(id, R"({"method":"X"})", R"({"id":})"), R"({"id":})");
  EXPECT_EQ(echoed(id, R"("id":1)", "{}"), "{}");
}

} // namespace
