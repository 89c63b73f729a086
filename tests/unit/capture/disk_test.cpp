#include "files.hpp"
#include "runtime/capture/disk.hpp"

#include <mutex>

namespace tickplant::capture {
namespace {

struct log_book {
  std::mutex lock;
  std::vector<std::string> errors;
  disk_log writer() {
    return [this](bool is_error, std::string_view text) {
      std::lock_guard guard{lock};
      if (is_error) errors.emplace_back(text);
    };
  }
};

std::vector<uint8_t> chunk(char letter, size_t size) {
  return std::vector<uint8_t>(size, static_cast<uint8_t>(letter));
}

TEST(CaptureDisk, WritesWhatIsPushedBehindAPreamble) {
  testing::folder at;
  log_book log;
  disk to{log.writer()};
  const auto series = to.open({at.at("sub/folder"), "NASDAQ", "nasdaq", 7, 1'795'229'252'934'000'000, 1 << 20, 0});
  auto bytes = chunk('x', 1000);
  ASSERT_TRUE(series->push(bytes));
  EXPECT_TRUE(bytes.empty());
  to.flush();
  const auto files = std::filesystem::directory_iterator{at.at("sub/folder")};
  const auto path = begin(files)->path();
  EXPECT_EQ(path.filename(), "NASDAQ-20261121T024732.934000000Z-0000.tpcap");
  const auto written = testing::contents_of(path.string());
  ASSERT_EQ(written.size(), preamble_bytes + 1000);
  std::string problem;
  const auto first = decode_preamble(written, problem);
  EXPECT_EQ(problem, "");
  EXPECT_EQ(first.session, 7u);
  EXPECT_EQ(first.venue, "NASDAQ");
  EXPECT_EQ(written.back(), 'x');
}

TEST(CaptureDisk, BeginsTheNextFileWhenOneIsFullAndForgetsTheOldest) {
  testing::folder at;
  log_book log;
  disk to{log.writer()};
  testing::write_file(at.at("V-2-not-of-this-venue.txt"), {1});
  testing::write_file(at.at("V-other-20261121T024732.934000000Z-0000.tpcap"), {1});
  const auto series = to.open({at.path(), "V", "p", 1, 1'000'000'000, 1000, 3});
  for (char letter = 'a'; letter <= 'f'; ++letter) {
    auto bytes = chunk(letter, 2000);
    ASSERT_TRUE(series->push(bytes));
  }
  to.flush();
  std::vector<std::string> parts;
  for (const auto& file : at.files())
    if (file.find("/V-1970") != std::string::npos) parts.push_back(file);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_NE(parts[0].find("-0003.tpcap"), std::string::npos);
  EXPECT_EQ(testing::contents_of(parts[2]).back(), 'f');
  EXPECT_EQ(at.files().size(), 5u); // those of others stay
}

TEST(CaptureDisk, TellsOnceThatAFolderCannotBeHad) {
  testing::folder at;
  testing::write_file(at.at("file"), {1});
  log_book log;
  disk to{log.writer()};
  const auto series = to.open({at.at("file"), "V", "p", 1, 1, 1 << 20, 0});
  auto bytes = chunk('x', 10);
  ASSERT_TRUE(series->push(bytes));
  to.flush();
  EXPECT_TRUE(series->has_failed());
  bytes = chunk('y', 10);
  EXPECT_FALSE(series->push(bytes));
  EXPECT_EQ(bytes.size(), 10u); // the caller's still
  ASSERT_EQ(log.errors.size(), 1u);
  EXPECT_NE(log.errors[0].find("nothing more of this venue is recorded"), std::string::npos);
}

TEST(CaptureDisk, WritesEverythingBeforeItEnds) {
  testing::folder at;
  log_book log;
  {
    disk to{log.writer()};
    const auto series = to.open({at.path(), "V", "p", 1, 1, 1 << 30, 0});
    for (int i = 0; i < 100; ++i) {
      auto bytes = chunk('z', 100'000);
      ASSERT_TRUE(series->push(bytes));
    }
  }
  ASSERT_EQ(at.files().size(), 1u);
  EXPECT_EQ(std::filesystem::file_size(at.files()[0]), preamble_bytes + 100u * 100'000);
}

} // namespace
} // namespace tickplant::capture
