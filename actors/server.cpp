#include "actors/server.hpp"

#include "actors/atoms.hpp"
#include "actors/hub.hpp"
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

std::vector<std::string> joined(std::vector<std::string> first, const std::vector<std::string>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

} // namespace

system_config::system_config() {
  set("caf.scheduler.policy", "sharing");
}

void init_types() {
  caf::init_global_meta_objects<caf::id_block::tickplant>();
  caf::core::init_global_meta_objects();
}

telemetry::tracer_options tracing_of(const config::server_options& options) {
  telemetry::tracer_options made;
  const auto& wanted = options.telemetry;
  made.otlp = wanted.otlp;
  made.service = wanted.service;
  made.node = options.node_name;
  made.version = TP_VERSION;
  made.sample = wanted.sample;
  made.slow_ns = static_cast<uint64_t>(wanted.slow.count());
  made.queue = wanted.queue;
  made.timeout = wanted.timeout;
  return made;
}

telemetry::log_options logging_of(const config::server_options& options) {
  telemetry::log_options made;
  telemetry::parse_level(options.log.level, made.at);
  made.format = options.log.format == "json" ? telemetry::log_format::json : telemetry::log_format::text;
  for (const auto& [component, level] : options.log.levels) {
    telemetry::component_level one{component, telemetry::level::info};
    telemetry::parse_level(level, one.at);
    made.components.push_back(std::move(one));
  }
  made.rate = options.log.rate;
  return made;
}

server::server(caf::actor_system& system, config::load_request request, config::server_options options,
               std::vector<std::string> plugin_folders)
  : system_(system), request_(std::move(request)), options_(std::move(options)),
    tracer_(std::make_unique<telemetry::tracer>(tracing_of(options_))),
    assembly_(joined(options_.plugin_folders, plugin_folders)), history_(std::make_shared<reload_record>()) {
  telemetry::configure_log(logging_of(options_));
  setup_.seed = net::wall_now_ns();
  setup_.tracer = tracer_.get();
  const auto& s = options_.supervision;
  setup_.policy = {supervision::strategy::one_for_one, {s.restarts, s.period}, {s.backoff_first, s.backoff_max, 0.2}};
  if (options_.network_loops == 0) options_.network_loops = std::max(1u, std::thread::hardware_concurrency() / 2);
  policy::auth_desk_options desk;
  desk.threads = options_.limits.auth_workers;
  desk.most_open = options_.limits.auth_queue;
  desk_ = std::make_unique<policy::auth_desk>(desk);
  assembly_.check_venues(options_.venues);
  auth_ = assembly_.auth(options_, nullptr, {});
  make_loops();
  make_venues();
  make_consolidation();
  make_gateways();
  plugins_ = assembly_.plugins().loaded();
}

server::~server() {
  if (is_started_ && !is_stopping_) stop(std::chrono::seconds{5});
}

void server::make_loops() {
  admin_loop_ = std::make_unique<net_loop>(system_);
  board_ = std::make_unique<readiness_board>(options_.network_loops);
  for (uint32_t i = 0; i < options_.network_loops; ++i) network_loops_.push_back(std::make_unique<net_loop>(system_));
  for (uint32_t i = 0; i < options_.feed_loops; ++i) feed_loops_.push_back(std::make_unique<net_loop>(system_));
  // Without loops of their own, venues live beside the clients of the first network loop.
  const uint32_t feeds = std::max(options_.feed_loops, 1u);
  for (uint32_t i = 0; i < feeds; ++i) {
    auto& loop = options_.feed_loops == 0 ? *network_loops_.front() : *feed_loops_[i];
    auto& context = *feeds_.emplace_back(std::make_unique<feed_context>(loop, i, feeds, setup_.seed));
    context.tracing.tracer = tracer_.get();
    loop.at_turn_end([&context] { context.publish(); });
    setup_.feeds.push_back(&context);
    feed_homes_.push_back(&loop);
  }
}

void server::make_venues() {
  for (size_t i = 0; i < options_.venues.size(); ++i) {
    const size_t feed = i % feeds_.size();
    auto setup = assembly_.venue(options_.venues[i], &feed_homes_[feed]->events());
    auto& place = feeds_[feed]->add_venue(setup->name);
    setup_.venues.push_back({std::move(setup), feeds_[feed].get(), &place});
  }
}

void server::make_consolidation() {
  if (!options_.consolidation.enabled) return;
  consolidation_ =
    std::make_unique<consolidation_context>(*feeds_.front(), feed_count(), assembly::consolidation_rules(options_));
  setup_.consolidation = consolidation_.get();
}

void server::make_gateways() {
  std::vector<std::string> names;
  for (const auto& venue : setup_.venues) names.push_back(venue.setup->name);
  if (consolidation_) names.emplace_back(consolidation::venue_name);
  const auto settings = assembly_.settings(options_);
  for (const auto& listener : options_.listeners) {
    number_of(listener.name);
    rules_.push_back(assembly_.rules(listener, auth_));
  }
  for (uint32_t i = 0; i < options_.network_loops; ++i) {
    auto& loop = *network_loops_[i];
    auto& gateway = *gateways_.emplace_back(std::make_unique<gateway_context>(loop, i, feed_count(), names, settings));
    gateway.desk = desk_.get();
    gateway.principals = &principals_;
    gateway.tracing.tracer = tracer_.get();
    gateway.dialects = assembly_.dialects(options_, nullptr);
    gateway.compressions = assembly_.compressions(options_);
    auto& sockets = *sockets_.emplace_back(
      std::make_unique<gateway_sockets>(loop.events(), gateway, settings->clients, readiness_of(gateway)));
    for (uint32_t n = 0; n < rules_.size(); ++n) sockets.set_rules(n, rules_[n]);
    loop.at_turn_end([&gateway] { gateway.end_turn(); });
    setup_.gateways.push_back(&gateway);
  }
}

uint32_t server::number_of(const std::string& listener) {
  const auto found = std::find(listener_names_.begin(), listener_names_.end(), listener);
  if (found != listener_names_.end()) return static_cast<uint32_t>(found - listener_names_.begin());
  listener_names_.push_back(listener);
  return static_cast<uint32_t>(listener_names_.size() - 1);
}

std::vector<network_place> server::network_places() {
  std::vector<network_place> places;
  for (size_t i = 0; i < sockets_.size(); ++i) places.push_back({network_loops_[i].get(), sockets_[i].get()});
  return places;
}

listener_setup server::listener_of(const config::listener_options& options, net::listening_socket socket) {
  auto bound = std::make_shared<std::optional<net::listening_socket>>();
  bound->emplace(std::move(socket));
  return {options.name, options.address, options.port, number_of(options.name), network_places(), std::move(bound)};
}

void server::make_listeners() {
  for (const auto& listener : options_.listeners) {
    try {
      setup_.listeners.push_back(listener_child(listener_of(listener, {listener.address, listener.port})));
    } catch (const std::exception& fault) {
      throw std::runtime_error("listener " + listener.name + ": " + fault.what());
    }
  }
  // Whether the admin port can be had is known before anything starts; its actor binds it by itself.
  if (!options_.admin.is_on || options_.admin.port == 0) return;
  try {
    const net::listening_socket probe{options_.admin.address, options_.admin.port};
  } catch (const std::exception& fault) {
    throw std::runtime_error(std::string{"admin.bind: "} + fault.what());
  }
}

// Runs on the gateway's loop, which has its own copy of the directory.
readiness server::readiness_of(gateway_context& gateway) const {
  return [this, &gateway]() -> std::string {
    if (is_stopping_) return "leaving";
    if (is_draining_) return "draining";
    if (!gateway.connections) return "starting or leaving";
    for (const auto& name : gateway.settings->required)
      if (!gateway.names.is_complete(name)) return "venue " + name + " has not told its symbols yet";
    return {};
  };
}

void server::start(std::function<void(const std::string&)> on_end) {
  make_listeners();
  auto* home = options_.watch ? network_loops_.front().get() : nullptr;
  setup_.services.push_back({"config_watcher",
                             [this, home] {
                               return caf::actor_cast<caf::strong_actor_ptr>(
                                 system_.spawn<caf::detached>(config_watcher, this, history_, home));
                             },
                             supervision::restart::permanent, std::chrono::seconds{2}});
  make_admin();
  admin_loop_->start("tp.admin");
  for (auto& loop : feed_loops_) loop->start("tp.feed");
  for (auto& loop : network_loops_) loop->start("tp.net");
  is_started_ = true;
  for (size_t i = 0; i < gateways_.size(); ++i) network_loops_[i]->post([this, i] { keep_ready_board(i); });
  node_ = start_node(system_, setup_);
  system_.registry().put(node_name, caf::actor_cast<caf::strong_actor_ptr>(node_));
  node_->attach_functor([on_end = std::move(on_end)](const caf::error& why) { on_end(to_string(why)); });
}

bool server::stop(std::chrono::milliseconds budget) {
  if (!is_started_ || is_stopping_) return true;
  is_stopping_ = true;
  for (size_t i = 0; i < sockets_.size(); ++i) // who comes before the listeners close is told why it is not let in
    network_loops_[i]->post([sockets = sockets_[i].get()] { sockets->set().begin_drain(); });
  caf::anon_send_exit(node_, caf::exit_reason::user_shutdown);
  node_ = nullptr;
  // await_all_actors_done has no time limit of its own, so it gets a thread that can be left behind.
  struct waiting {
    std::mutex lock;
    std::condition_variable changed;
    bool is_done = false;
  };
  auto shared = std::make_shared<waiting>();
  for (const auto* name : {node_name, admin_name, config_watcher_name}) system_.registry().erase(name);
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
  desk_->stop(); // its last answers are posted to loops that still run
  for (auto& loop : network_loops_) loop->stop();
  for (auto& loop : feed_loops_) loop->stop();
  admin_loop_->stop();
  telemetry::flush_log();
  return true;
}

void server::ask_reload(const std::string& cause) {
  const auto found = system_.registry().get<caf::strong_actor_ptr>(config_watcher_name);
  if (found) caf::anon_send(caf::actor_cast<config_watcher_actor>(found), atom::reload_v, cause, false);
}

void server::drain() {
  if (is_draining_.exchange(true)) return;
  telemetry::log(telemetry::level::info, "node", "draining: no new clients, those that are here are sent away");
  for (size_t i = 0; i < sockets_.size(); ++i)
    network_loops_[i]->post([sockets = sockets_[i].get()] {
      sockets->set().begin_drain();
      sockets->context().send_away();
    });
}

config::server_options server::options() const {
  std::lock_guard guard{options_lock_};
  return options_;
}

std::vector<plugin::plugin_info> server::plugins() const {
  std::lock_guard guard{options_lock_};
  return plugins_;
}

reload_history server::history() const {
  return history_->copy();
}

} // namespace tickplant::actors
