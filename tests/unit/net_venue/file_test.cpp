#include "support.hpp"

#include <cstdio>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

namespace tickplant::net {

namespace {

using testing::ElementsAre;

class FileLine : public lines_test {
protected:
  ~FileLine() override { std::remove(path.c_str()); }
  bool play(const std::string& content, uint16_t cut, uint32_t max_unit = 2048) {
    std::ofstream{path, std::ios::binary} << content;
    EXPECT_EQ(open_file(cut, max_unit), TP_OK);
    return run_until([&] { return sink.has_state(1, TP_LINE_FILE_END) || sink.has_state(1, TP_LINE_FAILED); });
  }
  int32_t open_file(uint16_t cut, uint32_t max_unit = 2048) {
    return open(1, TP_LINE_FILE, "file://" + path, [=](tp_line_spec& s) {
      s.cut = cut;
      s.max_unit = max_unit;
    });
  }
  static std::string record(const std::string& text) {
    return std::string{static_cast<char>(text.size() >> 8), static_cast<char>(text.size() & 255)} + text;
  }

  std::string path = testing::TempDir() + "tickplant_file_line_" + std::to_string(::getpid());
};

TEST_F(FileLine, CutsRecordsByTheirLength) {
  start();
  ASSERT_TRUE(play(record("one") + record(std::string(300, 'x')) + record("3"), TP_CUT_LENGTH16BE));
  EXPECT_TRUE(sink.has_state(1, TP_LINE_FILE_END));
  EXPECT_THAT(sink.texts(1), ElementsAre("one", std::string(300, 'x'), "3"));
  EXPECT_EQ(sink.units[0].flags, uint32_t{TP_UNIT_BINARY});
}

TEST_F(FileLine, StopsAtTheEndMarker) {
  start();
  ASSERT_TRUE(play(record("one") + record("") + record("not read"), TP_CUT_LENGTH16BE));
  EXPECT_EQ(sink.why(1, TP_LINE_FILE_END), "end marker at offset 5");
  EXPECT_THAT(sink.texts(1), ElementsAre("one"));
}

TEST_F(FileLine, NamesTheOffsetOfARecordThatIsCutOff) {
  start();
  ASSERT_TRUE(play(record("one") + record("truncated").substr(0, 6), TP_CUT_LENGTH16BE));
  EXPECT_EQ(sink.why(1, TP_LINE_FAILED), "the record at offset 5 is cut off by the end of the file");
  EXPECT_THAT(sink.texts(1), ElementsAre("one"));
}

TEST_F(FileLine, NamesTheOffsetOfHalfALength) {
  start();
  ASSERT_TRUE(play(record("one") + "x", TP_CUT_LENGTH16BE));
  EXPECT_NE(sink.why(1, TP_LINE_FAILED).find("offset 5"), std::string::npos);
}

TEST_F(FileLine, RefusesARecordLargerThanMaxUnit) {
  start();
  ASSERT_TRUE(play(record("one") + record("1234567"), TP_CUT_LENGTH16BE, 6));
  EXPECT_EQ(sink.why(1, TP_LINE_FAILED), "the unit at offset 5 has 7 bytes or more, max_unit is 6");
}

TEST_F(FileLine, ReadsALargeFileInBoundedBursts) {
  start();
  std::string content;
  for (int i = 0; i < 20'000; ++i) content += record("record number " + std::to_string(i));
  ASSERT_TRUE(play(content, TP_CUT_LENGTH16BE));
  ASSERT_TRUE(sink.has_state(1, TP_LINE_FILE_END)) << sink.why(1, TP_LINE_FAILED);
  ASSERT_EQ(sink.units.size(), 20'000u);
  EXPECT_EQ(sink.units[19'999].data, "record number 19999");
  for (const auto size : sink.bursts) EXPECT_LE(size, 256u);
  EXPECT_EQ(status(1).counters.units, 20'000u);
}

TEST_F(FileLine, OtherWorkGoesOnBetweenBursts) {
  start();
  std::string content;
  for (int i = 0; i < 10'000; ++i) content += record("x");
  bool was_served = false;
  size_t units_before = 0;
  sink.when_units = [&](auto) {
    if (sink.bursts.size() == 1) {
      loop.post([&] {
        was_served = true;
        units_before = sink.units.size();
      });
    }
  };
  ASSERT_TRUE(play(content, TP_CUT_LENGTH16BE));
  EXPECT_TRUE(was_served);
  EXPECT_LE(units_before, 512u);
}

TEST_F(FileLine, CutsTextLinesAndLeavesOutBlankOnes) {
  start();
  ASSERT_TRUE(play("one\r\ntwo\n\n\r\nlast without end", TP_CUT_TEXT_LINES));
  EXPECT_TRUE(sink.has_state(1, TP_LINE_FILE_END));
  EXPECT_THAT(sink.texts(1), ElementsAre("one", "two", "last without end"));
  EXPECT_EQ(sink.units[0].flags, uint32_t{TP_UNIT_TEXT});
}

TEST_F(FileLine, TextLinesCrossTheReadBuffer) {
  start();
  std::string content;
  std::vector<std::string> expected;
  for (size_t i = 0; i < 700; ++i) {
    expected.emplace_back(1000 + i, static_cast<char>('a' + i % 26));
    content += expected.back() + "\n";
  }
  ASSERT_TRUE(play(content, TP_CUT_TEXT_LINES));
  EXPECT_EQ(sink.texts(1), expected);
}

TEST_F(FileLine, RefusesATextLineLargerThanMaxUnit) {
  start();
  ASSERT_TRUE(play("short\n" + std::string(600'000, 'x'), TP_CUT_TEXT_LINES));
  EXPECT_NE(sink.why(1, TP_LINE_FAILED).find("offset 6"), std::string::npos);
  EXPECT_THAT(sink.texts(1), ElementsAre("short"));
}

TEST_F(FileLine, GivesTheWholeFileAsOneUnitWhereNothingIsCut) {
  start();
  const std::string content(700'000, 'y');
  ASSERT_TRUE(play(content, TP_CUT_NONE, 700'000));
  EXPECT_TRUE(sink.has_state(1, TP_LINE_FILE_END));
  EXPECT_THAT(sink.texts(1), ElementsAre(content));
}

TEST_F(FileLine, RefusesAWholeFileLargerThanMaxUnit) {
  start();
  ASSERT_TRUE(play("1234567", TP_CUT_NONE, 6));
  EXPECT_TRUE(sink.has_state(1, TP_LINE_FAILED));
}

TEST_F(FileLine, AnEmptyFileIsAtItsEndAtOnce) {
  start();
  ASSERT_TRUE(play("", TP_CUT_LENGTH16BE));
  EXPECT_TRUE(sink.has_state(1, TP_LINE_UP));
  EXPECT_TRUE(sink.has_state(1, TP_LINE_FILE_END));
  EXPECT_TRUE(sink.units.empty());
}

TEST_F(FileLine, FailsOnWhatIsNotAFile) {
  start();
  ASSERT_EQ(open_file(TP_CUT_LENGTH16BE), TP_OK);
  ASSERT_TRUE(run_until_state(1, TP_LINE_FAILED));
  EXPECT_EQ(sink.why(1, TP_LINE_FAILED), "opening: No such file or directory");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  sink.states.clear();
  ASSERT_EQ(open_file(TP_CUT_LENGTH16BE), TP_OK);
  ASSERT_TRUE(run_until_state(1, TP_LINE_FAILED));
  EXPECT_EQ(sink.why(1, TP_LINE_FAILED), "it is not a regular file");
}

TEST_F(FileLine, CapturesOfPacketsAreNotCutHere) {
  start();
  EXPECT_EQ(open_file(TP_CUT_PCAP), TP_E_UNSUPPORTED);
  EXPECT_EQ(open_file(77), TP_E_ARGUMENT);
}

} // namespace
} // namespace tickplant::net
