#include "runtime/tools/replay/world.hpp"

#include <tickplant/plugin.hpp>

#include <gtest/gtest.h>

#include <cstring>

namespace tickplant::replay {
namespace {

struct recording_sink final : plugin::venue_sink {
  void on_units(std::span<const tp_unit>) override {}
  int64_t on_stream(const tp_unit&) override { return 0; }
  void on_line(uint32_t line, uint32_t state, std::string_view, uint64_t) override { lines.emplace_back(line, state); }
  void on_http(const tp_http_answer& answer) override {
    answers.emplace_back(answer.id, answer.status);
    bodies.emplace_back(answer.body.data ? std::string{answer.body.data, answer.body.size} : std::string{});
  }
  void on_timer(uint32_t id, uint64_t now_ns) override { timers.emplace_back(id, now_ns); }
  std::vector<std::pair<uint32_t, uint32_t>> lines;
  std::vector<std::pair<uint32_t, int32_t>> answers;
  std::vector<std::string> bodies;
  std::vector<std::pair<uint32_t, uint64_t>> timers;
};

constexpr uint64_t second = 1'000'000'000;

struct World : testing::Test {
  World() : io({true, true, true, {{"a", {0xEF010101, 26400}}}}, answers) { io.set_now(100 * second); }

  int32_t open(uint32_t number, uint16_t kind, std::string_view name, std::string_view address) {
    tp_line_spec spec{};
    spec.struct_size = sizeof spec;
    spec.line = number;
    spec.kind = kind;
    spec.name = sdk::to_tp(name);
    spec.address = sdk::to_tp(address);
    return io.line_open(spec);
  }
  int32_t get(uint32_t id, std::string_view url, uint64_t timeout_ns = 0) {
    tp_http_request request{};
    request.struct_size = sizeof request;
    request.id = id;
    request.url = sdk::to_tp(url);
    request.timeout_ns = timeout_ns;
    return io.http_get(request);
  }
  void run() {
    while (io.run_queued(sink)) {
    }
  }
  void run_until(uint64_t ns) {
    while (io.next_due() <= ns) {
      io.set_now(io.next_due());
      while (io.run_due(sink)) run();
    }
    io.set_now(ns);
  }

  recorded_answers answers;
  world io;
  recording_sink sink;
};

constexpr std::string_view depth = "http://replay/api/v3/depth?symbol=AB&limit=5";

TEST_F(World, LinesComeUpInALaterTurn) {
  EXPECT_EQ(open(3, TP_LINE_UDP_GROUP, "a", "udp://239.9.9.9:1"), TP_OK);
  EXPECT_EQ(open(3, TP_LINE_UDP_GROUP, "a", ""), TP_E_ARGUMENT);
  EXPECT_TRUE(sink.lines.empty());
  run();
  EXPECT_EQ(sink.lines, (std::vector<std::pair<uint32_t, uint32_t>>{{3, TP_LINE_UP}}));
}

TEST_F(World, AClosedLineIsNotHeardOf) {
  open(3, TP_LINE_UDP_GROUP, "a", "");
  io.line_close(3);
  run();
  EXPECT_TRUE(sink.lines.empty());
  EXPECT_EQ(io.send(3, 0, {}), TP_E_DOWN);
}

TEST_F(World, LinesThatTheCaptureCannotPlayFail) {
  open(1, TP_LINE_TCP, "glimpse", "tcp://127.0.0.1:1");
  run();
  EXPECT_EQ(sink.lines, (std::vector<std::pair<uint32_t, uint32_t>>{{1, TP_LINE_FAILED}}));
}

TEST_F(World, DatagramsGoToLinesByDestinationAndToServersBySource) {
  open(1, TP_LINE_UDP_GROUP, "a", "udp://239.9.9.9:1"); // the command line says where it is
  open(2, TP_LINE_UDP_PEER, "rerequest", "udp://192.0.2.9:18000");
  const endpoint group{0xEF010101, 26400}, server{0xC0000209, 18000}, us{0x0A000001, 5000};
  const auto line_of = [&](endpoint from, endpoint to) {
    return io.line_of({.kind = record_kind::datagram, .from = from, .to = to, .label = {}});
  };
  EXPECT_EQ(line_of(us, group), 1u);
  EXPECT_EQ(line_of(server, us), 2u);
  EXPECT_EQ(line_of(us, server), std::nullopt) << "our own request";
  EXPECT_EQ(line_of({}, {}), 1u) << "blanked addresses";
  EXPECT_TRUE(io.unopened().empty());
}

TEST_F(World, TimersFireOnceInOrderAndCanBeMovedAndTurnedOff) {
  io.set_timer(1, 3 * second);
  io.set_timer(2, 1 * second);
  io.set_timer(3, 2 * second);
  io.set_timer(1, 4 * second);
  io.set_timer(3, UINT64_MAX);
  run_until(200 * second);
  EXPECT_EQ(sink.timers, (std::vector<std::pair<uint32_t, uint64_t>>{{2, 101 * second}, {1, 104 * second}}));
  EXPECT_EQ(io.next_due(), UINT64_MAX);
}

TEST_F(World, ARequestWaitsForItsAnswersPlace) {
  get(7, depth);
  run();
  EXPECT_TRUE(sink.answers.empty());
  io.arrive("depth:XY", "other");
  run();
  EXPECT_TRUE(sink.answers.empty());
  io.arrive("depth:AB", "body");
  run();
  EXPECT_EQ(sink.answers, (std::vector<std::pair<uint32_t, int32_t>>{{7, 200}}));
  EXPECT_EQ(sink.bodies.back(), "body");
}

TEST_F(World, AnAnswerThatCameBeforeIsKeptAndGivenOnce) {
  io.arrive("depth:AB", "old");
  get(1, depth);
  run();
  EXPECT_EQ(sink.bodies, (std::vector<std::string>{"old"}));
  get(2, depth); // again: a newer one may come within a second
  io.arrive("depth:AB", "newer");
  run();
  EXPECT_EQ(sink.bodies.back(), "newer");
  get(3, depth);
  run_until(100 * second + second - 1);
  EXPECT_EQ(sink.bodies.size(), 2u);
  run_until(101 * second);
  EXPECT_EQ(sink.bodies.size(), 3u);
  EXPECT_EQ(sink.bodies.back(), "newer");
}

TEST_F(World, AnAnswerWithoutASymbolServesAnyRequestForDepth) {
  io.arrive("", "body");
  get(1, depth);
  run();
  EXPECT_EQ(sink.answers.back(), (std::pair<uint32_t, int32_t>{1, 200}));
}

TEST_F(World, RequestsThatNothingAnswersFail) {
  get(1, "http://replay/api/v3/exchangeInfo"); // not recorded at all
  run();
  EXPECT_EQ(sink.answers.back(), (std::pair<uint32_t, int32_t>{1, TP_E_DOWN}));
  get(2, depth, 3 * second);
  run_until(103 * second - 1);
  EXPECT_EQ(sink.answers.size(), 1u);
  run_until(103 * second);
  EXPECT_EQ(sink.answers.back(), (std::pair<uint32_t, int32_t>{2, TP_E_DOWN}));
  get(3, depth);
  EXPECT_EQ(get(3, depth), TP_E_ARGUMENT);
  io.end_of_input();
  run();
  EXPECT_EQ(sink.answers.back(), (std::pair<uint32_t, int32_t>{3, TP_E_DOWN}));
}

TEST_F(World, FilesEndWithTheCapture) {
  open(9, TP_LINE_FILE, "file", "file:///x");
  run();
  io.end_of_input();
  run();
  EXPECT_EQ(sink.lines.back(), (std::pair<uint32_t, uint32_t>{9, TP_LINE_FILE_END}));
}

TEST_F(World, RemembersTheNewestThatWasSent) {
  open(1, TP_LINE_WEBSOCKET, "stream", "ws://replay");
  for (int i = 0; i < 2'000; ++i) {
    const auto text = std::to_string(i);
    EXPECT_EQ(io.send(1, TP_UNIT_TEXT, {reinterpret_cast<const uint8_t*>(text.data()), text.size()}), TP_OK);
  }
  EXPECT_EQ(io.sent_count(), 2'000u);
  EXPECT_EQ(io.sent().size(), 1'024u);
  EXPECT_EQ(io.sent().back().bytes, "1999");
}

} // namespace
} // namespace tickplant::replay
