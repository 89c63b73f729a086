// TCP lines of a replay: answers from files, captured connections, the unread rest.
#include "runtime/tools/replay/world.hpp"

#include "tests/replay/tool.hpp"

#include <tickplant/plugin.hpp>
#include <tickplant/venue.h>

#include <gmock/gmock.h>

namespace tickplant::replay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Consumes units of a length byte and that many bytes, `most` a call, and writes down what happens.
struct reading_sink final : plugin::venue_sink {
  void on_units(std::span<const tp_unit>) override {}
  int64_t on_stream(const tp_unit& unit) override {
    if (refuse) return TP_E_ARGUMENT;
    largest_unit = std::max(largest_unit, unit.size);
    int64_t used = 0;
    for (size_t n = 0; n < most; ++n) {
      const auto rest = unit.size - static_cast<size_t>(used);
      const uint8_t* at = unit.data + used;
      if (rest == 0 || rest < size_t{1} + at[0]) break;
      diary.push_back(std::to_string(unit.line) + ' ' + std::string(reinterpret_cast<const char*>(at + 1), at[0]));
      used += 1 + at[0];
      if (io && diary.back().ends_with("bye")) io->line_close(unit.line);
    }
    return used;
  }
  void on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t) override {
    static constexpr const char* names[] = {"", "up", "closed", "failed", "end"};
    diary.push_back(std::to_string(line) + ' ' + names[state] + (why.empty() ? "" : ": " + std::string{why}));
    if (state == TP_LINE_UP && io && !request.empty())
      io->send(line, 0, {reinterpret_cast<const uint8_t*>(request.data()), request.size()});
  }
  void on_http(const tp_http_answer&) override {}
  void on_timer(uint32_t, uint64_t) override {}

  std::vector<std::string> diary;
  std::string request;
  size_t most = SIZE_MAX;
  uint32_t largest_unit = 0;
  bool refuse = false;
  world* io = nullptr;
};

std::string unit(const std::string& text) {
  return static_cast<char>(text.size()) + text;
}

struct Streams : ::testing::Test {
  void make(std::vector<named_answer> given, std::vector<named_line> servers = {}) {
    io = std::make_unique<world>(
      world_options{.datagrams = true, .lines = std::move(servers), .answers = std::move(given)}, recorded);
    io->set_now(5'000);
    sink.io = io.get();
  }
  void open(uint32_t number, std::string_view name, std::string_view address = "tcp://127.0.0.1:9",
            uint32_t max_unit = 300) {
    tp_line_spec spec{};
    spec.struct_size = sizeof spec;
    spec.line = number;
    spec.kind = TP_LINE_TCP;
    spec.max_unit = max_unit;
    spec.name = sdk::to_tp(name);
    spec.address = sdk::to_tp(address);
    EXPECT_EQ(io->line_open(spec), TP_OK);
  }
  void run() {
    for (int turns = 0; io->run_queued(sink); ++turns) ASSERT_LT(turns, 10'000);
  }
  void bring(const std::string& bytes, record_kind kind = record_kind::datagram, decltype(record::tcp) tcp = {},
             uint16_t client_port = 5'000) {
    const std::string padded = bytes + std::string(TP_PADDING, '\0');
    record each;
    each.data = reinterpret_cast<const uint8_t*>(padded.data());
    each.size = static_cast<uint32_t>(bytes.size());
    each.kind = kind;
    each.from = server;
    each.to = {0x0A000001, client_port};
    each.tcp = tcp;
    was_part = io->is_stream_part(each);
    was_taken = was_part && io->take_stream_part(each);
    run();
  }

  const endpoint server{0xC0000209, 18'000};
  recorded_answers recorded;
  std::unique_ptr<world> io;
  reading_sink sink;
  bool was_part = false, was_taken = false;
};

TEST_F(Streams, AnAnswerIsPlayedBehindTheFirstRequestAndThenTheLineIsClosed) {
  const scratch_file file{"a.bytes", unit("one") + unit("two")};
  make({{"glimpse", file.path()}});
  sink.request = "login";
  open(4, "glimpse");
  run();
  EXPECT_THAT(sink.diary, ElementsAre("4 up", "4 one", "4 two", "4 closed: closed by the other side"));
  ASSERT_EQ(io->sent().size(), 1u);
  EXPECT_EQ(io->sent()[0].line, "glimpse");
  EXPECT_EQ(io->sent()[0].ns, 5'000u) << "capture time does not advance between";
  EXPECT_EQ(io->send(4, 0, {}), TP_E_DOWN);
  EXPECT_TRUE(io->unopened().empty());
}

TEST_F(Streams, EachConnectionPlaysTheNextFileAndThenThereIsNone) {
  const scratch_file first{"1", unit("one")}, second{"2", unit("two")};
  make({{"replay", first.path()}, {"replay", second.path()}});
  for (uint32_t i = 1; i <= 3; ++i) {
    open(i, "replay");
    run();
  }
  EXPECT_THAT(sink.diary, ElementsAre("1 up", "1 one", "1 closed: closed by the other side", "2 up", "2 two",
                                      "2 closed: closed by the other side",
                                      "3 failed: every file of --answer replay has been played"));
}

TEST_F(Streams, WhatIsNotConsumedComesAgainWithMoreBehindIt) {
  std::string bytes;
  for (int i = 0; i < 20'000; ++i) bytes += unit("message " + std::to_string(i));
  const scratch_file file{"a.bytes", bytes + unit("cut").substr(0, 3)};
  make({{"replay", file.path()}});
  sink.most = 7; // a call
  open(1, "replay");
  run();
  ASSERT_EQ(sink.diary.size(), 20'002u);
  for (size_t i = 0; i < 20'000; ++i) ASSERT_EQ(sink.diary[i + 1], "1 message " + std::to_string(i));
  EXPECT_EQ(sink.diary.back(), "1 closed: closed by the other side, 3 bytes of an incomplete unit");
  EXPECT_LE(sink.largest_unit, 300u + 65'536u) << "no more than the server's own lines give";
}

TEST_F(Streams, AUnitLargerThanTheLineAllowsFailsIt) {
  const scratch_file file{"a.bytes", unit(std::string(100, 'x'))};
  make({{"replay", file.path()}});
  open(1, "replay", "", 50);
  run();
  EXPECT_EQ(sink.diary.size(), 3u) << "it is complete, so it is read";
  sink.diary.clear();
  sink.most = 0;
  make({{"replay", file.path()}});
  open(1, "replay", "", 50);
  run();
  EXPECT_THAT(sink.diary, ElementsAre("1 up", "1 failed: unit larger than max_unit, 50 bytes"));
}

TEST_F(Streams, ThePluginMayRefuseOrCloseInItsMidst) {
  const scratch_file file{"a.bytes", unit("bye") + unit("more")};
  make({{"replay", file.path()}, {"replay", file.path()}});
  sink.most = 1;
  open(1, "replay");
  run();
  EXPECT_THAT(sink.diary, ElementsAre("1 up", "1 bye"));
  sink.refuse = true;
  open(2, "replay");
  run();
  EXPECT_EQ(sink.diary.back(), "2 failed: refused by the plugin, code -1");
}

TEST_F(Streams, LinesWithoutBytesAreRefusedAndFilesThatAreNotThereNamed) {
  make({{"other", std::string{"/dev/null"}}});
  open(1, "replay");
  run();
  EXPECT_THAT(sink.diary, ElementsAre("1 failed: nothing plays this TCP line, give it bytes by --answer or --line"));
  EXPECT_THAT(io->unopened(), ElementsAre("other"));
  EXPECT_THROW(make({{"replay", "/nonexistent"}}), input_fault);
}

TEST_F(Streams, ACapturedLineReadsTheDatagramsOfItsServer) {
  make({}, {{"request", server}});
  open(1, "request");
  run();
  bring(unit("whole") + unit("cut").substr(0, 2));
  bring(unit("cut").substr(2));
  EXPECT_THAT(sink.diary, ElementsAre("1 up", "1 whole", "1 cut"));
  record other;
  other.kind = record_kind::datagram;
  other.from = {server.address, 1};
  EXPECT_FALSE(io->is_stream_part(other));
}

TEST_F(Streams, ACapturedLineReadsOneConnectionInOrder) {
  make({}, {{"request", server}});
  bring(unit("early"), record_kind::segment, {100, false, false}); // nobody listens yet
  EXPECT_FALSE(was_taken);
  open(1, "request");
  run();
  bring(unit("early"), record_kind::segment, {106, false, false}); // in the midst of it
  EXPECT_FALSE(was_taken);
  bring("", record_kind::segment, {6, true, false}, 6'000);
  bring(unit("two"), record_kind::segment, {11, false, false}, 6'000);
  bring(unit("one"), record_kind::segment, {7, false, false}, 6'000);
  bring(unit("other"), record_kind::segment, {7, true, false}, 7'000);
  EXPECT_FALSE(was_taken);
  bring(unit("end"), record_kind::segment, {15, false, true}, 6'000);
  EXPECT_THAT(sink.diary, ElementsAre("1 up", "1 one", "1 two", "1 end", "1 closed: closed by the other side"));
  open(2, "request");
  bring("", record_kind::segment, {70, true, false}, 8'000);
  bring(unit("new"), record_kind::segment, {71, false, false}, 8'000);
  EXPECT_EQ(sink.diary.back(), "2 new");
}

} // namespace
} // namespace tickplant::replay::testing
