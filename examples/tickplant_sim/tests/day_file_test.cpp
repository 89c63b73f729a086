#include "tickplant_sim/nasdaq/day_file.hpp"
#include "tickplant_sim/tests/itch_book_checker.hpp"
#include "tickplant_sim/tests/temporary_file.hpp"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tickplant::sim {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::uint64_t second = 1'000'000'000;

std::string day_with_times(const std::vector<std::uint64_t>& times) {
  nasdaq::block_buffer blocks;
  nasdaq::itch_encoder out{blocks};
  for (const auto t : times) out.order_delete({1, t}, 5);
  return {blocks.begin(), blocks.end()};
}

TEST(DayFile, GivesEveryMessageWithItsLength) {
  const test::temporary_file file{day_with_times({1, 2, 3})};
  nasdaq::day_file day{file.path(), false};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(day.next().size(), 21u);
  EXPECT_TRUE(day.next().empty());
}

TEST(DayFile, EndsAtAZeroLength) {
  const test::temporary_file file{day_with_times({1}) + std::string(2, '\0') + "rest"};
  nasdaq::day_file day{file.path(), false};
  EXPECT_FALSE(day.next().empty());
  EXPECT_TRUE(day.next().empty());
}

TEST(DayFile, NamesThePlaceOfATruncatedMessage) {
  const auto whole = day_with_times({1, 2});
  const test::temporary_file file{whole.substr(0, whole.size() - 1)};
  nasdaq::day_file day{file.path(), false};
  day.next();
  EXPECT_THAT([&] { day.next(); }, ThrowsMessage<std::runtime_error>(HasSubstr("at byte 21")));
}

TEST(DayFile, RefusesAFileThatIsNotThere) {
  EXPECT_THAT([] { nasdaq::day_file("/nonexistent/day", false); },
              ThrowsMessage<std::runtime_error>(HasSubstr("/nonexistent/day")));
}

TEST(DayFile, TakesLengthsFromTypesWhenTold) {
  auto text = day_with_times({1, 2});
  text[0] = text[1] = text[21] = text[22] = 0;
  const test::temporary_file file{text};
  nasdaq::day_file day{file.path(), true};
  EXPECT_EQ(day.next()[1], 19);
  EXPECT_EQ(day.next().size(), 21u);
  EXPECT_TRUE(day.next().empty());
}

TEST(DayFile, ReadsTheRecordedTestFile) {
  const std::string path = TP_SHARED_DIR "/data/nasdaq/ritch_ex20101224.TEST_ITCH_50";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no capture at " << path;
  nasdaq::day_file day{path, true};
  std::uint64_t messages = 0, bytes = 0;
  for (auto m = day.next(); !m.empty(); m = day.next()) {
    ++messages;
    bytes += m.size();
  }
  EXPECT_EQ(bytes, std::filesystem::file_size(path));
  EXPECT_GT(messages, 10'000u);
}

nasdaq::day_playback_options options_for(const std::string& path, double speed, double rate) {
  nasdaq::day_playback_options o;
  o.path = path;
  o.speed = speed;
  o.rate = rate;
  return o;
}

std::size_t messages_by(nasdaq::day_playback& day, std::uint64_t elapsed_ns) {
  nasdaq::block_buffer blocks;
  day.advance({elapsed_ns, 0}, blocks);
  return blocks.size() / 21;
}

TEST(DayPlayback, FollowsTheFilesOwnTimesAtASpeed) {
  const test::temporary_file file{day_with_times({100 * second, 101 * second, 110 * second})};
  nasdaq::day_playback day{options_for(file.path(), 2, 0)};
  EXPECT_EQ(messages_by(day, 0), 1u);
  EXPECT_EQ(messages_by(day, second / 2 - 1), 0u);
  EXPECT_EQ(messages_by(day, second / 2), 1u);
  EXPECT_FALSE(day.at_end());
  EXPECT_EQ(messages_by(day, 5 * second), 1u);
  EXPECT_TRUE(day.at_end());
}

TEST(DayPlayback, RefusesAFileWithoutMessages) {
  const test::temporary_file file{std::string(100, '\0')};
  EXPECT_THAT([&] { nasdaq::day_playback(options_for(file.path(), 1, 0)); },
              ThrowsMessage<std::runtime_error>(HasSubstr("--nasdaq-file-zero-lengths")));
}

TEST(DayPlayback, KeepsAFixedRateInstead) {
  const test::temporary_file file{day_with_times(std::vector<std::uint64_t>(100, 7))};
  nasdaq::day_playback day{options_for(file.path(), 1, 10)};
  EXPECT_EQ(messages_by(day, second), 10u);
  EXPECT_EQ(messages_by(day, 3 * second), 20u);
}

TEST(DayPlayback, BoundsWhatOneCallHandsOver) {
  const test::temporary_file file{day_with_times(std::vector<std::uint64_t>(10'000, 7))};
  nasdaq::day_playback day{options_for(file.path(), 0, 0)};
  const auto first = messages_by(day, 0);
  EXPECT_LT(first, 4'000u);
  EXPECT_GT(messages_by(day, 0), 0u);
}

} // namespace
} // namespace tickplant::sim
