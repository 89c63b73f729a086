#include "actors/node.hpp"

#include "actors/connection.hpp"
#include "actors/hub.hpp"
#include "actors/symbol_book.hpp"
#include "runtime/config/loader.hpp"
#include "runtime/net/venue/venue_lines.hpp"
#include "runtime/telemetry/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_registry.hpp>
#include <caf/exit_reason.hpp>
#include <caf/init_global_meta_objects.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <condition_variable>
#include <thread>

namespace tickplant::actors {

namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

template <class Actor>
caf::strong_actor_ptr strong(const Actor& actor) {
  return caf::actor_cast<caf::strong_actor_ptr>(actor);
}

plugin::log_function to_log(std::string component) {
  return [component = std::move(component)](int level, std::string_view text) {
    const auto at = level == TP_LOG_DEBUG     ? telemetry::level::debug
                    : level == TP_LOG_WARNING ? telemetry::level::warning
                    : level == TP_LOG_ERROR   ? telemetry::level::error
                                              : telemetry::level::info;
    telemetry::log(at, component, text);
  };
}

uint64_t to_ns(std::chrono::milliseconds time) { return static_cast<uint64_t>(time.count()) * 1'000'000; }

// What a plugin complains of, with the place where the setting stands.
void add_complaints(const config::venue_options& venue, const std::vector<plugin::complaint>& complaints,
                    std::vector<config::fault>& faults) {
  for (const auto& complaint : complaints) {
    auto where = venue.where;
    for (const auto& setting : venue.settings)
      if (setting.key == complaint.key) where = setting.at;
    faults.push_back({where, "venues." + venue.name + (complaint.key.empty() ? "" : "." + complaint.key), complaint.problem});
  }
}

constexpr auto gateway_grace = std::chrono::seconds{4};
constexpr auto leaf_grace = std::chrono::seconds{2};

} // namespace

system_config::system_config() { set("caf.scheduler.policy", "sharing"); }

void init_types() {
  caf::init_global_meta_objects<caf::id_block::tickplant>();
  caf::core::init_global_meta_objects();
}

server::server(caf::actor_system& system, config::server_options options, std::vector<std::string> plugin_folders)
  : system_(system), options_(std::move(options)), started_ns_(net::wall_now_ns()) {
  auto folders = options_.plugin_folders;
  folders.insert(folders.end(), plugin_folders.begin(), plugin_folders.end());
  plugin::registry plugins{std::move(folders)};
  make_loops();
  make_venues(plugins);
  make_gateways(plugins);
}

server::~server() {
  if (is_started_ && !is_stopping_) stop(std::chrono::seconds{5});
}

void server::make_loops() {
  if (options_.network_loops == 0) options_.network_loops = std::max(1u, std::thread::hardware_concurrency() / 2);
  for (uint32_t i = 0; i < options_.feed_loops; ++i) {
    feed_loops_.push_back(std::make_unique<net_loop>(system_));
    feeds_.push_back(std::make_unique<feed_context>(*feed_loops_[i], i, options_.feed_loops, started_ns_));
    auto* context = feeds_.back().get();
    feed_loops_[i]->at_turn_end([context] { context->publish(); });
  }
  for (uint32_t i = 0; i < options_.network_loops; ++i) network_loops_.push_back(std::make_unique<net_loop>(system_));
}

void server::make_venues(plugin::registry& plugins) {
  std::vector<config::fault> faults;
  for (size_t i = 0; i < options_.venues.size(); ++i) {
    const auto& venue = options_.venues[i];
    auto setup = std::make_shared<venue_setup>(venue_setup{upper(venue.name), plugins.venue(venue.plugin),
                                                           config::pairs_of(venue.settings), venue.symbols, {}});
    add_complaints(venue, plugin::venue_host::validate(setup->plugin, setup->settings, to_log("venue " + setup->name)), faults);
    const size_t feed = i % feeds_.size();
    auto* events = &feed_loops_[feed]->events();
    setup->open_world = [events](plugin::venue_sink& sink, world_hooks hooks) {
      net::venue_lines_options lines;
      lines.log = std::move(hooks.log);
      lines.on_fault = std::move(hooks.on_fault);
      lines.after_delivery = std::move(hooks.after_delivery);
      return std::make_unique<net::venue_lines>(*events, sink, std::move(lines));
    };
    venues_.push_back({setup, feed, &feeds_[feed]->add_venue(setup->name), venue.required});
  }
  if (!faults.empty()) throw config::config_fault{std::move(faults)};
}

void server::make_gateways(plugin::registry& plugins) {
  std::vector<std::string> names;
  for (const auto& venue : venues_) names.push_back(venue.setup->name);
  std::vector<std::string> dialects;
  for (const auto& listener : options_.listeners) {
    listener_routes routes{listener.name, {listener.routes.begin(), listener.routes.end()}, nullptr};
    if (!listener.page.empty())
      routes.page = std::make_shared<const net::static_files>(net::static_files::load(listener.page));
    for (const auto& [path, dialect] : listener.routes)
      if (std::find(dialects.begin(), dialects.end(), dialect) == dialects.end()) dialects.push_back(dialect);
    routes_.push_back(std::move(routes));
  }
  fanout::session_limits limits;
  limits.max_symbols = options_.limits.max_symbols;
  limits.max_depth = options_.limits.max_depth;
  limits.max_message = options_.limits.message_bytes;
  limits.heartbeat_ms = static_cast<uint32_t>(options_.limits.ping_interval.count());
  net::client_options clients;
  clients.max_clients = options_.limits.clients;
  clients.message_limit = options_.limits.message_bytes;
  clients.handshake_ns = to_ns(options_.limits.handshake);
  clients.ping_interval_ns = to_ns(options_.limits.ping_interval);
  clients.pong_wait_ns = to_ns(options_.limits.pong_wait);
  clients.stall_ns = to_ns(options_.limits.stall);
  for (uint32_t i = 0; i < options_.network_loops; ++i) {
    auto& loop = *network_loops_[i];
    gateways_.push_back(std::make_unique<gateway_context>(loop, i, options_.feed_loops, names, limits));
    auto& gateway = *gateways_.back();
    for (const auto& name : dialects) {
      auto place = std::make_unique<dialect_place>();
      place->name = name;
      place->host = std::make_unique<plugin::dialect_host>(plugins.dialect(name), plugin::settings_list{}, to_log("dialect " + name));
      if (!place->host->create())
        throw plugin::plugin_fault{"dialect " + name + ": " + place->host->why_broken() + '\n' + to_text(place->host->complaints())};
      place->print = std::make_unique<fanout::printer>(*place->host);
      gateway.dialects.push_back(std::move(place));
    }
    sockets_.push_back(std::make_unique<gateway_sockets>(loop.events(), gateway, clients, routes_, readiness_of(gateway)));
    loop.at_turn_end([context = &gateway] { context->end_turn(); });
  }
}

// Runs on the gateway's loop, which has its own copy of the directory.
readiness server::readiness_of(const gateway_context& gateway) const {
  std::vector<std::string> required;
  for (const auto& venue : venues_)
    if (venue.required) required.push_back(venue.setup->name);
  return [required, &gateway]() -> std::string {
    if (!gateway.connections) return "starting or leaving";
    for (const auto& name : required)
      if (!gateway.names.is_complete(name)) return "venue " + name + " has not told its symbols yet";
    return {};
  };
}

supervision::policy server::policy() const {
  const auto& s = options_.supervision;
  return {supervision::strategy::one_for_one, {s.restarts, s.period}, {s.backoff_first, s.backoff_max, 0.2}};
}

supervisor_options server::options_for(const std::string& name) {
  supervisor_options options;
  options.policy = policy();
  options.seed = started_ns_ ^ std::hash<std::string>{}(name);
  options.observe = [name](const std::string& what, const std::string& child, const std::string& why) {
    const bool is_bad = what == "down" && !why.empty();
    const auto at = what == "escalate" || what == "kill" ? telemetry::level::error
                    : is_bad                             ? telemetry::level::warning
                                                         : telemetry::level::debug;
    telemetry::log(at, "supervisor " + name, what + ' ' + child + (why.empty() ? "" : ": " + why));
  };
  return options;
}

child_spec server::feeds_spec() {
  std::vector<child_spec> children;
  for (auto& feed : feeds_)
    children.push_back({"feed-loop-" + std::to_string(feed->number),
                        [this, context = feed.get()] {
                          auto actor = strong(spawn_on(context->loop, feed_loop, context));
                          system_.registry().put(feed_registry_name(context->number), actor);
                          return actor;
                        },
                        supervision::restart::permanent, leaf_grace});
  return {"feeds",
          [this, children] { return strong(system_.spawn(supervisor, options_for("feeds"), children)); },
          supervision::restart::permanent, gateway_grace};
}

child_spec server::venue_spec(const placed_venue& venue) {
  auto* context = feeds_[venue.feed].get();
  auto* place = venue.place;
  const auto name = venue.setup->name;
  child_spec books{"books",
                   [this, context, place, name] {
                     std::vector<child_spec> known;
                     for (const auto id : place->instruments)
                       known.push_back({context->find(id)->instrument->symbol,
                                        [context, id] { return strong(spawn_on(context->loop, symbol_book, context, id)); },
                                        supervision::restart::transient, leaf_grace});
                     auto actor = spawn_on(context->loop, loop_supervisor, options_for(name + ".books"), std::move(known));
                     place->books = actor;
                     return strong(actor);
                   },
                   supervision::restart::permanent, gateway_grace};
  child_spec adapter{"adapter",
                     [context, place, setup = venue.setup] {
                       return strong(spawn_on(context->loop, venue_adapter, context, place, setup));
                     },
                     supervision::restart::permanent, leaf_grace};
  return {name,
          [this, context, name, children = std::vector<child_spec>{books, adapter}] {
            return strong(spawn_on(context->loop, loop_supervisor, options_for(name), children));
          },
          supervision::restart::permanent, gateway_grace};
}

child_spec server::venues_spec() {
  std::vector<child_spec> children;
  for (const auto& venue : venues_) children.push_back(venue_spec(venue));
  return {"venues",
          [this, children] { return strong(system_.spawn(supervisor, options_for("venues"), children)); },
          supervision::restart::permanent, gateway_grace};
}

child_spec server::gateway_spec() {
  std::vector<child_spec> children;
  std::vector<network_place> places;
  for (size_t i = 0; i < gateways_.size(); ++i) {
    auto* context = gateways_[i].get();
    const auto number = std::to_string(i);
    places.push_back({network_loops_[i].get(), sockets_[i].get()});
    children.push_back({"hub-" + number, [context] { return strong(spawn_on(context->loop, hub, context)); },
                        supervision::restart::permanent, leaf_grace});
  }
  for (auto& gateway : gateways_) {
    auto* context = gateway.get();
    children.push_back({"connections-" + std::to_string(context->number),
                        [context] { return strong(spawn_on(context->loop, connections, context)); },
                        supervision::restart::permanent, gateway_grace});
  }
  for (uint32_t i = 0; i < options_.listeners.size(); ++i) {
    const auto& configured = options_.listeners[i];
    listener_setup setup{configured.name, configured.address, configured.port, i, places};
    children.push_back({"listener-" + configured.name,
                        [setup] { return strong(spawn_on(*setup.loops.front().loop, listener, setup)); },
                        supervision::restart::permanent, leaf_grace});
  }
  return {"gateway",
          [this, children] { return strong(system_.spawn(supervisor, options_for("gateway"), children)); },
          supervision::restart::permanent, gateway_grace};
}

void server::start(std::function<void(const std::string&)> on_end) {
  for (size_t i = 0; i < feed_loops_.size(); ++i) feed_loops_[i]->start("tp.feed");
  for (size_t i = 0; i < network_loops_.size(); ++i) network_loops_[i]->start("tp.net");
  is_started_ = true;
  auto options = options_for("node");
  options.policy.limit = {0, options_.supervision.period}; // what reaches the root has been tried often enough
  node_ = system_.spawn(supervisor, std::move(options), std::vector<child_spec>{feeds_spec(), venues_spec(), gateway_spec()});
  node_->attach_functor([on_end = std::move(on_end)](const caf::error& why) { on_end(to_string(why)); });
}

bool server::stop(std::chrono::milliseconds budget) {
  if (!is_started_ || is_stopping_) return true;
  is_stopping_ = true;
  caf::anon_send_exit(node_, caf::exit_reason::user_shutdown);
  node_ = nullptr;
  // await_all_actors_done has no time limit of its own, so it gets a thread that can be left behind.
  struct waiting {
    std::mutex lock;
    std::condition_variable changed;
    bool is_done = false;
  };
  auto shared = std::make_shared<waiting>();
  std::thread waiter{[this, shared] {
    system_.await_all_actors_done();
    std::lock_guard guard{shared->lock};
    shared->is_done = true;
    shared->changed.notify_all();
  }};
  std::unique_lock guard{shared->lock};
  if (!shared->changed.wait_for(guard, budget, [&] { return shared->is_done; })) {
    telemetry::log(telemetry::level::error, "node",
                   std::to_string(system_.registry().running()) + " actors still live after the stop budget");
    waiter.detach();
    return false;
  }
  guard.unlock();
  waiter.join();
  for (auto& feed : feeds_) system_.registry().erase(feed_registry_name(feed->number));
  for (auto& loop : network_loops_) loop->stop();
  for (auto& loop : feed_loops_) loop->stop();
  return true;
}

} // namespace tickplant::actors
