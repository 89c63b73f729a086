// The actor of the admin API. It lives on a loop of its own with its own sockets, so that a question never waits behind
// data; it asks the other actors by request and the other loops by posted calls, each with a time limit, and answers
// with what came in time. What only the server knows comes by admin_services.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/loop.hpp"
#include "actors/loop_views.hpp"
#include "runtime/telemetry/metrics.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace tickplant::actors {

/// How long an actor, loop or service may take to answer; who does not is shown as "no answer".
inline constexpr auto admin_answer_time = std::chrono::seconds{2};
/// A reload loads plugins and waits for steps of others.
inline constexpr auto admin_reload_time = std::chrono::seconds{9};

/// What the server does for the admin API. All are called on the admin loop and must not block; `done` may be called on
/// any thread, once, also from inside the call. An empty function is answered 501.
struct admin_services {
  using reload_done = std::function<void(admin::reload_outcome)>;
  std::function<caf::strong_actor_ptr()> node; // root of the tree; null: it has ended
  std::function<admin::access_rules()> access;
  std::function<admin::health_view()> health; // without `state` of the venues
  std::function<void(bool is_dry_run, reload_done done)> reload;
  std::function<void(reload_done done)> rollback;
  std::function<admin::config_view()> config;
  std::function<std::vector<admin::plugin_row>()> plugins;
  /// Both answer why not; empty: done.
  std::function<std::string()> drain;
  std::function<std::string(const std::string& component, const std::string& level)> set_log_level;
  /// Adds what the server counts beside loops, venues and sockets: auth, traces, latencies. May be empty.
  std::function<void(telemetry::metrics_text&)> add_metrics;
};

struct admin_setup {
  std::string address; // empty: no port, only listeners with /metrics ask
  uint16_t port = 0;
  std::vector<network_view> networks;
  std::vector<feed_view> feeds;
  admin_services services;
};

class inquiry;
class admin_sockets;

struct admin_state {
  static inline const char* name = "tp.admin";
  admin_setup setup;
  std::shared_ptr<admin_sockets> sockets; // null without a port
  std::set<std::shared_ptr<inquiry>> inquiries;
  /// Runs a call as a handler of this actor, soon; any thread.
  std::function<void(std::function<void()>)> tell;
  admin_state();
  ~admin_state();
};

using admin_pointer = loop_pointer<admin_actor, admin_state>;

/// The port, if there is one, needs a net_loop. Ends with an error that names address and cause if it cannot be had.
admin_actor::behavior_type admin_server(admin_pointer self, admin_setup setup);

/// Text for a listener that serves /metrics; `done` is called on the admin loop, unless the actor dies before.
void ask_metrics(const admin_actor& admin, std::function<void(std::string)> done);

} // namespace tickplant::actors
