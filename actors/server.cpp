#include "actors/server.hpp"

#include "actors/hub.hpp"
#include "actors/listener.hpp"
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
#include <mutex>
#include <thread>

namespace tickplant::actors {

namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
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

uint64_t to_ns(std::chrono::milliseconds time) {
  return static_cast<uint64_t>(time.count()) * 1'000'000;
}

// What a plugin complains of, with the place where the setting stands.
void add_complaints(const config::venue_options& venue, const std::vector<plugin::complaint>& complaints,
                    std::vector<config::fault>& faults) {
  for (const auto& complaint : complaints) {
    auto where = venue.where;
    for (const auto& setting : venue.settings)
      if (setting.key == complaint.key) where = setting.at;
    faults.push_back(
      {where, "venues." + venue.name + (complaint.key.empty() ? "" : "." + complaint.key), complaint.problem});
  }
}

} // namespace

system_config::system_config() {
  set("caf.scheduler.policy", "sharing");
}

void init_types() {
  caf::init_global_meta_objects<caf::id_block::tickplant>();
  caf::core::init_global_meta_objects();
}

server::server(caf::actor_system& system, config::server_options options, std::vector<std::string> plugin_folders)
  : system_(system), options_(std::move(options)) {
  setup_.seed = net::wall_now_ns();
  const auto& s = options_.supervision;
  setup_.policy = {supervision::strategy::one_for_one, {s.restarts, s.period}, {s.backoff_first, s.backoff_max, 0.2}};
  auto folders = options_.plugin_folders;
  folders.insert(folders.end(), plugin_folders.begin(), plugin_folders.end());
  plugin::registry plugins{std::move(folders)};
  make_loops();
  make_venues(plugins);
  make_routes();
  make_gateways(plugins);
  make_listeners();
}

server::~server() {
  if (is_started_ && !is_stopping_) stop(std::chrono::seconds{5});
}

void server::make_loops() {
  if (options_.network_loops == 0) options_.network_loops = std::max(1u, std::thread::hardware_concurrency() / 2);
  for (uint32_t i = 0; i < options_.feed_loops; ++i) {
    auto& loop = *feed_loops_.emplace_back(std::make_unique<net_loop>(system_));
    auto& context = *feeds_.emplace_back(std::make_unique<feed_context>(loop, i, options_.feed_loops, setup_.seed));
    loop.at_turn_end([&context] { context.publish(); });
    setup_.feeds.push_back(&context);
  }
  for (uint32_t i = 0; i < options_.network_loops; ++i) network_loops_.push_back(std::make_unique<net_loop>(system_));
}

void server::make_venues(plugin::registry& plugins) {
  std::vector<config::fault> faults;
  for (size_t i = 0; i < options_.venues.size(); ++i) {
    const auto& venue = options_.venues[i];
    auto setup = std::make_shared<venue_setup>(
      venue_setup{upper(venue.name), plugins.venue(venue.plugin), config::pairs_of(venue.settings), venue.symbols, {}});
    const auto complaints =
      plugin::venue_host::validate(setup->plugin, setup->settings, to_log("venue " + setup->name));
    add_complaints(venue, complaints, faults);
    const size_t feed = i % feeds_.size();
    auto* events = &feed_loops_[feed]->events();
    setup->open_world = [events](plugin::venue_sink& sink, world_hooks hooks) {
      net::venue_lines_options lines;
      lines.log = std::move(hooks.log);
      lines.on_fault = std::move(hooks.on_fault);
      lines.after_delivery = std::move(hooks.after_delivery);
      return std::make_unique<net::venue_lines>(*events, sink, std::move(lines));
    };
    setup_.venues.push_back({setup, feeds_[feed].get(), &feeds_[feed]->add_venue(setup->name)});
  }
  if (!faults.empty()) throw config::config_fault{std::move(faults)};
}

void server::make_routes() {
  for (const auto& listener : options_.listeners) {
    listener_routes routes{listener.name, {listener.routes.begin(), listener.routes.end()}, nullptr};
    if (!listener.page.empty())
      routes.page = std::make_shared<const net::static_files>(net::static_files::load(listener.page));
    routes_.push_back(std::move(routes));
  }
}

void server::make_gateways(plugin::registry& plugins) {
  std::vector<std::string> names;
  for (const auto& venue : setup_.venues) names.push_back(venue.setup->name);
  const auto& limits = options_.limits;
  fanout::session_limits of_session;
  of_session.max_symbols = limits.max_symbols;
  of_session.max_depth = limits.max_depth;
  of_session.max_message = limits.message_bytes;
  of_session.heartbeat_ms = static_cast<uint32_t>(limits.ping_interval.count());
  net::client_options clients;
  clients.max_clients = limits.clients;
  clients.message_limit = limits.message_bytes;
  clients.handshake_ns = to_ns(limits.handshake);
  clients.ping_interval_ns = to_ns(limits.ping_interval);
  clients.pong_wait_ns = to_ns(limits.pong_wait);
  clients.stall_ns = to_ns(limits.stall);
  for (uint32_t i = 0; i < options_.network_loops; ++i) {
    auto& loop = *network_loops_[i];
    auto& gateway =
      *gateways_.emplace_back(std::make_unique<gateway_context>(loop, i, options_.feed_loops, names, of_session));
    make_dialects(plugins, gateway);
    sockets_.push_back(
      std::make_unique<gateway_sockets>(loop.events(), gateway, clients, routes_, readiness_of(gateway)));
    loop.at_turn_end([&gateway] { gateway.end_turn(); });
    setup_.gateways.push_back(&gateway);
  }
}

void server::make_dialects(plugin::registry& plugins, gateway_context& gateway) {
  for (const auto& listener : options_.listeners) {
    for (const auto& [path, name] : listener.routes) {
      if (gateway.find_dialect(name)) continue;
      auto place = std::make_unique<dialect_place>();
      place->name = name;
      const auto component = "dialect " + name;
      place->host =
        std::make_unique<plugin::dialect_host>(plugins.dialect(name), plugin::settings_list{}, to_log(component));
      if (!place->host->create()) {
        auto why = component + ": ";
        why += place->host->why_broken();
        why += ' ' + to_text(place->host->complaints());
        throw plugin::plugin_fault{why};
      }
      place->print = std::make_unique<fanout::printer>(*place->host);
      gateway.dialects.push_back(std::move(place));
    }
  }
}

void server::make_listeners() {
  std::vector<network_place> places;
  for (size_t i = 0; i < sockets_.size(); ++i) places.push_back({network_loops_[i].get(), sockets_[i].get()});
  for (uint32_t i = 0; i < options_.listeners.size(); ++i) {
    const auto& configured = options_.listeners[i];
    const listener_setup setup{configured.name, configured.address, configured.port, i, places};
    setup_.listeners.push_back(
      {"listener-" + configured.name,
       [setup] { return caf::actor_cast<caf::strong_actor_ptr>(spawn_on(*setup.loops.front().loop, listener, setup)); },
       supervision::restart::permanent, std::chrono::seconds{2}});
  }
}

// Runs on the gateway's loop, which has its own copy of the directory.
readiness server::readiness_of(const gateway_context& gateway) const {
  std::vector<std::string> required;
  for (size_t i = 0; i < options_.venues.size(); ++i)
    if (options_.venues[i].required) required.push_back(setup_.venues[i].setup->name);
  return [required, &gateway]() -> std::string {
    if (!gateway.connections) return "starting or leaving";
    for (const auto& name : required)
      if (!gateway.names.is_complete(name)) return "venue " + name + " has not told its symbols yet";
    return {};
  };
}

void server::start(std::function<void(const std::string&)> on_end) {
  for (auto& loop : feed_loops_) loop->start("tp.feed");
  for (auto& loop : network_loops_) loop->start("tp.net");
  is_started_ = true;
  node_ = start_node(system_, setup_);
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
