// The order in which a capture, the plugin's timers and the consequences of its calls are played.
#include "runtime/tools/replay/player.hpp"

#include <tickplant/venue.hpp>

#include <gtest/gtest.h>

#include <functional>

namespace tickplant::replay {
namespace {

constexpr uint64_t second = 1'000'000'000;

/// What happened to the plugin, and what it is to do.
struct diary {
  std::vector<std::string> lines;
  std::function<void(sdk::venue_host)> on_start, on_units;
  std::function<void(sdk::venue_host, uint32_t)> on_timer;
};
diary* written = nullptr;

struct scripted_venue {
  static constexpr uint32_t order_refs = TP_REFS_NONE;
  static std::span<const tp_str> counters() { return {}; }
  static void validate(sdk::settings, sdk::venue_host) {}
  scripted_venue(sdk::settings, sdk::venue_host host) : host_(host) {}

  int32_t start(uint64_t now_ns) {
    note("start", now_ns);
    tp_line_spec spec{};
    spec.struct_size = sizeof spec;
    spec.kind = TP_LINE_FILE;
    spec.max_unit = 100;
    host_.line_open(spec);
    if (written->on_start) written->on_start(host_);
    return TP_OK;
  }
  int32_t on_units(std::span<const tp_unit> units) {
    note("units " + std::to_string(units.size()), units.back().recv_ns);
    if (written->on_units) written->on_units(host_);
    return TP_OK;
  }
  int64_t on_stream(const tp_unit&) { return 0; }
  int32_t on_line(uint32_t, uint32_t state, std::string_view, uint64_t now_ns) {
    return note("line " + std::to_string(state), now_ns);
  }
  int32_t on_http(const tp_http_answer&) { return TP_OK; }
  int32_t on_timer(uint32_t id, uint64_t now_ns) {
    note("timer " + std::to_string(id), now_ns);
    if (written->on_timer) written->on_timer(host_, id);
    return TP_OK;
  }
  int32_t on_interest(std::span<const tp_interest> list, uint64_t now_ns) {
    return note("interest " + std::to_string(list[0].instrument), now_ns);
  }
  int32_t resynchronise(uint32_t, uint32_t, uint64_t) { return TP_E_UNSUPPORTED; }
  int32_t stop(uint64_t) { return TP_OK; }

private:
  static int32_t note(const std::string& what, uint64_t ns) {
    written->lines.push_back(what + " at " + std::to_string(ns / second));
    return TP_OK;
  }
  sdk::venue_host host_;
};

class listed_source final : public record_source {
public:
  explicit listed_source(std::vector<uint64_t> seconds) : seconds_(std::move(seconds)) {}
  std::span<const record> next(size_t most) override {
    batch_.clear();
    while (batch_.size() < most && at_ < seconds_.size()) {
      record each;
      each.ns = seconds_[at_++] * second;
      batch_.push_back(each);
    }
    return batch_;
  }

private:
  std::vector<uint64_t> seconds_;
  size_t at_ = 0;
  std::vector<record> batch_;
};

struct Player : testing::Test {
  Player()
    : state("test", TP_REFS_NONE, {}), io({true, false, false, {}}, answers),
      instance({{"test", "1", "x", TP_KIND_VENUE, 0, {}}, sdk::make_venue_ops<scripted_venue>()}, state.feed(), io,
               {}) {
    written = &events;
    EXPECT_TRUE(instance.create());
  }
  ~Player() override { written = nullptr; }

  play_counts play(std::vector<uint64_t> seconds, size_t burst, uint64_t horizon_s = 0) {
    listed_source source{std::move(seconds)};
    player plays{instance, io, state, burst};
    plays.play(source, horizon_s * second);
    return plays.counts();
  }

  diary events;
  recorded_answers answers;
  books state;
  world io;
  plugin::venue_host instance;
};

using lines = std::vector<std::string>;

TEST_F(Player, StartsAtTheFirstRecordAndEndsTheFile) {
  play({100, 101}, 1);
  EXPECT_EQ(events.lines,
            (lines{"start at 100", "line 1 at 100", "units 1 at 100", "units 1 at 101", "line 4 at 101"}));
}

TEST_F(Player, FillsBurstsButNeverPastATimer) {
  events.on_start = [](sdk::venue_host host) { host.set_timer(7, 3 * second); };
  play({100, 101, 102, 103, 104, 105, 106}, 3);
  EXPECT_EQ(events.lines, (lines{"start at 100", "line 1 at 100", "units 3 at 102", "timer 7 at 103", "units 3 at 105",
                                 "units 1 at 106", "line 4 at 106"}));
}

TEST_F(Player, TimersGoOnForTheHorizonAfterTheEnd) {
  events.on_start = [](sdk::venue_host host) { host.set_timer(1, 2 * second); };
  events.on_timer = [](sdk::venue_host host, uint32_t) { host.set_timer(1, 2 * second); };
  play({100}, 1, 5);
  EXPECT_EQ(events.lines, (lines{"start at 100", "line 1 at 100", "units 1 at 100", "line 4 at 100", "timer 1 at 102",
                                 "timer 1 at 104"}));
}

TEST_F(Player, ALeapOfTheClockCostsNoMoreThanAnHourOfTimers) {
  events.on_start = [](sdk::venue_host host) { host.set_timer(1, 60 * second); };
  events.on_timer = [](sdk::venue_host host, uint32_t) { host.set_timer(1, 60 * second); };
  EXPECT_EQ(play({100, 4'000'000'000}, 1).leaps, 1u);
  EXPECT_EQ(
    std::count_if(events.lines.begin(), events.lines.end(), [](const auto& line) { return line.starts_with("timer"); }),
    61);
  EXPECT_EQ(events.lines[events.lines.size() - 3], "timer 1 at 4000000000");
}

TEST_F(Player, TheClockNeverGoesBack) {
  play({100, 90, 101}, 1);
  EXPECT_EQ(events.lines[3], "units 1 at 100");
  EXPECT_EQ(events.lines[4], "units 1 at 101");
}

TEST_F(Player, InterestFollowsADefinitionInATurnOfItsOwn) {
  events.on_units = [](sdk::venue_host host) {
    tp_instrument definition{};
    definition.struct_size = sizeof definition;
    definition.number = 3;
    definition.parent = TP_ALL;
    definition.book = TP_BOOK_LEVELS;
    definition.price_step = definition.quantity_step = definition.lot = definition.previous_close = TP_NONE;
    definition.symbol = sdk::to_tp("X");
    EXPECT_TRUE(host.define(definition));
    written->lines.push_back("defined");
  };
  play({100}, 1);
  EXPECT_EQ(events.lines, (lines{"start at 100", "line 1 at 100", "units 1 at 100", "defined", "interest 3 at 100",
                                 "line 4 at 100"}));
}

} // namespace
} // namespace tickplant::replay
