// A feed loop and a network loop with a thread each, and the whole tree over them: what the one publishes reaches the
// clients of the other whole, while its hub gathers and the loop is hushed. Also run under the thread sanitizer.
#include "actors/node.hpp"
#include "actors/server.hpp"
#include "runtime/telemetry/log.hpp"
#include "tests/support/line_dialect.hpp"
#include "tests/support/script_venue.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_registry.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <gmock/gmock.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <sstream>

using namespace std::chrono_literals;
using namespace tickplant;
using namespace tickplant::actors;
using testing::StartsWith;

namespace {

/// The dialect of lines, with the two messages that its client sends.
class tape_dialect : public tests::line_dialect {
public:
  using line_dialect::line_dialect;
  void decode(const tp_frame& frame, sdk::request_sink to) {
    const std::string_view text{reinterpret_cast<const char*>(frame.data), frame.size};
    tp_request request{};
    request.struct_size = sizeof request;
    request.depth = TP_ABSENT;
    request.client_ms = TP_NONE;
    request.kind = text == "hello" ? TP_REQ_HELLO : TP_REQ_SUBSCRIBE;
    const auto symbol = sdk::to_tp(text);
    if (request.kind == TP_REQ_SUBSCRIBE) {
      request.data_types = TP_DATA_TRADES;
      request.mode = TP_MODE_ALL;
      request.symbols = &symbol;
      request.symbol_count = 1;
    }
    to.request(request);
  }
};

std::unique_ptr<dialect_place> tape_place() {
  auto place = std::make_unique<dialect_place>();
  place->name = "tape";
  place->host = tests::make_test_dialect<tape_dialect>(place->name);
  place->print = std::make_unique<fanout::printer>(*place->host);
  return place;
}

/// What the clients get, written by the network loop and read by the test.
class shared_sockets final : public client_sockets {
  template <class Call>
  auto with_lock(Call&& call) {
    std::lock_guard guard{lock_};
    changed_.notify_all();
    return call();
  }

public:
  /// What the client has been told since the last call; waits for something.
  std::vector<std::string> take(uint32_t client) {
    std::unique_lock guard{lock_};
    changed_.wait(guard, [&] { return !port_.told[client].empty(); });
    return port_.take(client);
  }
  fanout::written write(fanout::client_key key, std::span<const uint8_t> frames) override {
    return with_lock([&] { return port_.write(key, frames); });
  }
  void reply(fanout::client_key key, wire::opcode kind, std::span<const uint8_t> payload) override {
    with_lock([&] { port_.reply(key, kind, payload); });
  }
  void close(fanout::client_key key, uint16_t code, std::string_view why) override {
    with_lock([&] { port_.close(key, code, why); });
    if (answer) answer(key, code);
  }
  void abort(fanout::client_key key) override { close(key, 0, {}); }
  void pause_reading(fanout::client_key) override {}
  void resume_reading(fanout::client_key) override {}
  std::function<void(fanout::client_key, uint16_t)> answer; // plays the peer of a close

private:
  std::mutex lock_;
  std::condition_variable changed_;
  tests::line_port port_;
};

/// The world of the scripted plugin: nothing comes but what the test brings.
class quiet_world final : public plugin::venue_io {
public:
  quiet_world(plugin::venue_sink& to, world_hooks with) : sink(to), hooks(std::move(with)) {}
  int32_t line_open(const tp_line_spec&) override { return TP_OK; }
  void line_close(uint32_t) override {}
  int32_t send(uint32_t, uint32_t, std::span<const uint8_t>) override { return TP_OK; }
  int32_t http_get(const tp_http_request&) override { return TP_OK; }
  void set_timer(uint32_t, uint64_t) override {}

  plugin::venue_sink& sink;
  world_hooks hooks;
};

struct TwoLoops : testing::Test {
  system_config config;
  caf::actor_system system{config};
  net_loop feed_loop{system}, network_loop{system};
  feed_context feed{feed_loop, 0, 1, 1'000};
  gateway_context gateway{network_loop, 0, 1, {"SCRIPT"}, settings()};
  policy::principal_table principals;
  shared_sockets sockets;
  quiet_world* world = nullptr; // the feed loop's, as is all that the exchange knows
  caf::actor node;
  fanout::client_key client{0, 1};

  static gateway_settings_ptr settings() {
    auto made = std::make_shared<gateway_settings>();
    made->window = 300us;
    return made;
  }

  TwoLoops() {
    telemetry::set_log_level(telemetry::level::off);
    tests::script_exchange::get() = {};
    gateway.principals = &principals;
    gateway.sockets = &sockets;
    gateway.dialects.push_back(tape_place());
    sockets.answer = [this](fanout::client_key key, uint16_t code) {
      network_loop.post([this, key, code] { gateway.closed(key, code, "answered"); });
    };
    feed_loop.at_turn_end([this] { feed.publish(); });
    network_loop.at_turn_end([this] { gateway.end_turn(); });

    auto venue = std::make_shared<venue_setup>(venue_setup{"SCRIPT", tests::script_plugin(), {}, {}, {}});
    venue->open_world = [this](plugin::venue_sink& sink, world_hooks hooks) {
      auto made = std::make_unique<quiet_world>(sink, std::move(hooks));
      world = made.get();
      return made;
    };
    node_setup tree;
    tree.feeds = {&feed};
    tree.venues = {{venue, &feed, &feed.add_venue("SCRIPT")}};
    tree.gateways = {&gateway};
    tree.policy = {supervision::strategy::one_for_one, {1'000, 1h}, {1ms, 1ms, 0}};
    feed_loop.start("test.feed");
    network_loop.start("test.net");
    node = start_node(system, tree);
  }
  ~TwoLoops() override {
    caf::anon_send_exit(node, caf::exit_reason::user_shutdown);
    node = nullptr;
    system.await_all_actors_done();
    system.registry().erase("tp.feed.0");
    network_loop.stop();
    feed_loop.stop();
  }

  /// Opens the client's socket as soon as the gateway is there, which every post looks for.
  void connect() {
    network_loop.post([this] {
      if (!gateway.connections || !gateway.hub_now()) return connect();
      client_opening opening;
      opening.dialect = gateway.dialects.front().get();
      opening.rules = std::make_shared<listener_rules>();
      opening.peer = "test";
      opening.identity.who =
        std::make_shared<const policy::principal>(policy::principal{"anonymous", {}, {}, {}, TP_NONE, {}, {}});
      gateway.opened(client, std::move(opening));
      say("hello");
      say("AAPL");
    });
  }
  void say(std::string text) {
    network_loop.post([this, text = std::move(text)] {
      gateway.message(client, true, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
    });
  }
  /// Kills the hub and waits for its end; its successor is on its way then.
  void kill_hub() {
    std::promise<caf::strong_actor_ptr> owner;
    std::function<void()> look = [&] {
      auto hub = gateway.hub.owner(gateway_context::hub_place);
      if (hub) return owner.set_value(std::move(hub));
      network_loop.post(look);
    };
    network_loop.post(look);
    const auto hub = owner.get_future().get();
    caf::scoped_actor self{system};
    self->monitor(hub);
    caf::anon_send_exit(hub, caf::exit_reason::kill);
    self->receive([](const caf::down_msg&) {});
  }

  /// Takes what the client is told until it knows of this print: each is there once, in its place, or in a gap that is
  /// told. The n-th print of a test has price n.
  void take_until_told(int64_t price) {
    while (newest < price && !HasFailure())
      for (const auto& frame : sockets.take(0)) check(frame);
  }
  void check(const std::string& frame) {
    if (frame.starts_with("status")) return;
    std::istringstream words{frame};
    std::string kind, line, epoch;
    if (frame.starts_with("GAP AAPL/TRADES ")) {
      int64_t from = 0, to = 0;
      words >> kind >> line >> epoch >> from >> to;
      EXPECT_EQ(from, newest + 1) << frame;
      newest = to;
      ++gaps;
      return;
    }
    ASSERT_THAT(frame, StartsWith("TRADES")) << "all else that this client is told";
    const bool is_snapshot = frame.starts_with("TRADES!");
    EXPECT_FALSE(is_snapshot && std::exchange(has_begun, true)) << "the line goes on: " << frame;
    std::getline(words, kind, ';');
    for (std::string element; std::getline(words, element, ';');) {
      std::istringstream parts{element};
      int64_t number = 0, price = 0;
      parts >> line >> epoch >> number >> kind >> price;
      if (is_snapshot) continue;
      EXPECT_EQ(number, newest + 1) << frame;
      EXPECT_EQ(price, number) << frame;
      newest = number;
    }
  }
  void begin() {
    connect();
    while (!has_begun && !HasFailure())
      for (const auto& frame : sockets.take(0)) check(frame);
  }

  bool has_begun = false; // the line, by a snapshot, before the first print
  int gaps = 0;
  int64_t newest = 0; // number of the last print that the client knows of

  /// A trade at the exchange, in a delivery and a publication of its own.
  void print(int64_t price) {
    feed_loop.post([this, price] {
      auto& orders = tests::script_exchange::get().orders;
      orders.push_back({0, 0, price, 100, true});
      if (!world) return;
      static const uint8_t bytes[TP_PADDING] = {};
      const tp_unit unit{bytes, static_cast<uint32_t>(orders.size()), 0, feed_loop.wall_ns(), TP_UNIT_BINARY, 0};
      world->sink.on_units({&unit, 1});
      world->hooks.after_delivery();
    });
  }
};

TEST_F(TwoLoops, HandOverEveryPrintWhileTheHubGathers) {
  begin();
  int64_t price = 0;
  for (int round = 0; round < 400 && !HasFailure(); ++round) {
    for (int i = 0; i <= round % 7; ++i) print(++price);
    // Waits for the last of them in most rounds, when no other is on its way that could bring it along.
    if (round % 3 != 0) take_until_told(price);
  }
  take_until_told(price);
  EXPECT_EQ(gaps, 0);
}

TEST_F(TwoLoops, GoOnWithTheNextHubWhereverTheLastOneDied) {
  begin();
  int64_t price = 0;
  for (int death = 1; death <= 60 && !HasFailure(); ++death) {
    for (int i = 0; i < death % 5; ++i) print(++price);
    kill_hub();
    for (int i = 0; i < death % 3; ++i) print(++price);
    if (death % 2 == 0) take_until_told(price);
  }
  print(++price);
  take_until_told(price);
}

} // namespace
