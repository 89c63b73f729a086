// What the server tells the admin API, and does for it. All of it runs on the admin loop and waits for nobody.
#include "actors/admin.hpp"
#include "actors/atoms.hpp"
#include "actors/server.hpp"
#include "runtime/telemetry/log.hpp"
#include "runtime/telemetry/metrics.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_registry.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

namespace tickplant::actors {

namespace {

constexpr auto refresh_every = std::chrono::milliseconds{200};

admin::reload_outcome to_outcome(const reload_report& report) {
  return {std::string{name_of(report.what)}, report.plan, report.reason};
}

/// Asks the configuration watcher for one thing and brings its report to `done`, whatever becomes of it.
template <class... Words>
void ask_watcher(caf::actor_system& system, admin_services::reload_done done, Words... words) {
  const auto found = system.registry().get<caf::strong_actor_ptr>(config_watcher_name);
  if (!found) return done({"refused", {}, "the configuration watcher is being restarted; try again"});
  system.spawn([watcher = caf::actor_cast<config_watcher_actor>(found), done = std::move(done),
                words...](caf::event_based_actor* self) {
    self->request(watcher, admin_reload_time, words...)
      .then([done](const reload_report& report) { done(to_outcome(report)); },
            [done](const caf::error& fault) {
              done({"refused", {}, "no answer in time: " + to_string(fault)});
            });
  });
}

std::string upper_kind(uint32_t kind) {
  return std::string{plugin::kind_name(kind)};
}

} // namespace

// Each loop tells for itself now and then, so that a question about health waits for no loop.
void server::keep_ready_board(size_t number) {
  auto* gateway = gateways_[number].get();
  readiness_board::entry now;
  now.why_not = readiness_of(*gateway)();
  for (const auto& venue : gateway->names.venues()) now.venues.emplace_back(venue, gateway->names.is_complete(venue));
  board_->write(number, std::move(now));
  // What the log's limit left out is told also when nothing is logged any more.
  if (number == 0 && ++refreshes_ % 5 == 0) telemetry::flush_log();
  network_loops_[number]->after(refresh_every, [this, number] { keep_ready_board(number); });
}

admin::health_view server::health() const {
  const auto now = board_->read();
  const auto settings = options();
  admin::health_view view;
  view.node = settings.node_name;
  view.version = TP_VERSION;
  view.is_draining = is_draining_;
  view.why_not = is_stopping_ ? "leaving" : now.why_not; // the loops write theirs now and then
  view.is_ready = view.why_not.empty();
  view.started = setup_.seed;
  for (const auto& venue : settings.venues) {
    admin::venue_health row;
    row.name = shown_name(venue.name);
    row.is_required = venue.required;
    for (const auto& [name, is_complete] : now.venues)
      if (name == row.name) row.is_ready = is_complete;
    view.venues.push_back(std::move(row));
  }
  return view;
}

admin::config_view server::config_now() const {
  const auto settings = options();
  admin::config_view view;
  view.files = settings.files;
  for (const auto& setting : config::effective_settings(settings))
    view.text += setting.path + ": " + setting.value + (setting.is_default ? "  # default\n" : "\n");
  const auto h = history();
  view.reload.attempts = h.attempts;
  view.reload.applied = h.applied;
  view.reload.refused = h.refused;
  view.reload.rolled_back = h.rolled_back;
  view.reload.last_time = h.last_ns;
  view.reload.last_result = h.last_result;
  view.reload.last_reason = h.last_reason;
  return view;
}

std::string server::set_log_level(const std::string& component, const std::string& level) {
  telemetry::level at{};
  if (!telemetry::parse_level(level, at)) return "'" + level + "' is no level; debug, info, warning, error, off are";
  auto wanted = logging_of(options());
  if (component.empty())
    wanted.at = at;
  else
    std::erase_if(wanted.components, [&](const auto& c) { return c.component == component; });
  if (!component.empty()) wanted.components.push_back({component, at});
  telemetry::configure_log(wanted);
  telemetry::audit("admin", "log level of '" + component + "' is " + level + " until the next reload");
  return {};
}

void server::add_metrics(telemetry::metrics_text& text) const {
  namespace metric = telemetry::metric;
  const auto logins = desk_->counts();
  text.add(metric::auth_checked, logins.submitted);
  text.add(metric::auth_accepted, logins.accepted);
  for (const auto& [code, count] : logins.refused)
    text.add(metric::auth_refused, {{"code", std::to_string(code)}}, count);
  text.add(metric::auth_queue, uint64_t{logins.open});
  text.add(metric::auth_overflow, logins.turned_away);
  const auto spans = tracer_->counters();
  text.add(metric::trace_recorded, spans.recorded);
  text.add(metric::trace_exported, spans.exported);
  text.add(metric::trace_dropped, {{"reason", "queue"}}, spans.dropped_queue);
  text.add(metric::trace_dropped, {{"reason", "export"}}, spans.failed_export);
  text.add(metric::trace_dropped, {{"reason", "rejected"}}, spans.rejected);
  text.add(metric::config_last_success, static_cast<double>(history().last_applied_ns) / 1e9);
}

admin_services server::services() {
  admin_services made;
  made.node = [this] { return system_.registry().get<caf::strong_actor_ptr>(node_name); };
  made.access = [this] {
    const auto settings = options();
    return admin::access_rules{settings.admin.token, settings.admin.allow_kill};
  };
  made.health = [this] { return health(); };
  made.reload = [this](bool is_dry_run, admin_services::reload_done done) {
    ask_watcher(system_, std::move(done), atom::reload_v, std::string{"admin"}, is_dry_run);
  };
  made.rollback = [this](admin_services::reload_done done) { ask_watcher(system_, std::move(done), atom::rollback_v); };
  made.config = [this] { return config_now(); };
  made.plugins = [this] {
    std::vector<admin::plugin_row> rows;
    for (const auto& p : plugins())
      rows.push_back({upper_kind(p.kind), p.name, p.version, p.build_id,
                      std::to_string(TP_ABI_MAJOR) + '.' + std::to_string(p.abi_minor), p.file.path, p.file.sha256});
    return rows;
  };
  made.drain = [this] {
    drain();
    return std::string{};
  };
  made.set_log_level = [this](const std::string& component, const std::string& level) {
    return set_log_level(component, level);
  };
  made.add_metrics = [this](telemetry::metrics_text& text) { add_metrics(text); };
  return made;
}

// What sockets do not know of a client. On the client's loop.
void server::describe(const gateway_context& gateway, fanout::client_key key, admin::client_row& row) {
  if (key.index >= gateway.clients.size()) return;
  const auto& place = gateway.clients[key.index];
  if (!place.connection || place.key != key) return;
  row.dialect = place.dialect->name;
  row.since = place.since_ns;
  row.messages = place.messages;
  row.is_tls = place.is_tls;
  row.is_compressed = place.is_compressed;
  if (!place.who) return;
  row.subject = place.who->subject;
  row.tier = place.who->tier;
}

void server::make_admin() {
  admin_setup setup;
  if (options_.admin.is_on) setup.address = options_.admin.address;
  setup.port = options_.admin.port;
  for (size_t i = 0; i < gateways_.size(); ++i) {
    auto* gateway = gateways_[i].get();
    auto* sockets = sockets_[i].get();
    auto view = view_of(
      *gateway, &sockets->set(), [sockets](uint32_t number) { return sockets->listener_name(number); },
      [gateway](fanout::client_key key, admin::client_row& row) { describe(*gateway, key, row); });
    view.counts = [plain = view.counts, sockets, gateway] {
      auto counts = plain();
      const auto& gate = sockets->counters();
      counts.refused = {{"origin", gate.origin_refused},
                        {"login", gate.login_refused},
                        {"login_overload", gate.login_overload},
                        {"compressed", gate.unpack_refused},
                        {"message_rate", gateway->counts.messages_dropped},
                        {"rate_exceeded", gateway->counts.rate_closed},
                        {"idle", gateway->counts.idle_closed}};
      return counts;
    };
    setup.networks.push_back(std::move(view));
    // `/metrics` of a listener: the admin actor gathers, its answer comes back to the listener's loop.
    sockets->set_metrics([this, sockets, loop = network_loops_[i].get()](net::client_ref client) {
      const auto found = system_.registry().get<caf::strong_actor_ptr>(admin_name);
      if (!found) return false;
      ask_metrics(caf::actor_cast<admin_actor>(found), [sockets, loop, client](std::string text) {
        loop->post([sockets, client, text = std::move(text)]() mutable {
          auto response = net::http_response::text(200, std::move(text));
          response.content_type = telemetry::metrics_content_type;
          sockets->set().answer_http(client, std::move(response));
        });
      });
      return true;
    });
  }
  for (const auto& feed : feeds_) setup.feeds.push_back(view_of(*feed));
  setup.services = services();
  setup_.views.push_back({"admin",
                          [this, setup = std::move(setup)] {
                            auto actor =
                              caf::actor_cast<caf::strong_actor_ptr>(spawn_on(*admin_loop_, admin_server, setup));
                            system_.registry().erase(admin_name); // `put` keeps an entry that is there
                            system_.registry().put(admin_name, actor);
                            return actor;
                          },
                          supervision::restart::permanent, std::chrono::seconds{2}});
}

} // namespace tickplant::actors
