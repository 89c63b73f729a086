#include "files.hpp"
#include "runtime/capture/reader.hpp"

#include <cstring>

namespace tickplant::capture {
namespace {

using testing::tape;

std::string fault_of(const std::vector<std::string>& files) {
  try {
    reader source{files};
    while (source.next()) {
    }
  } catch (const capture_fault& fault) {
    return fault.what();
  }
  return {};
}

TEST(CaptureFormat, GivesBackWhatWasAppended) {
  testing::folder at;
  tape{}.add(record_kind::unit, 5, 3, "hello", 0x8002).add(record_kind::closed, 6, 0).save(at.at("a"));
  reader source{{at.at("a")}};
  const auto first = source.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->kind, record_kind::unit);
  EXPECT_EQ(first->flags, 0x8002);
  EXPECT_EQ(first->line, 3u);
  EXPECT_EQ(first->sequence, 0u);
  EXPECT_EQ(first->recv_ns, 5u);
  EXPECT_EQ(first->text(), "hello");
  EXPECT_EQ(source.next()->kind, record_kind::closed);
  EXPECT_FALSE(source.next());
  EXPECT_FALSE(source.is_cut_off());
  EXPECT_EQ(source.file().venue, "V");
  EXPECT_EQ(source.file().plugin, "p");
}

TEST(CaptureFormat, ReadsOneFileAfterAnother) {
  testing::folder at;
  tape{1}.add(record_kind::unit, 1, 0, "1").save(at.at("a"));
  tape{1}.add(record_kind::unit, 2, 0, "2").save(at.at("b"));
  tape{2}.add(record_kind::unit, 3, 0, "3").save(at.at("c"));
  reader source{{at.at("a"), at.at("b"), at.at("c")}};
  std::string texts, sessions;
  while (const auto next = source.next()) {
    texts += next->text();
    sessions += source.is_other_session() ? '!' : '.';
  }
  EXPECT_EQ(texts, "123");
  EXPECT_EQ(sessions, "..!");
}

TEST(CaptureFormat, ReadsAFileThatEndsInsideARecordUpToThere) {
  testing::folder at;
  tape whole;
  whole.add(record_kind::unit, 1, 0, "complete").add(record_kind::unit, 2, 0, "cut off");
  const size_t first_end = preamble_bytes + head_bytes + 8;
  for (size_t size = first_end + 1; size < whole.bytes().size(); ++size) {
    testing::write_file(at.at("a"), {whole.bytes().begin(), whole.bytes().begin() + static_cast<std::ptrdiff_t>(size)});
    reader source{{at.at("a")}};
    ASSERT_EQ(source.next()->text(), "complete");
    ASSERT_FALSE(source.next());
    ASSERT_TRUE(source.is_cut_off()) << size;
  }
}

TEST(CaptureFormat, RefusesWhatIsNoCapture) {
  testing::folder at;
  testing::write_file(at.at("empty"), {});
  testing::write_file(at.at("text"), std::vector<uint8_t>(100, 'x'));
  tape later;
  later.bytes()[8] = 9;
  later.save(at.at("later"));
  EXPECT_NE(fault_of({at.at("empty")}).find("no capture file"), std::string::npos);
  EXPECT_NE(fault_of({at.at("text")}).find("no capture file"), std::string::npos);
  EXPECT_NE(fault_of({at.at("later")}).find("version 9"), std::string::npos);
  EXPECT_NE(fault_of({at.at("missing")}).find("cannot be opened"), std::string::npos);
}

TEST(CaptureFormat, FindsEveryDamagedByte) {
  testing::folder at;
  tape whole;
  whole.add(record_kind::unit, 1, 0, "some bytes").add(record_kind::unit, 2, 0, "more");
  for (size_t i = preamble_bytes; i < whole.bytes().size(); ++i) {
    auto damaged = whole.bytes();
    damaged[i] ^= 0x10;
    testing::write_file(at.at("a"), damaged);
    // A wrong size may also make the file end too early.
    bool is_cut = false;
    std::string fault;
    try {
      reader source{{at.at("a")}};
      while (source.next()) {
      }
      is_cut = source.is_cut_off();
    } catch (const capture_fault& found) {
      fault = found.problem;
    }
    ASSERT_TRUE(is_cut || fault.find("damaged") != std::string::npos) << i;
  }
}

TEST(CaptureFormat, RefusesPayloadsShorterThanTheySay) {
  std::vector<uint8_t> payload(8);
  const uint32_t size = 100;
  std::memcpy(payload.data() + 4, &size, 4);
  opened_line line;
  http_answer answer;
  EXPECT_FALSE(decode(payload, line));
  EXPECT_FALSE(decode(payload, answer));
  EXPECT_FALSE(decode(std::span<const uint8_t>{}, line));
  EXPECT_FALSE(decode(std::span<const uint8_t>{}, answer));
}

} // namespace
} // namespace tickplant::capture
