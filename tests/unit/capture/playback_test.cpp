#include "files.hpp"
#include "runtime/capture/playback.hpp"

#include <tickplant/venue.h>

#include <functional>

namespace tickplant::capture {
namespace {

using testing::tape;

constexpr uint64_t second = 1'000'000'000;

/// Writes down what it is told; a test adds what it does about it.
class listener final : public plugin::venue_sink {
public:
  explicit listener(playback& world) : world_(world) {}
  void open(uint32_t number, uint16_t kind, const std::string& name) {
    tp_line_spec spec{};
    spec.struct_size = sizeof spec;
    spec.line = number;
    spec.kind = kind;
    spec.name = {name.data(), name.size()};
    EXPECT_EQ(world_.line_open(spec), TP_OK);
  }
  void ask(uint32_t id, const std::string& url) {
    tp_http_request request{};
    request.struct_size = sizeof request;
    request.id = id;
    request.url = {url.data(), url.size()};
    EXPECT_EQ(world_.http_get(request), TP_OK);
  }
  void run() {
    while (world_.step(*this)) {
    }
  }
  void on_units(std::span<const tp_unit> units) override {
    for (const auto& u : units) say(std::string(reinterpret_cast<const char*>(u.data), u.size));
  }
  int64_t on_stream(const tp_unit& u) override {
    say("<" + std::string(reinterpret_cast<const char*>(u.data), u.size) + ">");
    return u.size;
  }
  void on_line(uint32_t line, uint32_t state, std::string_view, uint64_t) override {
    say(std::to_string(line) + (state == TP_LINE_UP ? "up" : state == TP_LINE_CLOSED ? "closed" : "failed"));
    if (line_told) line_told(line, state);
  }
  void on_http(const tp_http_answer& a) override {
    say("http" + std::to_string(a.id) + ":" + std::to_string(a.status) +
        std::string(a.body.data, a.body.data == nullptr ? 0 : a.body.size));
  }
  void on_timer(uint32_t id, uint64_t now_ns) override {
    EXPECT_EQ(now_ns, world_.now());
    say("t" + std::to_string(id));
    if (timer_told) timer_told(id);
  }
  std::string heard;
  std::function<void(uint32_t, uint32_t)> line_told;
  std::function<void(uint32_t)> timer_told;

private:
  void say(const std::string& what) { heard += heard.empty() ? what : ' ' + what; }
  playback& world_;
};

TEST(CapturePlayback, FiresTimersBetweenRecordsByTheCapturesClock) {
  testing::folder at;
  tape{}
    .open(10 * second, 0, TP_LINE_UDP_GROUP, "a")
    .add(record_kind::unit, 11 * second, 0, "x")
    .add(record_kind::unit, 13 * second, 0, "y")
    .save(at.at("f"));
  playback world{{at.at("f")}, 2 * second};
  listener plugin{world};
  plugin.open(5, TP_LINE_UDP_GROUP, "a"); // another number: found by its name
  world.set_timer(1, 2 * second);         // at 12
  world.set_timer(2, 4 * second);         // at 14
  world.set_timer(3, 6 * second);         // at 16, after the end
  world.set_timer(4, second);
  world.set_timer(4, UINT64_MAX); // taken back
  plugin.run();
  EXPECT_EQ(plugin.heard, "5up x t1 y t2");
  EXPECT_EQ(world.now(), 14 * second);
  EXPECT_EQ(world.counts().unrouted, 0u);
}

TEST(CapturePlayback, EndsALineAsItDidAndOpensItAgain) {
  testing::folder at;
  tape{}
    .open(1 * second, 0, TP_LINE_TCP, "soup")
    .add(record_kind::stream, 2 * second, 0, "one")
    .add(record_kind::line_state, 3 * second, 0, "gone", TP_LINE_CLOSED)
    .open(5 * second, 0, TP_LINE_TCP, "soup")
    .add(record_kind::stream, 6 * second, 0, "two")
    .save(at.at("f"));
  playback world{{at.at("f")}};
  listener plugin{world};
  plugin.line_told = [&](uint32_t, uint32_t state) {
    if (state == TP_LINE_CLOSED && world.now() < 5 * second) world.set_timer(1, second);
  };
  plugin.timer_told = [&](uint32_t) { plugin.open(0, TP_LINE_TCP, "soup"); };
  plugin.open(0, TP_LINE_TCP, "soup");
  plugin.run();
  EXPECT_EQ(plugin.heard, "0up <one> 0closed t1 0up <two> 0closed"); // the last by the capture's end
}

TEST(CapturePlayback, FailsALineThatTheCaptureDoesNotHave) {
  testing::folder at;
  tape{}
    .open(1 * second, 0, TP_LINE_UDP_GROUP, "a")
    .add(record_kind::unit, 20 * second, 0, "x")
    .add(record_kind::unit, 21 * second, 7, "of a line that nobody opened")
    .save(at.at("f"));
  playback world{{at.at("f")}};
  listener plugin{world};
  plugin.open(0, TP_LINE_UDP_GROUP, "a");
  plugin.open(1, TP_LINE_TCP, "recovery");
  plugin.run();
  EXPECT_EQ(plugin.heard, "0up 1failed x");
  EXPECT_EQ(world.counts().unrouted, 1u);
}

TEST(CapturePlayback, AnswersRequestsByTheirUrl) {
  testing::folder at;
  tape{}
    .open(1 * second, 0, TP_LINE_WEBSOCKET, "stream")
    .answer(2 * second, 200, "/depth?symbol=B", "b1")
    .answer(3 * second, 200, "/depth?symbol=A", "a1")
    .answer(4 * second, 429, "/depth?symbol=A", "")
    .add(record_kind::unit, 15 * second, 0, "end")
    .save(at.at("f"));
  playback world{{at.at("f")}};
  listener plugin{world};
  plugin.open(0, TP_LINE_WEBSOCKET, "stream");
  plugin.ask(1, "/depth?symbol=A");
  plugin.ask(2, "/depth?symbol=C"); // never answered: its patience ends
  world.set_timer(1, 2'500'000'000);
  plugin.timer_told = [&](uint32_t) {
    plugin.ask(3, "/depth?symbol=B"); // the capture's answer is older than the question
    plugin.ask(4, "/depth?symbol=A");
  };
  plugin.run();
  EXPECT_EQ(plugin.heard, "0up http1:200a1 t1 http3:200b1 http4:429 http2:-3 end 0closed");
}

TEST(CapturePlayback, LeapsOverALongGapInTheClock) {
  testing::folder at;
  tape{}
    .open(1 * second, 0, TP_LINE_UDP_GROUP, "a")
    .add(record_kind::unit, 100'000'000 * second, 0, "years later")
    .save(at.at("f"));
  playback world{{at.at("f")}};
  listener plugin{world};
  uint64_t fired = 0;
  plugin.timer_told = [&](uint32_t) {
    ++fired;
    world.set_timer(1, second);
  };
  plugin.open(0, TP_LINE_UDP_GROUP, "a");
  world.set_timer(1, second);
  for (int i = 0; i < 100'000 && world.step(plugin); ++i) {
  }
  EXPECT_LE(fired, 3'602u); // an hour of them, and one after the leap
  EXPECT_NE(plugin.heard.find("years later"), std::string::npos);
  EXPECT_EQ(world.counts().leaps, 1u);
}

TEST(CapturePlayback, BreaksOffAtADamagedRecord) {
  testing::folder at;
  tape whole;
  whole.open(1, 0, TP_LINE_UDP_GROUP, "a").add(record_kind::unit, 2, 0, "x").add(record_kind::unit, 3, 0, "y");
  whole.bytes().back() ^= 1;
  whole.save(at.at("f"));
  playback world{{at.at("f")}};
  listener plugin{world};
  plugin.open(0, TP_LINE_UDP_GROUP, "a");
  EXPECT_THROW(plugin.run(), capture_fault);
}

TEST(CapturePlayback, ClosesLinesWhereAnotherSessionBegins) {
  testing::folder at;
  tape{1}.open(1 * second, 0, TP_LINE_UDP_GROUP, "a").add(record_kind::unit, 2 * second, 0, "x").save(at.at("f"));
  tape{2}.open(3 * second, 0, TP_LINE_UDP_GROUP, "a").add(record_kind::unit, 4 * second, 0, "y").save(at.at("g"));
  playback world{{at.at("f"), at.at("g")}};
  listener plugin{world};
  plugin.line_told = [&](uint32_t, uint32_t state) {
    if (state == TP_LINE_CLOSED && world.now() < 4 * second) plugin.open(0, TP_LINE_UDP_GROUP, "a");
  };
  plugin.open(0, TP_LINE_UDP_GROUP, "a");
  plugin.run();
  EXPECT_EQ(plugin.heard, "0up x 0closed 0up y");
  EXPECT_EQ(world.counts().sessions, 2u);
}

} // namespace
} // namespace tickplant::capture
