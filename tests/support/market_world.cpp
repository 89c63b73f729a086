#include "tests/support/market_world.hpp"

#include "actors/atoms.hpp"
#include "runtime/telemetry/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <set>

namespace tickplant::tests {

namespace {

/// Quotes what its market holds: a unit of length n + 1 brings instrument n.
class market_venue {
public:
  static constexpr uint32_t order_refs = TP_REFS_DENSE;
  static std::span<const tp_str> counters() { return {}; }
  static void validate(sdk::settings, sdk::venue_host) {}
  market_venue(sdk::settings settings, sdk::venue_host host) : host_(host) {
    for (const auto& pair : settings.pairs())
      if (sdk::view(pair.key) == "market") market_ = &market::all().at(std::string{sdk::view(pair.value)});
  }

  int32_t start(uint64_t) {
    for (uint32_t i = 0; i < market_->instruments.size(); ++i)
      if (market_->instruments[i].is_defined) define(i);
    host_.stream(0, TP_ALL, TP_STREAM_DIRECTORY);
    host_.stream(0, TP_ALL, TP_STREAM_LIVE, {}, 1);
    for (uint32_t i = 0; i < market_->instruments.size(); ++i)
      if (market_->instruments[i].is_defined) quote(i);
    return TP_OK;
  }
  int32_t on_units(std::span<const tp_unit> units) {
    for (const auto& unit : units) {
      const uint32_t number = unit.size - 1;
      if (!market_->instruments[number].is_defined) {
        host_.retire(number);
        defined_.erase(number);
        continue;
      }
      if (!defined_.contains(number)) define(number);
      quote(number);
    }
    return TP_OK;
  }
  int64_t on_stream(const tp_unit& unit) { return unit.size; }
  int32_t on_line(uint32_t, uint32_t, std::string_view, uint64_t) { return TP_OK; }
  int32_t on_http(const tp_http_answer&) { return TP_OK; }
  int32_t on_timer(uint32_t, uint64_t) { return TP_OK; }
  int32_t on_interest(std::span<const tp_interest> list, uint64_t) {
    for (const auto& one : list) market_->instruments.at(one.instrument).wanted = one.want;
    return TP_OK;
  }
  int32_t resynchronise(uint32_t, uint32_t instrument, uint64_t) {
    for (uint32_t i = 0; i < market_->instruments.size(); ++i)
      if ((instrument == TP_ALL || instrument == i) && defined_.contains(i)) quote(i);
    return TP_OK;
  }
  int32_t stop(uint64_t) { return TP_OK; }

private:
  void define(uint32_t number) {
    const auto& of = market_->instruments[number];
    tp_instrument definition{};
    definition.struct_size = sizeof definition;
    definition.number = number;
    definition.parent = TP_ALL;
    definition.book = TP_BOOK_QUOTE;
    definition.price_exponent = of.price_exponent;
    definition.price_step = 1;
    definition.quantity_step = definition.lot = definition.previous_close = TP_NONE;
    definition.symbol = sdk::to_tp(of.symbol);
    definition.currency = sdk::to_tp(of.currency);
    host_.define(definition);
    defined_.insert(number);
  }
  void quote(uint32_t number) {
    const auto& of = market_->instruments[number];
    tp_event event{};
    event.kind = TP_EV_STATUS;
    event.detail = of.state;
    event.flags = TP_END;
    event.instrument = number;
    event.price = event.quantity = TP_NONE;
    event.sequence = ++market_->sequence;
    host_.emit(0, {&event, 1});
    if (of.bid == TP_NONE && of.ask == TP_NONE) return;
    tp_event top{};
    top.kind = TP_EV_QUOTE;
    top.flags = TP_END;
    top.instrument = number;
    top.price = of.bid;
    top.order = static_cast<uint64_t>(of.ask);
    top.quantity = of.bid_quantity;
    top.ref = static_cast<uint64_t>(of.ask_quantity);
    top.sequence = ++market_->sequence;
    top.venue_ns = market_->sequence;
    host_.emit(0, {&top, 1});
  }

  sdk::venue_host host_;
  market* market_ = nullptr;
  std::set<uint32_t> defined_;
};

plugin::venue_plugin market_plugin() {
  plugin::plugin_info info;
  info.name = "market";
  info.version = "1";
  info.kind = TP_KIND_VENUE;
  return {info, sdk::make_venue_ops<market_venue>()};
}

} // namespace

/// The world of one plugin instance: takes every request, brings what the test wants.
class market_line final : public plugin::venue_io {
public:
  market_line(market_world& owner, std::string venue, plugin::venue_sink& to, actors::world_hooks with)
    : sink(to), hooks(std::move(with)), owner_(owner), venue_(std::move(venue)) {
    owner_.lines[venue_] = this;
  }
  ~market_line() override {
    if (const auto found = owner_.lines.find(venue_); found != owner_.lines.end() && found->second == this)
      owner_.lines.erase(found);
  }
  int32_t line_open(const tp_line_spec&) override { return TP_OK; }
  void line_close(uint32_t) override {}
  int32_t send(uint32_t, uint32_t, std::span<const uint8_t>) override { return TP_OK; }
  int32_t http_get(const tp_http_request&) override { return TP_OK; }
  void set_timer(uint32_t, uint64_t) override {}

  plugin::venue_sink& sink;
  actors::world_hooks hooks;

private:
  market_world& owner_;
  const std::string venue_;
};

std::map<std::string, market, std::less<>>& market::all() {
  static std::map<std::string, market, std::less<>> one;
  return one;
}

market::instrument& market::find(std::string_view symbol) {
  return *std::find_if(instruments.begin(), instruments.end(), [&](const auto& i) { return i.symbol == symbol; });
}

market_world::market_world(uint32_t feed_count) {
  telemetry::set_log_level(telemetry::level::off);
  market::all().clear();
  for (uint32_t i = 0; i < feed_count; ++i)
    feeds.push_back(std::make_unique<actors::feed_context>(*loop, i, feed_count, 1'000));
}

market_world::~market_world() = default;

market& market_world::add_venue(const std::string& name, const std::vector<std::string>& symbols) {
  venues.push_back(name);
  auto& made = market::all()[name];
  for (const auto& symbol : symbols) {
    market::instrument instrument;
    instrument.symbol = symbol;
    made.instruments.push_back(std::move(instrument));
  }
  return made;
}

void market_world::start(consolidation::rules rules) {
  actors::node_setup tree;
  for (auto& feed : feeds) {
    tree.feeds.push_back(feed.get());
    loop->at_turn_end([context = feed.get()] { context->publish(); });
  }
  for (size_t i = 0; i < venues.size(); ++i) {
    auto setup = std::make_shared<actors::venue_setup>(
      actors::venue_setup{venues[i], market_plugin(), {{"market", venues[i]}}, {}, {}});
    setup->open_world = [this, venue = venues[i]](plugin::venue_sink& sink, actors::world_hooks hooks) {
      return std::make_unique<market_line>(*this, venue, sink, std::move(hooks));
    };
    auto* feed = feeds[i % feeds.size()].get();
    tree.venues.push_back({setup, feed, &feed->add_venue(venues[i])});
  }
  rules.venues = venues;
  consolidation = std::make_unique<actors::consolidation_context>(*feeds.front(), static_cast<uint32_t>(feeds.size()),
                                                                  std::move(rules));
  tree.consolidation = consolidation.get();
  auto names = venues;
  names.emplace_back(consolidation::venue_name);
  gateway = std::make_unique<actors::gateway_context>(*loop, 0, static_cast<uint32_t>(feeds.size()), names,
                                                      std::make_shared<const actors::gateway_settings>());
  gateway->principals = &principals;
  gateway->sockets = &sockets;
  auto dialect = std::make_unique<actors::dialect_place>();
  dialect->name = "plain";
  dialect->host = make_plain_dialect();
  dialect->print = std::make_unique<fanout::printer>(*dialect->host);
  gateway->dialects.push_back(std::move(dialect));
  loop->at_turn_end([this] { gateway->end_turn(); });
  tree.gateways = {gateway.get()};
  tree.policy = {supervision::strategy::one_for_one,
                 {5, std::chrono::seconds{10}},
                 {std::chrono::milliseconds{300}, std::chrono::seconds{1}, 0.0}};
  node = actors::start_node(*system, tree);
  keep(node);
  advance(std::chrono::milliseconds{200}); // hub and consolidator find the feed loops at their second try at the latest
}

void market_world::deliver(std::string_view venue, std::string_view symbol) {
  const auto found = lines.find(venue);
  if (found == lines.end()) return; // nobody listens to the venue
  auto& of = market::all().find(venue)->second;
  const auto number = static_cast<uint32_t>(&of.find(symbol) - of.instruments.data());
  static const uint8_t bytes[TP_PADDING] = {};
  loop->run_here([&] {
    const tp_unit unit{bytes, number + 1, 0, loop->wall_ns(), TP_UNIT_BINARY, 0};
    found->second->sink.on_units({&unit, 1});
    found->second->hooks.after_delivery();
  });
  run();
}

void market_world::quote(std::string_view venue, std::string_view symbol, int64_t bid, int64_t ask, int64_t size) {
  auto& of = market::all().find(venue)->second.find(symbol);
  of.bid = bid;
  of.ask = ask;
  of.bid_quantity = of.ask_quantity = size;
  deliver(venue, symbol);
}

void market_world::set_state(std::string_view venue, std::string_view symbol, uint8_t state) {
  market::all().find(venue)->second.find(symbol).state = state;
  deliver(venue, symbol);
}

void market_world::set_defined(std::string_view venue, std::string_view symbol, bool is_defined) {
  market::all().find(venue)->second.find(symbol).is_defined = is_defined;
  deliver(venue, symbol);
}

void market_world::connect(uint32_t index) {
  sockets.clients[index] = {};
  actors::client_opening opening;
  opening.dialect = gateway->dialects.front().get();
  opening.peer = "test";
  opening.identity.who =
    std::make_shared<const policy::principal>(policy::principal{"anonymous", {}, {}, {}, TP_NONE, {}, {}});
  loop->run_here([&] { gateway->opened({index, generation++}, std::move(opening)); });
  run();
  got(index);
}

void market_world::say(uint32_t index, std::string_view text) {
  const auto key = gateway->clients.at(index).key;
  loop->run_here([&] { gateway->message(key, true, {reinterpret_cast<const uint8_t*>(text.data()), text.size()}); });
  run();
}

std::vector<std::string> market_world::got(uint32_t index) {
  return std::exchange(sockets.clients[index].got, {});
}

std::vector<actors::child_info> market_world::children(const caf::strong_actor_ptr& of) {
  std::vector<actors::child_info> rows;
  auto asker = system->spawn([&rows, target = caf::actor_cast<caf::actor>(of)](caf::event_based_actor* self) {
    self->request(target, std::chrono::seconds{1}, actors::atom::children_v)
      .then([&rows](const std::vector<actors::child_info>& answer) { rows = answer; }, [](const caf::error&) {});
  });
  asker = nullptr;
  run();
  return rows;
}

caf::strong_actor_ptr market_world::find(std::string_view path) {
  auto at = caf::actor_cast<caf::strong_actor_ptr>(node);
  while (at && !path.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    const auto name = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    caf::strong_actor_ptr next;
    for (const auto& row : children(at))
      if (row.id == name) next = row.actor;
    at = next;
  }
  return at;
}

void market_world::kill(std::string_view path) {
  const auto victim = find(path);
  ASSERT_TRUE(victim) << "nobody there to kill";
  caf::anon_send_exit(victim, caf::exit_reason::kill);
  run();
}

} // namespace tickplant::tests
