#include "tests/support/spine_world.hpp"

#include "actors/atoms.hpp"
#include "runtime/telemetry/log.hpp"
#include "tests/support/frame_texts.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <algorithm>

namespace tickplant::tests {

/// The world of one plugin instance: takes every request, brings what the test wants.
class scripted_world final : public plugin::venue_io {
public:
  scripted_world(spine_world& owner, plugin::venue_sink& to, actors::world_hooks with)
    : sink(to), hooks(std::move(with)), owner_(owner) {
    owner_.worlds.push_back(this);
  }
  ~scripted_world() override { std::erase(owner_.worlds, this); }
  int32_t line_open(const tp_line_spec& spec) override {
    opened.push_back(spec.line);
    return TP_OK;
  }
  void line_close(uint32_t) override {}
  int32_t send(uint32_t, uint32_t, std::span<const uint8_t>) override { return TP_OK; }
  int32_t http_get(const tp_http_request&) override { return TP_OK; }
  void set_timer(uint32_t, uint64_t) override {}

  plugin::venue_sink& sink;
  actors::world_hooks hooks;
  std::vector<uint32_t> opened;

private:
  spine_world& owner_;
};

fanout::written recorded_sockets::write(fanout::client_key key, std::span<const uint8_t> frame) {
  auto& c = clients[key.index];
  if (c.closed) return fanout::written::closed;
  append_frame_texts(frame, c.got);
  return fanout::written::sent;
}

void recorded_sockets::reply(fanout::client_key key, wire::opcode, std::span<const uint8_t> payload) {
  clients[key.index].got.emplace_back(reinterpret_cast<const char*>(payload.data()), payload.size());
}

void recorded_sockets::close(fanout::client_key key, uint16_t code, std::string_view) {
  clients[key.index].closed = code;
  if (answer) answer(key, code);
}
void recorded_sockets::abort(fanout::client_key key) {
  if (!clients[key.index].closed) clients[key.index].closed = 0;
}

spine_world::spine_world() {
  telemetry::set_log_level(telemetry::level::off);
  script_exchange::get() = {};
  feed = std::make_unique<actors::feed_context>(*loop, 0, 1, 1'000);
  gateway = std::make_unique<actors::gateway_context>(*loop, 0, 1, std::vector<std::string>{"SCRIPT"},
                                                      std::make_shared<const actors::gateway_settings>());
  gateway->principals = &principals;
  rules->name = "test";
  gateway->sockets = &sockets;
  sockets.answer = [this](fanout::client_key key, uint16_t code) {
    loop->post([this, key, code] { gateway->closed(key, code, "answered"); });
  };
  add_dialect("plain", make_plain_dialect());
  loop->at_turn_end([this] { feed->publish(); });
  loop->at_turn_end([this] { gateway->end_turn(); });
}

spine_world::~spine_world() = default;

void spine_world::add_dialect(std::string name, std::unique_ptr<plugin::dialect_host> host) {
  auto dialect = std::make_unique<actors::dialect_place>();
  dialect->name = std::move(name);
  dialect->host = std::move(host);
  dialect->print = std::make_unique<fanout::printer>(*dialect->host);
  gateway->dialects.push_back(std::move(dialect));
}

void spine_world::start(supervision::policy policy) {
  auto setup = std::make_shared<actors::venue_setup>(actors::venue_setup{"SCRIPT", script_plugin(), {}, {}, {}});
  setup->care = care;
  setup->backup = {{"lines", "backup"}};
  setup->open_world = [this](plugin::venue_sink& sink, actors::world_hooks hooks) {
    return std::make_unique<scripted_world>(*this, sink, std::move(hooks));
  };
  actors::node_setup tree;
  tree.feeds = {feed.get()};
  tree.venues = {{setup, feed.get(), &feed->add_venue("SCRIPT")}};
  tree.gateways = {gateway.get()};
  policy.wait.jitter = 0;
  tree.policy = policy;
  node = actors::start_node(*system, tree);
  node->attach_functor([this](const caf::error& why) { node_end = to_string(why); });
  keep(node);
  advance(std::chrono::milliseconds{200}); // the hub finds the feed loop at its second try at the latest
}

namespace {

uint32_t number_of(std::string_view symbol) {
  const auto& symbols = script_venue::symbols;
  return static_cast<uint32_t>(std::find(symbols.begin(), symbols.end(), symbol) - symbols.begin());
}

} // namespace

void spine_world::place(std::string_view symbol, uint16_t side, int64_t price, int64_t quantity) {
  happen({number_of(symbol), side, price, quantity});
}

void spine_world::quote_both() {
  for (const auto* symbol : {"AAPL", "MSFT"}) {
    place(symbol, TP_BID, 9900);
    place(symbol, TP_ASK, 10100);
  }
}

void spine_world::print(std::string_view symbol, int64_t price, int64_t quantity) {
  happen({number_of(symbol), 0, price, quantity, true});
}

void spine_world::place_in_call(std::string_view symbol, uint16_t side, int64_t price, int64_t quantity) {
  deliver({number_of(symbol), side, price, quantity});
}

void spine_world::happen(const script_exchange::placed& what) {
  loop->run_here([&] { deliver(what); });
  run();
}

void spine_world::deliver(const script_exchange::placed& what) {
  auto& orders = script_exchange::get().orders;
  orders.push_back(what);
  if (worlds.empty()) return; // nobody listens to the exchange
  static const uint8_t bytes[TP_PADDING] = {};
  const tp_unit unit{bytes, static_cast<uint32_t>(orders.size()), 0, loop->wall_ns(), TP_UNIT_BINARY, 0};
  worlds.back()->sink.on_units({&unit, 1});
  worlds.back()->hooks.after_delivery();
}

void spine_world::set_line(uint32_t line, uint32_t state) {
  loop->run_here([&] { worlds.back()->sink.on_line(line, state, "the test says so", loop->wall_ns()); });
  run();
}

void spine_world::stream(const tp_stream& stream) {
  script_exchange::get().streams_on_next_unit.push_back(stream);
  static const uint8_t bytes[TP_PADDING] = {};
  loop->run_here([&] {
    const tp_unit unit{bytes, 0, 0, loop->wall_ns(), TP_UNIT_BINARY, 0};
    worlds.back()->sink.on_units({&unit, 1});
    worlds.back()->hooks.after_delivery();
  });
  run();
}

void spine_world::connect(uint32_t index) {
  connect_stranger(index, policy::principal{"anonymous", {}, {}, {}, TP_NONE, {}, {}});
}

void spine_world::connect_stranger(uint32_t index, std::optional<policy::principal> who) {
  sockets.clients[index] = {};
  actors::client_opening opening;
  opening.dialect = gateway->dialects.back().get();
  opening.rules = rules;
  opening.peer = "test";
  if (who) opening.identity.who = std::make_shared<const policy::principal>(std::move(*who));
  loop->run_here([&] { gateway->opened({index, generation++}, std::move(opening)); });
  run();
}

void spine_world::answer_login(uint32_t index, policy::auth_outcome outcome, uint64_t request) {
  caf::anon_send(gateway->clients.at(index).connection, actors::login_result{request, nullptr, std::move(outcome)});
  run();
}

void spine_world::say(uint32_t index, std::string_view text) {
  const auto key = gateway->clients.at(index).key;
  loop->run_here([&] { gateway->message(key, true, {reinterpret_cast<const uint8_t*>(text.data()), text.size()}); });
  run();
}

std::vector<std::string> spine_world::got(uint32_t index) {
  return std::exchange(sockets.clients[index].got, {});
}

std::vector<actors::child_info> spine_world::children(const caf::strong_actor_ptr& of) {
  std::vector<actors::child_info> rows;
  auto asker = system->spawn([&rows, target = caf::actor_cast<caf::actor>(of)](caf::event_based_actor* self) {
    self->request(target, std::chrono::seconds{1}, actors::atom::children_v)
      .then([&rows](const std::vector<actors::child_info>& answer) { rows = answer; }, [](const caf::error&) {});
  });
  asker = nullptr;
  run();
  return rows;
}

caf::strong_actor_ptr spine_world::find(std::string_view path) {
  auto at = caf::actor_cast<caf::strong_actor_ptr>(node);
  while (at && !path.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    const auto name = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    caf::strong_actor_ptr next;
    for (const auto& row : children(at))
      if (row.id == name || name == "*") next = row.actor;
    at = next;
  }
  return at;
}

void spine_world::kill(const caf::strong_actor_ptr& victim) {
  ASSERT_TRUE(victim) << "nobody there to kill";
  caf::anon_send_exit(victim, caf::exit_reason::kill);
  run();
}

void spine_world::kill(std::string_view path) {
  kill(find(path));
}

} // namespace tickplant::tests
