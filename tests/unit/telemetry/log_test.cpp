#include "runtime/telemetry/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <sstream>
#include <thread>
#include <vector>

namespace tickplant::telemetry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Log : public ::testing::Test {
protected:
  void TearDown() override { configure_log({}); }

  static std::vector<std::string> lines_of(const std::function<void()>& what) {
    flush_log(); // what earlier tests left out is told before
    ::testing::internal::CaptureStderr();
    what();
    flush_log();
    std::istringstream all{::testing::internal::GetCapturedStderr()};
    std::vector<std::string> lines;
    for (std::string line; std::getline(all, line);) lines.push_back(line);
    return lines;
  }
  static std::vector<nlohmann::json> json_of(const std::function<void()>& what) {
    std::vector<nlohmann::json> all;
    for (const auto& line : lines_of(what)) all.push_back(nlohmann::json::parse(line));
    return all;
  }
};

TEST_F(Log, TextNamesLevelAndComponent) {
  configure_log({});
  const auto lines = lines_of([] { log(level::warning, "venue NASDAQ", "gap"); });
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], HasSubstr("warning venue NASDAQ: gap"));
}

TEST_F(Log, JsonHasTheFieldsAndTheTrace) {
  configure_log({.format = log_format::json});
  const auto context = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  ASSERT_TRUE(context);
  const auto lines = json_of([&] {
    log(level::info, "hub", "with \"quotes\"\nand a break", &*context);
    log(level::error, "hub", "without");
    const trace_context none;
    log(level::error, "hub", "not valid", &none);
  });
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0]["level"], "info");
  EXPECT_EQ(lines[0]["component"], "hub");
  EXPECT_EQ(lines[0]["msg"], "with \"quotes\"\nand a break");
  EXPECT_EQ(lines[0]["trace_id"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(lines[0]["span_id"], "b7ad6b7169203331");
  EXPECT_THAT(lines[0]["ts"].get<std::string>(), ::testing::MatchesRegex("20..-..-..T..:..:..\\.......Z"));
  EXPECT_EQ(lines[1]["level"], "error");
  EXPECT_FALSE(lines[1].contains("trace_id"));
  EXPECT_FALSE(lines[2].contains("trace_id"));
}

TEST_F(Log, TextFromOutsideStaysOneLine) {
  configure_log({});
  const auto lines = lines_of(
    [] { log(level::info, "gateway", "client said: x\n2026-01-01T00:00:00 error node: forged \x1b[2J {} %s"); });
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], HasSubstr("x\\n2026"));
  EXPECT_THAT(lines[0], HasSubstr("\\x1b[2J {} %s"));
}

TEST_F(Log, LongTextsAreCut) {
  configure_log({});
  const auto lines = lines_of([] { log(level::info, "gateway", std::string(1'000'000, 'x')); });
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_LT(lines[0].size(), 4'300u);
  EXPECT_TRUE(lines[0].ends_with("..."));
}

TEST_F(Log, ComponentsHaveLevelsOfTheirOwn) {
  configure_log({.at = level::warning,
                 .format = log_format::json,
                 .components = {{"venue", level::debug}, {"venue BINANCE", level::error}, {"hub", level::off}}});
  EXPECT_TRUE(is_logged(level::debug)) << "somebody writes it";
  EXPECT_TRUE(is_logged(level::debug, "venue NASDAQ"));
  EXPECT_TRUE(is_logged(level::debug, "venue"));
  EXPECT_FALSE(is_logged(level::info, "venues")) << "another word";
  EXPECT_FALSE(is_logged(level::warning, "venue BINANCE")) << "the longest name counts";
  EXPECT_FALSE(is_logged(level::error, "hub"));
  EXPECT_FALSE(is_logged(level::info, "gateway"));
  const auto lines = json_of([] {
    log(level::debug, "venue NASDAQ", "yes");
    log(level::warning, "venue BINANCE", "no");
    log(level::info, "gateway", "no");
    log(level::warning, "gateway", "yes");
    log(level::error, "hub", "no");
  });
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["component"], "venue NASDAQ");
  EXPECT_EQ(lines[1]["component"], "gateway");
  set_log_level(level::off);
  EXPECT_TRUE(is_logged(level::debug, "venue NASDAQ")) << "set_log_level leaves the components alone";
}

TEST_F(Log, AFloodIsCutAndSummedUp) {
  configure_log({.rate = 5});
  static int round = 0; // repeated within a second, it is another cause
  const auto component = "flood " + std::to_string(++round);
  const auto before = count_log();
  const auto lines = lines_of([&] {
    for (int i = 0; i < 1'000; ++i) log(level::warning, component, "gap at " + std::to_string(i));
  });
  // A second may pass between two of the lines on a busy machine: what matters is that few say it all.
  const auto after = count_log();
  const auto suppressed = after.suppressed - before.suppressed;
  EXPECT_GE(lines.size(), 6u);
  EXPECT_LT(lines.size(), 100u);
  EXPECT_EQ(after.lines[2] - before.lines[2], lines.size());
  uint64_t told = 0;
  for (const auto& line : lines)
    if (const auto at = line.find(" more like: gap at "); at != line.npos)
      told += std::stoull(line.substr(line.rfind(' ', at - 1) + 1));
  EXPECT_EQ(told, suppressed);
  EXPECT_EQ(lines.size() + suppressed,
            1'000u + static_cast<size_t>(std::count_if(
                       lines.begin(), lines.end(), [](const auto& l) { return l.find(" more like: ") != l.npos; })));
}

TEST_F(Log, AuditLinesAreNeverLimitedNorOffWithTheLevel) {
  configure_log({.at = level::error, .format = log_format::json, .rate = 1});
  const auto before = count_log();
  const auto lines = json_of([] {
    for (int i = 0; i < 50; ++i) audit("auth", "accepted key 1");
  });
  ASSERT_EQ(lines.size(), 50u);
  EXPECT_EQ(lines[0]["level"], "audit");
  EXPECT_EQ(lines[0]["component"], "auth");
  EXPECT_EQ(count_log().audits - before.audits, 50u);
  configure_log({.at = level::off});
  EXPECT_THAT(lines_of([] { audit("auth", "nobody listens"); }), IsEmpty());
  configure_log({});
  EXPECT_THAT(lines_of([] { audit("auth", "a\nb"); }), ElementsAre(HasSubstr("audit auth: a\\nb")));
}

TEST_F(Log, LevelsOffWriteAndCountNothing) {
  set_log_level(level::error);
  const auto before = count_log();
  EXPECT_FALSE(is_logged(level::warning));
  EXPECT_FALSE(is_logged(level::off));
  EXPECT_THAT(lines_of([] {
                log(level::warning, "a", "b");
                log(level::off, "a", "b");
              }),
              IsEmpty());
  EXPECT_EQ(count_log().lines, before.lines);
}

TEST_F(Log, ThreadsWriteWholeLinesWhileTheOptionsChange) {
  configure_log({.format = log_format::json, .rate = 0});
  const auto lines = lines_of([] {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([t] {
        for (int i = 0; i < 200; ++i) log(level::info, "thread " + std::to_string(t), "line " + std::to_string(i));
      });
    for (int i = 0; i < 50; ++i)
      configure_log({.format = log_format::json, .components = {{"x", level::debug}}, .rate = 0});
    for (auto& thread : threads) thread.join();
  });
  EXPECT_EQ(lines.size(), 800u);
  for (const auto& line : lines) EXPECT_TRUE(nlohmann::json::accept(line)) << line;
}

TEST_F(Log, LevelNamesGoBothWays) {
  for (const auto at : {level::debug, level::info, level::warning, level::error, level::off}) {
    auto read = level::off;
    ASSERT_TRUE(parse_level(name_of(at), read));
    EXPECT_EQ(read, at);
  }
  auto kept = level::error;
  EXPECT_FALSE(parse_level("loud", kept));
  EXPECT_EQ(kept, level::error);
}

} // namespace
} // namespace tickplant::telemetry
