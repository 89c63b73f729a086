#include "runtime/tools/replay/itch_file.hpp"

#include "tests/replay/tool.hpp"

#include <gmock/gmock.h>

namespace tickplant::replay::testing {
namespace {

using ::testing::HasSubstr;

/// A message of this size with a time stamp, and its length before it.
std::string message(size_t size, uint64_t ns_of_day, bool zero_length = false) {
  std::string text;
  text += static_cast<char>(zero_length ? 0 : size >> 8);
  text += static_cast<char>(zero_length ? 0 : size & 255);
  std::string body(size, 'x');
  for (size_t i = 5; i < 11 && i < size; ++i) body[i] = static_cast<char>(ns_of_day >> (8 * (10 - i)) & 255);
  return text + body;
}

struct read_result {
  std::vector<uint32_t> sizes;
  std::vector<uint64_t> times;
  std::string fault;
};

read_result read_all(const std::vector<std::string>& paths, bool whole = false, const std::string& date = {}) {
  read_result result;
  try {
    itch_file file{paths, whole, date};
    for (auto batch = file.next(3); !batch.empty(); batch = file.next(3))
      for (const auto& each : batch) {
        result.sizes.push_back(each.size);
        result.times.push_back(each.ns);
      }
  } catch (const input_fault& fault) {
    result.fault = fault.what();
  }
  return result;
}

constexpr uint64_t second = 1'000'000'000;

TEST(ItchFile, CutsByLengthAndTakesItsClockFromTheMessages) {
  const scratch_file file{"01302019.itch", message(12, 5 * second) + message(36, 6 * second) + message(36, 4 * second) +
                                             std::string(2, '\0')};
  for (const bool whole : {false, true}) {
    const auto result = read_all({file.path()}, whole);
    EXPECT_EQ(result.fault, "");
    EXPECT_EQ(result.sizes, (std::vector<uint32_t>{12, 36, 36}));
    const uint64_t midnight = 1'548'824'400 * second; // 2019-01-30 05:00 UTC is midnight in New York
    EXPECT_EQ(result.times,
              (std::vector<uint64_t>{midnight + 5 * second, midnight + 6 * second, midnight + 6 * second}));
  }
}

TEST(ItchFile, AGivenDateGoesBeforeTheName) {
  const scratch_file file{"01302019.itch", message(12, 0)};
  EXPECT_EQ(read_all({file.path()}, false, "2019-07-01").times,
            (std::vector<uint64_t>{1'561'953'600 * second})); // summer: 04:00 UTC
}

TEST(ItchFile, FilesFollowOneAnotherAlsoPastTheirEndMarks) {
  const scratch_file one{"one", message(12, 1) + std::string(2, '\0')}, two{"two", message(13, 2)};
  EXPECT_EQ(read_all({one.path(), two.path()}).sizes, (std::vector<uint32_t>{12, 13}));
}

TEST(ItchFile, ZeroLengthsMakeChunks) {
  std::string bytes;
  for (int i = 0; i < 5'000; ++i) bytes += message(36, 7, true);
  const scratch_file file{"zero", bytes};
  itch_file reader{{file.path()}, false, {}};
  EXPECT_TRUE(reader.has_zero_lengths());
  size_t total = 0;
  for (auto batch = reader.next(8); !batch.empty(); batch = reader.next(8))
    for (const auto& each : batch) {
      EXPECT_LE(each.size, 65'536u);
      total += each.size;
    }
  EXPECT_EQ(total, bytes.size());
}

TEST(ItchFile, LargeFilesPassThroughTheWindowUnchanged) {
  std::string bytes;
  size_t count = 0;
  while (bytes.size() < (12u << 20)) {
    bytes += message(12 + count % 1'000, count);
    ++count;
  }
  const scratch_file file{"large", bytes};
  itch_file reader{{file.path()}, false, {}};
  size_t seen = 0;
  for (auto batch = reader.next(64); !batch.empty(); batch = reader.next(64))
    for (const auto& each : batch) {
      ASSERT_EQ(each.size, 12 + seen % 1'000);
      uint64_t stamp = 0;
      for (size_t i = 5; i < 11; ++i) stamp = stamp << 8 | each.data[i];
      ASSERT_EQ(stamp, seen);
      ++seen;
    }
  EXPECT_EQ(seen, count);
}

TEST(ItchFile, NamesFileAndOffsetOfFaults) {
  const std::string good = message(12, 1);
  const scratch_file cut{"cut", good + good.substr(0, 9)};
  const auto result = read_all({cut.path()});
  EXPECT_EQ(result.sizes.size(), 1u) << "what came before is read";
  EXPECT_THAT(result.fault, HasSubstr(cut.path() + ": byte 14: the file ends inside a message: 7 of 12 bytes"));
  const scratch_file prefix{"prefix", good + "\1"};
  EXPECT_THAT(read_all({prefix.path()}).fault, HasSubstr("byte 14: the file ends inside a length prefix"));
  const scratch_file marked{"marked", good + std::string(2, '\0') + good};
  EXPECT_THAT(read_all({marked.path()}).fault,
              HasSubstr("byte 14: a length of zero, which marks the end, is followed by more data"));
  const scratch_file zero{"zero", message(12, 1, true)};
  EXPECT_THAT(read_all({marked.path(), zero.path()}).fault, HasSubstr("unlike the file before it"));
  EXPECT_THAT(read_all({"/nonexistent"}).fault, HasSubstr("/nonexistent: byte 0: cannot be opened"));
  EXPECT_THAT(read_all({"/"}).fault, HasSubstr("is a folder"));
  const scratch_file empty{"empty", ""};
  EXPECT_EQ(read_all({empty.path()}).fault, "");
}

} // namespace
} // namespace tickplant::replay::testing
