// Exit codes of the whole tool and what it says with them.
#include "runtime/capture/format.hpp"
#include "tests/replay/tool.hpp"

#include <gmock/gmock.h>

namespace tickplant::replay::testing {
namespace {

using ::testing::HasSubstr;

/// One ITCH message: start of messages.
std::string system_event() {
  std::string text(14, '\0');
  text[1] = 12;
  text[2] = 'S';
  text[13] = 'O';
  return text;
}

TEST(Run, AnUnknownPluginIsRefused) {
  const scratch_file file{"x.itch", system_event()};
  const auto result = run_tool({"--plugin", "nothing", "--format", "itch50", file.path()});
  EXPECT_EQ(result.code, exit_plugin);
  EXPECT_THAT(result.err, HasSubstr("no file nothing.so in"));
}

TEST(Run, AFileThatIsNoPluginIsRefused) {
  const scratch_file file{"x.itch", system_event()}, fake{"fake.so", "text"};
  std::filesystem::permissions(fake.path(), std::filesystem::perms::owner_read);
  const auto result = run_tool({"--plugin", fake.path(), "--format", "itch50", file.path()});
  EXPECT_EQ(result.code, exit_plugin);
  EXPECT_THAT(result.err, HasSubstr("fake.so: cannot be loaded"));
}

TEST(Run, FaultsOfTheCommandLineAreFaultsOfUsage) {
  EXPECT_EQ(run_tool({"--plugin", "nasdaq", "--format", "x", "f"}).code, exit_usage);
  const scratch_file config{"x.yaml", "lines: [1, 2\n"}, file{"x.itch", system_event()};
  const auto result = run_tool({"--plugin", "nasdaq", "--format", "itch50", "--config", config.path(), file.path()});
  EXPECT_EQ(result.code, exit_usage);
  EXPECT_THAT(result.err, HasSubstr("x.yaml:2:"));
}

TEST(Run, SettingsThatThePluginRefusesAreNamedByPlace) {
  if (!has_plugin("nasdaq")) GTEST_SKIP() << "plugin nasdaq is not built";
  const scratch_file config{"x.yaml", "reorder_window: 5ms\nsilense: 3s\n"}, file{"x.itch", system_event()};
  const auto result = run_tool({"--plugin", "nasdaq", "--format", "itch50", "--config", config.path(), file.path()});
  EXPECT_EQ(result.code, exit_plugin);
  EXPECT_THAT(result.err, HasSubstr("x.yaml:2:10: silense: is no setting of this plugin"));
}

/// A capture of nothing but the settings of its plugin.
std::string capture_with(const std::vector<std::pair<std::string, std::string>>& settings) {
  auto bytes = capture::encode(capture::preamble{0, 1, 1, "NASDAQ", "nasdaq"});
  uint64_t number = 0;
  for (const auto& [key, value] : settings) {
    const std::string text = key + '\0' + value;
    capture::record one;
    one.kind = capture::record_kind::setting;
    one.sequence = ++number;
    one.recv_ns = 1;
    one.payload = {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
    capture::append(bytes, one);
  }
  return {bytes.begin(), bytes.end()};
}

TEST(Run, AConfigurationAddsToTheSettingsThatWereRecorded) {
  if (!has_plugin("nasdaq")) GTEST_SKIP() << "plugin nasdaq is not built";
  const scratch_file file{"x.tpcap", capture_with({{"lines.a", "udp://127.0.0.1:1"}, {"silence", "no duration"}})};
  const std::vector<std::string> words{"--plugin", "nasdaq", "--format", "capture", file.path()};
  EXPECT_THAT(run_tool(words).err, HasSubstr("silence: 'no duration'")) << "as it was recorded";
  const scratch_file config{"x.yaml", "silence: 3s\n"};
  auto more = words;
  more.insert(more.end(), {"--config", config.path()});
  const auto result = run_tool(more);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("line a is down")) << "lines.a is the recorded one";
}

TEST(Run, FaultsOfTheInputAreNamedWithTheirOffsetAndWhatCameBeforeIsReported) {
  if (!has_plugin("nasdaq")) GTEST_SKIP() << "plugin nasdaq is not built";
  const scratch_file file{"x.itch", system_event() + system_event().substr(0, 5)};
  const auto result = run_tool({"--plugin", "nasdaq", "--format", "itch50", "--json", file.path()});
  EXPECT_EQ(result.code, exit_input);
  EXPECT_THAT(result.err, HasSubstr(file.path() + ": byte 14: the file ends inside a message"));
  EXPECT_EQ(result.last()["messages"]["S"], 1);
  EXPECT_EQ(run_tool({"--plugin", "nasdaq", "--format", "itch50", "/nonexistent"}).code, exit_input);
}

TEST(Run, TheTableIsForPeople) {
  if (!has_plugin("nasdaq")) GTEST_SKIP() << "plugin nasdaq is not built";
  const scratch_file file{"x.itch", system_event()};
  const auto result = run_tool({"--plugin", "nasdaq", "--format", "itch50", file.path()});
  EXPECT_EQ(result.code, exit_ok);
  EXPECT_THAT(result.out, HasSubstr("messages    S 1\n"));
  EXPECT_THAT(result.out, HasSubstr("symbol        state"));
  EXPECT_TRUE(result.lines.empty());
}

TEST(Run, MeasuringAddsTimeAndMemory) {
  if (!has_plugin("nasdaq")) GTEST_SKIP() << "plugin nasdaq is not built";
  std::string bytes;
  for (int i = 0; i < 10'000; ++i) bytes += system_event();
  const scratch_file file{"x.itch", bytes};
  const auto result = run_tool({"--plugin", "nasdaq", "--format", "itch50", "--time", "--json", file.path()});
  ASSERT_EQ(result.code, exit_ok) << result.err;
  EXPECT_GT(result.last()["nsPerMessage"].get<double>(), 0);
  EXPECT_GT(result.last()["maxRssKiB"].get<uint64_t>(), 0u);
  EXPECT_EQ(result.last()["units"]["bursts"], (10'000 + 31) / 32);
}

TEST(Run, EqualInputGivesEqualOutput) {
  if (!has_plugin("nasdaq")) GTEST_SKIP() << "plugin nasdaq is not built";
  const scratch_file file{"x.itch", system_event() + system_event()};
  const std::vector<std::string> words{"--plugin", "nasdaq", "--format", "itch50", "--json", file.path()};
  EXPECT_EQ(run_tool(words).out, run_tool(words).out);
}

} // namespace
} // namespace tickplant::replay::testing
