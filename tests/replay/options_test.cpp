#include "runtime/tools/replay/options.hpp"

#include "tests/replay/tool.hpp"

#include <gmock/gmock.h>

namespace tickplant::replay::testing {
namespace {

using ::testing::HasSubstr;

replay_options parse(std::vector<std::string> words) {
  words.insert(words.begin(), "tickplant-replay");
  std::vector<const char*> pointers;
  for (const auto& word : words) pointers.push_back(word.c_str());
  return parse_options(static_cast<int>(pointers.size()), pointers.data());
}

std::string fault_of(const std::vector<std::string>& words) {
  try {
    parse(words);
  } catch (const usage_end& end) {
    EXPECT_EQ(end.code, 2);
    return end.what();
  }
  return "none";
}

TEST(Options, LinesFollowOneAnotherWithAndWithoutTheirName) {
  const auto options = parse({"--plugin", "nasdaq", "--format", "pcap", "--line", "a=239.1.1.1:26400",
                              "b=239.1.1.2:26400", "--line", "c=192.0.2.9:18000", "x.pcap", "y.pcap"});
  ASSERT_EQ(options.lines.size(), 3u);
  EXPECT_EQ(to_text(options.lines[0].at), "239.1.1.1:26400");
  EXPECT_EQ(options.lines[1].name, "c");
  EXPECT_EQ(options.lines[2].name, "b");
  EXPECT_EQ(options.files, (std::vector<std::string>{"x.pcap", "y.pcap"}));
}

TEST(Options, AnswersNeedNoCapture) {
  const auto options = parse({"--plugin", "x", "--answer", "glimpse=a.soup", "--answer", "glimpse=b=c.soup"});
  ASSERT_EQ(options.answers.size(), 2u);
  EXPECT_EQ(options.answers[0].name, "glimpse");
  EXPECT_EQ(options.answers[1].path, "b=c.soup");
  EXPECT_FALSE(options.format);
  EXPECT_EQ(parse({"--plugin", "x", "--answer", "a=f", "--format", "pcap", "x.pcap"}).files.size(), 1u);
  EXPECT_THAT(fault_of({"--plugin", "x", "--answer", "a=f", "x.pcap"}), HasSubstr("--format is required"));
  EXPECT_THAT(fault_of({"--plugin", "x", "--answer", "a=f", "--format", "pcap"}), HasSubstr("FILE is required"));
  for (const auto* text : {"a", "=f", "a="})
    EXPECT_THAT(fault_of({"--plugin", "x", "--answer", text}), HasSubstr("wanted LINE=FILE")) << text;
}

TEST(Options, ALineIsAnsweredOrCapturedButNotBoth) {
  EXPECT_THAT(fault_of({"--plugin", "x", "--format", "pcap", "--answer", "a=f", "--line", "a=1.2.3.4:5", "x.pcap"}),
              HasSubstr("line 'a' has both --line and --answer"));
}

TEST(Options, LinesMayNameTheirScheme) {
  const auto options = parse(
    {"--plugin", "x", "--format", "pcap", "--line", "a=tcp://1.2.3.4:5", "b=udp://1.2.3.4:5", "c=1.2.3.4:5", "x"});
  ASSERT_EQ(options.lines.size(), 3u);
  EXPECT_EQ(options.lines[0].scheme, "tcp");
  EXPECT_EQ(options.lines[1].scheme, "udp");
  EXPECT_EQ(options.lines[2].scheme, "");
  EXPECT_EQ(to_text(options.lines[0].at), "1.2.3.4:5");
}

TEST(Options, BurstsDependOnMeasuring) {
  EXPECT_EQ(parse({"--plugin", "x", "--format", "itch50", "f"}).burst, 1u);
  EXPECT_EQ(parse({"--plugin", "x", "--format", "itch50", "--time", "f"}).burst, 32u);
  EXPECT_EQ(parse({"--plugin", "x", "--format", "itch50", "--time", "--burst", "8", "f"}).burst, 8u);
  EXPECT_EQ(parse({"--plugin", "x", "--format", "itch50", "f"}).present_mib, 0u);
  EXPECT_EQ(parse({"--plugin", "x", "--format", "itch50", "--present", "8", "f"}).present_mib, 8u);
  EXPECT_EQ(parse({"--plugin", "x", "--format", "itch50", "--time", "f"}).present_mib, 64u);
  EXPECT_EQ(parse({"--plugin", "x", "--format", "itch50", "--time", "--present", "0", "f"}).present_mib, 0u);
}

TEST(Options, SymbolsAreSeparatedByCommas) {
  const auto options = parse({"--plugin", "x", "--format", "itch50", "--symbols", "A,B", "--json", "f"});
  EXPECT_EQ(options.symbols, (std::vector<std::string>{"A", "B"}));
  EXPECT_TRUE(options.json);
}

TEST(Options, FaultsOfUsageSayWhatIsWanted) {
  EXPECT_THAT(fault_of({"--format", "itch50", "f"}), HasSubstr("--plugin is required"));
  EXPECT_THAT(fault_of({"--plugin", "x", "f"}), HasSubstr("--format is required"));
  EXPECT_THAT(fault_of({"--plugin", "x", "--format", "itch50"}), HasSubstr("FILE is required"));
  EXPECT_THAT(fault_of({"--plugin", "x", "--format", "itch", "f"}),
              HasSubstr("--format is 'itch', wanted itch50, pcap, binance-log or capture"));
  EXPECT_THAT(fault_of({"--plugin", "x", "--format", "pcap", "--line", "a=1.2.3:4", "f"}),
              HasSubstr("wanted NAME=ADDR:PORT"));
  EXPECT_THAT(fault_of({"--plugin", "x", "--format", "itch50", "--line", "a=1.2.3.4:4", "f"}),
              HasSubstr("--line goes with --format pcap only"));
  EXPECT_THAT(fault_of({"--plugin", "x", "--format", "itch50", "--burst", "65", "f"}), HasSubstr("wanted 1 to 64"));
  EXPECT_THAT(fault_of({"--plugin", "x", "--format", "itch50", "--burst", "0", "f"}), HasSubstr("wanted 1 to 64"));
  EXPECT_THAT(fault_of({"--plugin", "x", "--format", "itch50", "--date", "x", "f"}), HasSubstr("wanted YYYY-MM-DD"));
  EXPECT_THAT(fault_of({"--plugin", "x", "--format", "itch50", "--horizon", "10", "f"}),
              HasSubstr("wanted a duration"));
  EXPECT_THAT(fault_of({"--plugin", "x", "--format", "itch50", "--nonsense", "f"}), HasSubstr("--nonsense"));
}

TEST(Options, HelpIsNoFault) {
  try {
    parse({"--help"});
    FAIL();
  } catch (const usage_end& end) {
    EXPECT_EQ(end.code, 0);
    EXPECT_THAT(end.what(), HasSubstr("--every"));
  }
}

TEST(Endpoint, IsFourNumbersAndAPort) {
  EXPECT_EQ(to_text(parse_endpoint("1.2.3.255:65535").value()), "1.2.3.255:65535");
  for (const auto* text : {"", "1.2.3.4", "1.2.3.4:", "1.2.3.4:0", "1.2.3.256:1", "1.2.3:1", "1.2.3.4:65536",
                           "1.2.3.4:1 ", "a.b.c.d:1", "1.2.3.4.5:1"})
    EXPECT_FALSE(parse_endpoint(text)) << text;
}

} // namespace
} // namespace tickplant::replay::testing
