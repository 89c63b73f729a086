#include "runtime/plugin/venue_host.hpp"

#include <tickplant/venue.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace tickplant::plugin {
namespace {

using testing::HasSubstr;

/// What the scripted plugin does; one at a time.
struct script {
  std::function<int32_t()> on_units, on_timer, create, stop;
  std::function<int64_t()> on_stream;
  std::function<int32_t(uint32_t, uint32_t)> resynchronise;
  const tp_venue_host* table = nullptr;
  tp_ctx* ctx = nullptr;
  int destroyed = 0;
  sdk::venue_host host() const { return {table, ctx}; }
};
script* playing = nullptr;

venue_plugin scripted(bool with_optional = true) {
  static const tp_str names[] = {sdk::to_tp("messages.A"), sdk::to_tp("duplicates")};
  tp_venue_ops ops{};
  ops.struct_size = sizeof ops;
  ops.counters = names;
  ops.counter_count = 2;
  ops.validate = [](const tp_config* config, const tp_venue_host* table, tp_ctx* ctx) -> int32_t {
    const sdk::venue_host host{table, ctx};
    for (const auto& pair : sdk::settings{config}.pairs()) host.complain(sdk::view(pair.key), "is not known");
    // Only complaining, logging and zones are allowed here.
    EXPECT_LT(table->emit(ctx, 0, nullptr, 0), 0);
    EXPECT_LT(host.send_text(0, "x"), 0);
    EXPECT_EQ(host.text("x"), 0u);
    EXPECT_EQ(host.zone_offset("UTC", 0), 0);
    return TP_OK;
  };
  ops.create = [](const tp_config*, const tp_venue_host* table, tp_ctx* ctx, void** self) -> int32_t {
    playing->table = table;
    playing->ctx = ctx;
    *self = playing;
    return playing->create ? playing->create() : TP_OK;
  };
  ops.start = [](void*, uint64_t) -> int32_t { return TP_OK; };
  ops.on_units = [](void*, const tp_unit*, size_t) -> int32_t {
    return playing->on_units ? playing->on_units() : TP_OK;
  };
  ops.on_line = [](void*, uint32_t, uint32_t, tp_str, uint64_t) -> int32_t { return TP_OK; };
  ops.on_timer = [](void*, uint32_t, uint64_t) -> int32_t { return playing->on_timer ? playing->on_timer() : TP_OK; };
  ops.stop = [](void*, uint64_t) -> int32_t { return playing->stop ? playing->stop() : TP_OK; };
  ops.destroy = [](void*) { ++playing->destroyed; };
  if (with_optional) {
    ops.on_stream = [](void*, const tp_unit*) -> int64_t { return playing->on_stream ? playing->on_stream() : 0; };
    ops.on_http = [](void*, const tp_http_answer*) -> int32_t { return TP_OK; };
    ops.on_interest = [](void*, const tp_interest*, size_t, uint64_t) -> int32_t { return TP_OK; };
    ops.resynchronise = [](void*, uint32_t channel, uint32_t instrument, uint64_t) -> int32_t {
      return playing->resynchronise ? playing->resynchronise(channel, instrument) : TP_OK;
    };
  }
  return {{"scripted", "1", "x", TP_KIND_VENUE, 0, {}}, ops};
}

class recording_io final : public venue_io {
public:
  int32_t line_open(const tp_line_spec& spec) override {
    return opened.push_back(spec.line), on_open ? on_open() : TP_OK;
  }
  void line_close(uint32_t line) override { closed.push_back(line); }
  int32_t send(uint32_t, uint32_t, std::span<const uint8_t> bytes) override {
    return sent.emplace_back(bytes.begin(), bytes.end()), TP_OK;
  }
  int32_t http_get(const tp_http_request& request) override { return requests.push_back(request.id), TP_OK; }
  void set_timer(uint32_t id, uint64_t) override { timers.push_back(id); }

  std::function<int32_t()> on_open;
  std::vector<uint32_t> opened, closed, requests, timers;
  std::vector<std::vector<uint8_t>> sent;
};

class takes_all final : public book::feed_owner {
public:
  std::optional<model::instrument_id> instrument_defined(const model::instrument&) override {
    if (on_define) on_define();
    return model::instrument_id{0};
  }
  void instrument_retired(model::instrument_id) override {}
  void directory_complete(uint32_t) override {}
  void resynchronise_wanted(uint32_t, uint32_t, std::string_view) override {}
  void engine_failed(model::instrument_id, std::string_view) override {}
  void stream_changed(const tp_stream&) override {}
  std::function<void()> on_define;
};

struct VenueHost : testing::Test {
  VenueHost() : feed(book::feed_options{}, engines, dirty, owner) { playing = &played; }
  ~VenueHost() override { playing = nullptr; }

  std::unique_ptr<venue_host> running(bool with_optional = true) {
    auto host = std::make_unique<venue_host>(
      scripted(with_optional), feed, io,
      venue_host_options{{{"lines.a", "udp://127.0.0.1:1"}},
                         [this](int level, std::string_view text) { logs.emplace_back(level, text); },
                         7});
    EXPECT_TRUE(host->create());
    EXPECT_TRUE(host->start(1));
    return host;
  }
  static void give_unit(venue_host& host) {
    const tp_unit unit{};
    host.on_units({&unit, 1});
  }

  script played;
  recording_io io;
  takes_all owner;
  book::engine_table engines{nullptr};
  book::dirty_list dirty;
  book::feed feed;
  std::vector<std::pair<int, std::string>> logs;
};

TEST_F(VenueHost, ValidateCollectsComplaintsAndAllowsNothingElse) {
  EXPECT_TRUE(venue_host::validate(scripted(), {}).empty());
  const auto complaints = venue_host::validate(scripted(), {{"a", "1"}, {"b", "2"}});
  EXPECT_EQ(complaints, (std::vector<complaint>{{"a", "is not known"}, {"b", "is not known"}}));
  EXPECT_EQ(to_text(complaints), "a: is not known\nb: is not known");
}

TEST_F(VenueHost, ComplaintsHaveALimit) {
  settings_list many;
  for (size_t i = 0; i < 1'000; ++i) many.emplace_back("k" + std::to_string(i), "");
  EXPECT_EQ(venue_host::validate(scripted(), many).size(), most_complaints);
}

TEST_F(VenueHost, EachNegativeAnswerBreaksTheInstanceWithItsReason) {
  auto host = running();
  played.on_timer = [] { return TP_E_BROKEN; };
  host->on_timer(1, 2);
  EXPECT_TRUE(host->is_broken());
  EXPECT_EQ(host->why_broken(), "on_timer answered -7 (broken)");
  int calls = 0;
  played.on_units = [&] { return ++calls; };
  give_unit(*host);
  EXPECT_EQ(calls, 0) << "a broken instance is not called again";
}

TEST_F(VenueHost, StoppingIsNoFault) {
  auto host = running();
  played.on_units = [] { return TP_E_STOPPING; };
  give_unit(*host);
  EXPECT_FALSE(host->is_broken());
}

TEST_F(VenueHost, ResynchroniseHandsOrdinaryRefusalsOn) {
  auto host = running();
  for (const int32_t code : {TP_E_UNSUPPORTED, TP_E_AGAIN, TP_E_LIMIT, TP_E_DOWN, TP_OK}) {
    played.resynchronise = [&](uint32_t, uint32_t) { return code; };
    EXPECT_EQ(host->resynchronise(0, TP_ALL, 1), code);
    EXPECT_FALSE(host->is_broken());
  }
  played.resynchronise = [](uint32_t, uint32_t) { return TP_E_INTERNAL; };
  EXPECT_EQ(host->resynchronise(0, TP_ALL, 1), TP_E_BROKEN);
  EXPECT_TRUE(host->is_broken());
}

TEST_F(VenueHost, FunctionsThatAPluginLacksAreUnsupported) {
  auto host = running(false);
  EXPECT_EQ(host->resynchronise(0, 1, 1), TP_E_UNSUPPORTED);
  EXPECT_EQ(host->on_stream(tp_unit{}), TP_E_UNSUPPORTED);
  const tp_interest interest{0, TP_WANT_BOOK};
  EXPECT_TRUE(host->on_interest({&interest, 1}, 1));
  played.on_units = [&] {
    tp_line_spec spec{};
    spec.struct_size = sizeof spec;
    spec.kind = TP_LINE_TCP;
    spec.max_unit = 1;
    EXPECT_EQ(played.host().line_open(spec), TP_E_UNSUPPORTED);
    tp_http_request request{};
    request.struct_size = sizeof request;
    request.url = sdk::to_tp("http://127.0.0.1/");
    EXPECT_EQ(played.host().http_get(request), TP_E_UNSUPPORTED);
    return TP_OK;
  };
  give_unit(*host);
  EXPECT_TRUE(io.opened.empty());
}

TEST_F(VenueHost, ServicesAreRefusedOutsideOfACallAndFromInsideAnother) {
  auto host = running();
  EXPECT_EQ(played.host().send_text(0, "x"), TP_E_ARGUMENT);
  tp_instrument definition{};
  definition.struct_size = sizeof definition;
  definition.parent = TP_ALL;
  definition.book = TP_BOOK_LEVELS;
  definition.price_step = definition.quantity_step = definition.lot = definition.previous_close = TP_NONE;
  definition.symbol = sdk::to_tp("X");
  int inner = TP_OK;
  owner.on_define = [&] { inner = played.host().send_text(0, "inside define"); };
  played.on_units = [&] {
    EXPECT_TRUE(played.host().define(definition));
    return TP_OK;
  };
  give_unit(*host);
  EXPECT_EQ(inner, TP_E_ARGUMENT);
  EXPECT_TRUE(io.sent.empty());
  EXPECT_EQ(host->refused_calls(), 2u);
}

TEST_F(VenueHost, ThePluginIsNeverCalledFromInsideACall) {
  auto host = running();
  int timers = 0;
  played.on_timer = [&] { return ++timers; };
  io.on_open = [&] {
    host->on_timer(1, 1);
    return TP_OK;
  };
  played.on_units = [&] {
    tp_line_spec spec{};
    spec.struct_size = sizeof spec;
    spec.kind = TP_LINE_UDP_GROUP;
    spec.max_unit = 1;
    EXPECT_EQ(played.host().line_open(spec), TP_OK);
    return TP_OK;
  };
  give_unit(*host);
  EXPECT_EQ(timers, 0);
  EXPECT_EQ(host->refused_calls(), 1u);
  ASSERT_FALSE(logs.empty());
  EXPECT_THAT(logs.back().second, HasSubstr("from inside a call"));
}

TEST_F(VenueHost, SenselessArgumentsAreRefusedAndCounted) {
  auto host = running();
  played.on_units = [&] {
    const auto plugin = played.host();
    tp_line_spec spec{};
    EXPECT_LT(plugin.line_open(spec), 0) << "struct_size 0";
    spec.struct_size = sizeof spec;
    spec.kind = TP_LINE_FILE;
    spec.line = 1024;
    EXPECT_LT(plugin.line_open(spec), 0) << "line number";
    spec.line = 0;
    EXPECT_LT(plugin.line_open(spec), 0) << "max_unit 0";
    spec.max_unit = 1;
    spec.kind = 9;
    EXPECT_LT(plugin.line_open(spec), 0) << "kind";
    EXPECT_LT(plugin.http_get(tp_http_request{}), 0);
    EXPECT_LT(plugin.send(5000, 0, {}), 0);
    EXPECT_LT(played.table->define(played.ctx, nullptr), 0);
    EXPECT_LT(played.table->emit(played.ctx, 0, nullptr, 3), 0);
    plugin.count(99);
    plugin.stream(0, 0, 77);
    return TP_OK;
  };
  give_unit(*host);
  EXPECT_EQ(host->refused_calls(), 10u);
  EXPECT_TRUE(io.opened.empty());
  EXPECT_FALSE(host->is_broken());
}

TEST_F(VenueHost, TellsWhatWasWrongWithARefusedCall) {
  auto host = running();
  played.on_units = [&] {
    const auto plugin = played.host();
    tp_instrument definition{};
    EXPECT_FALSE(plugin.define(definition));
    definition.struct_size = sizeof definition;
    definition.number = 3;
    definition.price_step = definition.quantity_step = definition.lot = definition.previous_close = TP_NONE;
    EXPECT_FALSE(plugin.define(definition));
    definition.symbol = sdk::to_tp("X");
    definition.price_exponent = 99;
    EXPECT_FALSE(plugin.define(definition));
    definition.price_exponent = 0;
    definition.number = 4'000'000'000;
    EXPECT_FALSE(plugin.define(definition));
    EXPECT_LT(plugin.line_open(tp_line_spec{}), 0);
    return TP_OK;
  };
  give_unit(*host);
  std::vector<std::string> told;
  for (const auto& [level, text] : logs) told.push_back(text);
  EXPECT_THAT(told, testing::ElementsAre(HasSubstr("define: its struct_size is too small"),
                                         HasSubstr("define: instrument 3 '': the symbol is missing"),
                                         HasSubstr("instrument 3 'X': price exponent 99 is outside -18..9"),
                                         HasSubstr("numbers are dense, from 0"),
                                         HasSubstr("line_open: its struct_size is too small")));
  EXPECT_EQ(host->refused_calls(), 5u);
}

TEST_F(VenueHost, ARefusedCallThatComesAgainAndAgainDoesNotFillTheLog) {
  auto host = running();
  played.on_units = [&] {
    for (int i = 0; i < 1'000; ++i) played.host().count(99);
    return TP_OK;
  };
  give_unit(*host);
  EXPECT_EQ(host->refused_calls(), 1'000u);
  EXPECT_EQ(logs.size(), 100u);
}

TEST_F(VenueHost, CountersAreReadByName) {
  auto host = running();
  played.on_units = [&] {
    played.host().count(1, 5);
    played.host().count(1);
    return TP_OK;
  };
  give_unit(*host);
  EXPECT_EQ(host->counter("duplicates"), 6u);
  EXPECT_EQ(host->counter("messages.A"), 0u);
  EXPECT_EQ(host->counter("no such counter"), 0u);
}

TEST_F(VenueHost, AStreamMayNotConsumeMoreThanItWasGiven) {
  auto host = running();
  const uint8_t bytes[4]{};
  const tp_unit unit{bytes, 4, 0, 1, TP_UNIT_BINARY, 0};
  played.on_stream = [] { return 4; };
  EXPECT_EQ(host->on_stream(unit), 4);
  played.on_stream = [] { return TP_E_ARGUMENT; };
  EXPECT_EQ(host->on_stream(unit), TP_E_ARGUMENT); // closes the line, the instance stands
  EXPECT_FALSE(host->is_broken());
  played.on_stream = [] { return 5; };
  EXPECT_EQ(host->on_stream(unit), TP_E_BROKEN);
  EXPECT_TRUE(host->is_broken());
}

TEST_F(VenueHost, StopTakesNoMoreEventsButLetsThePluginSayGoodbye) {
  auto host = running();
  played.stop = [&] {
    const tp_event event{};
    EXPECT_EQ(played.host().emit(0, {&event, 1}), TP_E_STOPPING);
    EXPECT_EQ(played.host().send_text(0, "goodbye"), TP_OK);
    return TP_OK;
  };
  EXPECT_TRUE(host->stop(5));
  EXPECT_EQ(io.sent.size(), 1u);
  int calls = 0;
  played.on_units = [&] { return ++calls; };
  give_unit(*host);
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(played.destroyed, 0);
  host.reset();
  EXPECT_EQ(played.destroyed, 1);
}

TEST_F(VenueHost, ACreateThatFailedIsNotDestroyed) {
  played.create = [] { return TP_E_ARGUMENT; };
  {
    venue_host host{scripted(), feed, io, {}};
    EXPECT_FALSE(host.create());
    EXPECT_FALSE(host.start(1));
  }
  EXPECT_EQ(played.destroyed, 0);
}

TEST_F(VenueHost, EqualSeedsGiveEqualChance) {
  std::vector<uint64_t> first, second;
  for (auto* numbers : {&first, &second}) {
    auto host = running();
    played.on_units = [&] {
      for (int i = 0; i < 8; ++i) numbers->push_back(played.host().random());
      return TP_OK;
    };
    give_unit(*host);
  }
  EXPECT_EQ(first, second);
  EXPECT_NE(first[0], first[1]);
}

TEST_F(VenueHost, AFilterSeesEventsInPlaceOfTheFeed) {
  auto host = running();
  size_t seen = 0;
  host->set_emit_filter([&](uint32_t channel, std::span<const tp_event> events) {
    EXPECT_EQ(channel, 3u);
    seen += events.size();
    return TP_E_STOPPING;
  });
  played.on_units = [&] {
    const tp_event events[2]{};
    EXPECT_EQ(played.host().emit(3, events), TP_E_STOPPING);
    return TP_OK;
  };
  give_unit(*host);
  EXPECT_EQ(seen, 2u);
  EXPECT_EQ(feed.counters().events, 0u);
}

} // namespace
} // namespace tickplant::plugin
