#include "runtime/tools/replay/message_log.hpp"

#include "tests/replay/tool.hpp"

#include <gmock/gmock.h>

#include <zlib.h>

namespace tickplant::replay::testing {
namespace {

using ::testing::HasSubstr;

struct entry {
  record_kind kind;
  uint64_t ns;
  std::string text, label;
  friend bool operator==(const entry&, const entry&) = default;
};

std::vector<entry> read_all(message_log& log) {
  std::vector<entry> all;
  for (auto batch = log.next(2); !batch.empty(); batch = log.next(2))
    for (const auto& each : batch)
      all.push_back({each.kind, each.ns, std::string{reinterpret_cast<const char*>(each.data), each.size},
                     std::string{each.label}});
  return all;
}

std::string fault_of(const std::vector<std::string>& paths) {
  recorded_answers answers;
  try {
    message_log log{paths, false, answers};
    read_all(log);
  } catch (const input_fault& fault) {
    return fault.what();
  }
  return "none";
}

constexpr auto frame = record_kind::frame, answer = record_kind::answer;

TEST(MessageLog, ReadsNanosecondLinesAndGivesAnswersTheSymbolOfTheStream) {
  const scratch_file file{"x.log", "5 {\"stream\":\"btcusdt@trade\",\"data\":1}\n"
                                   "6 {\"lastUpdateId\":7,\"bids\":[]}\n"
                                   "7 {\"stream\":\"btcusdt@depth5\",\"data\":{\"lastUpdateId\":7}}"};
  recorded_answers answers;
  message_log log{{file.path()}, false, answers};
  EXPECT_EQ(read_all(log),
            (std::vector<entry>{{frame, 5, "{\"stream\":\"btcusdt@trade\",\"data\":1}", ""},
                                {answer, 6, "{\"lastUpdateId\":7,\"bids\":[]}", "depth:BTCUSDT"},
                                {frame, 7, "{\"stream\":\"btcusdt@depth5\",\"data\":{\"lastUpdateId\":7}}", ""}}));
}

TEST(MessageLog, AnAnswersOwnSymbolGoesFirst) {
  const scratch_file file{"x.log", "5 {\"stream\":\"a@trade\",\"data\":1}\n5 {\"stream\":\"b@trade\",\"data\":1}\n"
                                   "6 {\"lastUpdateId\":7,\"symbol\":\"B\"}\n"};
  recorded_answers answers;
  message_log log{{file.path()}, false, answers};
  EXPECT_EQ(read_all(log).back().label, "depth:B");
  const scratch_file unclear{
    "y.log", "5 {\"stream\":\"a@trade\",\"data\":1}\n5 {\"stream\":\"b@trade\",\"data\":1}\n6 {\"lastUpdateId\":7}\n"};
  EXPECT_THAT(fault_of({unclear.path()}), HasSubstr("y.log: byte 64: a depth answer without a symbol"));
}

TEST(MessageLog, ReadsSecondsBehindAnAddressLineExactly) {
  const scratch_file file{
    "x.txt",
    "wss://host/stream?streams=a@aggTrade <-> 1633998511.1\n1633998512.0633569: {\"stream\":\"a@aggTrade\"}\r\n"
    "1633998512: {}\nconfiguration: {}\n\n"};
  recorded_answers answers;
  message_log log{{file.path()}, false, answers};
  EXPECT_EQ(log.address(), "wss://host/stream?streams=a@aggTrade");
  EXPECT_EQ(read_all(log), (std::vector<entry>{{frame, 1'633'998'512'063'356'900, "{\"stream\":\"a@aggTrade\"}", ""},
                                               {frame, 1'633'998'512'000'000'000, "{}", ""}}));
}

TEST(MessageLog, AnswersOfTheirOwnFileWaitForTheirTime) {
  const scratch_file http{
    "h.txt", "https://host/api/v3/depth?symbol=AB&limit=1000 -> 12.5: {\"lastUpdateId\":1}\n\nconfiguration: {}"};
  const scratch_file live{"w.log", "5 {}\n"};
  recorded_answers answers;
  message_log log{{http.path(), live.path()}, false, answers};
  EXPECT_EQ(answers.next_ns(), 12'500'000'000u);
  EXPECT_EQ(answers.look("depth:AB").newest, nullptr);
  answers.release(12'499'999'999);
  EXPECT_EQ(answers.look("depth:AB").newest, nullptr) << "never earlier";
  answers.release(12'500'000'000);
  ASSERT_NE(answers.look("depth:AB").newest, nullptr);
  EXPECT_EQ(answers.take("depth:AB")->text(), "{\"lastUpdateId\":1}");
  EXPECT_TRUE(answers.look("depth:AB").is_played);
  EXPECT_EQ(read_all(log).size(), 1u);
  EXPECT_THAT(fault_of({http.path()}), HasSubstr("holds REST answers alone"));
}

TEST(MessageLog, ReadsCompressedFilesAndSaysWhereTheyAreCut) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i + 1) + " {\"n\":" + std::to_string(i * 7919) + "}\n";
  const scratch_file file{"x.log.gz", ""};
  gzFile out = gzopen(file.path().c_str(), "wb");
  gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
  gzclose(out);
  for (const bool whole : {false, true}) {
    recorded_answers answers;
    message_log log{{file.path()}, whole, answers};
    const auto all = read_all(log);
    ASSERT_EQ(all.size(), 20'000u);
    EXPECT_EQ(all[19'999].text, "{\"n\":" + std::to_string(19'999 * 7919) + "}");
  }
  std::filesystem::resize_file(file.path(), std::filesystem::file_size(file.path()) / 2);
  EXPECT_THAT(fault_of({file.path()}), HasSubstr("the compressed data ends early"));
}

TEST(MessageLog, NamesFileAndOffsetOfFaults) {
  const auto fault = [](const std::string& text) {
    const scratch_file file{"x.log", text};
    return fault_of({file.path()});
  };
  EXPECT_THAT(fault("5 {}\nhello\n"), HasSubstr("x.log: byte 5: wanted a line of the form NANOSECONDS JSON"));
  EXPECT_THAT(fault("5x {}\n"), HasSubstr("byte 0: wanted a line of the form NANOSECONDS JSON"));
  EXPECT_THAT(fault("ws://a <-> 1\n1.x: {}\n"), HasSubstr("byte 13: wanted a line of the form SECONDS: JSON"));
  EXPECT_THAT(fault(""), HasSubstr("is empty"));
  EXPECT_THAT(fault("http://a -> x: {}\n"), HasSubstr("wanted a line of the form ADDRESS -> SECONDS: JSON"));
}

TEST(RecordedAnswers, KeysAreThePathsEndAndTheSymbol) {
  EXPECT_EQ(recorded_answers::key_of("https://h/api/v3/depth?limit=5&symbol=BTCUSDT"), "depth:BTCUSDT");
  EXPECT_EQ(recorded_answers::key_of("https://h/api/v3/exchangeInfo"), "exchangeInfo");
  EXPECT_EQ(recorded_answers::key_of("https://h/api/v3/trades?x=symbol=1&"), "trades");
  EXPECT_EQ(recorded_answers::key_of(""), "");
}

} // namespace
} // namespace tickplant::replay::testing
