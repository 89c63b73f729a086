#include "actors/admin.hpp"

#include "actors/admin_rows.hpp"
#include "actors/admin_sockets.hpp"
#include "actors/admin_tree.hpp"
#include "actors/atoms.hpp"
#include "actors/inquiry.hpp"
#include "actors/metrics.hpp"
#include "runtime/telemetry/log.hpp"
#include "runtime/telemetry/process.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace tickplant::actors {

namespace {

using reply = admin_reply;

bool everything(const found_actor&) {
  return true;
}

// Down to the adapters, and past what may have thousands of children.
bool branches_alone(const found_actor& at) {
  return at.row.id != "books" && at.row.kind != "tp.connections";
}

bool venues_alone(const found_actor& at) {
  return at.depth == 0 || (at.depth == 1 && at.row.id == "venues") || (at.depth == 2 && at.row.id != "books");
}

admin::answer no_tree() {
  return admin::refuse(503, "there is no actor tree",
                       "the server is starting or stopping: ask again, or look at its log");
}

admin::answer not_served(std::string_view what) {
  return admin::refuse(501, "this server has no " + std::string{what}, "use a server that was built with it");
}

void with_venues(admin_pointer self, std::function<void(venue_rows)> done) { // null: no tree
  walk_tree(self, UINT32_MAX, venues_alone, [self, done = std::move(done)](const found_tree& tree) {
    if (!tree) return done(nullptr);
    auto rows = std::make_shared<venue_rows>();
    inquiry::start(
      self, [&](inquiry& by) { *rows = ask_venues(by, *tree, self->loop().wall_ns()); }, [rows, done] { done(*rows); });
  });
}

void show_tree(admin_pointer self, uint32_t limit, const reply& to) {
  walk_tree(self, limit, everything, [self, to](const found_tree& tree) {
    if (!tree) return to(no_tree());
    count_mailboxes(self, tree, [tree, to] { to(admin::answer::json(admin::to_json(row_of(*tree)))); });
  });
}

void show_venues(admin_pointer self, const std::string& name, const reply& to) {
  with_venues(self, [name, to](const venue_rows& rows) {
    if (!rows) return to(no_tree());
    if (name.empty()) return to(admin::answer::json(admin::to_json(*rows)));
    std::string known;
    for (const auto& row : *rows) {
      if (row.name == name) return to(admin::answer::json(admin::to_json(row)));
      known += (known.empty() ? "" : ", ") + row.name;
    }
    to(admin::refuse(404, "there is no venue '" + name + "'", "there is: " + known));
  });
}

void show_health(admin_pointer self, const reply& to) {
  if (!self->state.setup.services.health) return to(not_served("health"));
  with_venues(self, [self, to](const venue_rows& rows) {
    auto health = self->state.setup.services.health();
    for (auto& venue : health.venues) {
      venue.state = name_of(admin::state::stopped);
      if (!rows) continue;
      for (const auto& row : *rows)
        if (row.name == venue.name) venue.state = row.state;
    }
    to(admin::answer::json(admin::to_json(health)));
  });
}

void show_readiness(admin_pointer self, const reply& to) {
  if (!self->state.setup.services.health) return to(not_served("health"));
  const auto health = self->state.setup.services.health();
  to(health.is_ready ? admin::answer::text("ready\n") : admin::answer::text(health.why_not + '\n', 503));
}

void answer_outcome(const admin::reload_outcome& outcome, const reply& to) {
  const uint16_t status = outcome.is_good() ? 200 : outcome.result == "rolled back" ? 500 : 422;
  to(admin::answer::json(admin::to_json(outcome), status));
}

// A reload, a dry run or a rollback: the server calls back when it is over.
void change_config(admin_pointer self, std::function<void(admin_services::reload_done)> call, const reply& to) {
  inquiry::start(
    self,
    [&](inquiry& by) {
      by.wait<admin::reload_outcome>(
        call, [to](const admin::reload_outcome& outcome) { answer_outcome(outcome, to); },
        [to] {
          to(admin::refuse(504, "the server did not say in time what came of it",
                           "it may still be at work: look at GET /admin/config and the log"));
        },
        admin_reload_time);
    },
    [] {});
}

void reload(admin_pointer self, bool is_dry_run, const reply& to) {
  const auto& call = self->state.setup.services.reload;
  if (!call) return to(not_served("reload"));
  change_config(
    self, [call, is_dry_run](admin_services::reload_done done) { call(is_dry_run, std::move(done)); }, to);
}

void roll_back(admin_pointer self, const reply& to) {
  const auto& call = self->state.setup.services.rollback;
  if (!call) return to(not_served("rollback"));
  change_config(self, call, to);
}

void answer_done(const std::string& why_not, std::string_view done, std::string_view what_to_do, const reply& to) {
  to(why_not.empty() ? admin::answer::json(admin::to_json(admin::reload_outcome{std::string{done}, {}, {}}))
                     : admin::refuse(409, why_not, what_to_do));
}

void kill(admin_pointer self, const std::string& path, const reply& to) {
  find_actor(self, path, [path, to](const caf::strong_actor_ptr& victim, const std::string& why) {
    if (!victim) return to(admin::refuse(404, "no actor is killed: " + why, "look at GET /admin/tree for the paths"));
    telemetry::audit("admin", "killed " + path);
    // The supervisor gets a down message with this reason, as for any other death.
    caf::anon_send_exit(victim, caf::exit_reason::kill);
    answer_done({}, "killed", {}, to);
  });
}

// What a child is, from the place where it stands: it has no actor to ask while it waits for its restart.
std::string kind_of_child(const found_actor& parent, const std::string& id) {
  return parent.row.id == "venues" ? "venue" : id.substr(0, id.find('-'));
}

void count_children(const found_actor& at, std::map<std::string, child_figures>& by_kind) {
  for (const auto& child : at.children) {
    auto& kind = by_kind[kind_of_child(at, child->row.id)];
    kind.children += child->actor ? 1 : 0;
    kind.restarts += child->row.restarts;
    count_children(*child, by_kind);
  }
}

void ask_loops(inquiry& by, const admin_setup& setup, const std::shared_ptr<figures>& seen) {
  for (const auto& feed : setup.feeds) {
    seen->loops[feed.name] = figures_of(*feed.loop);
    by.look<feed_counts>(*feed.loop, feed.counts,
                         [seen, name = feed.name](const feed_counts& counts) { seen->feeds[name] = counts; }, {});
  }
  for (const auto& network : setup.networks) {
    seen->loops[network.name] = figures_of(*network.loop);
    by.look<network_counts>(
      *network.loop, network.counts,
      [seen, name = network.name](const network_counts& counts) { seen->networks[name] = counts; }, {});
  }
}

void show_metrics(admin_pointer self, const reply& to) {
  walk_tree(self, UINT32_MAX, branches_alone, [self, to](const found_tree& tree) {
    auto seen = std::make_shared<figures>();
    auto venues = std::make_shared<venue_rows>();
    inquiry::start(
      self,
      [&](inquiry& by) {
        ask_loops(by, self->state.setup, seen);
        if (tree) count_children(*tree, seen->children);
        if (tree) *venues = ask_venues(by, *tree, self->loop().wall_ns());
      },
      [self, seen, venues, to] {
        const auto& services = self->state.setup.services;
        if (*venues) seen->venues = **venues;
        if (services.health) seen->is_ready = services.health().is_ready;
        if (services.config) seen->reload = services.config().reload;
        seen->loops["admin"] = figures_of(self->loop());
        telemetry::metrics_text text;
        add_figures(text, *seen);
        telemetry::add_process(text, telemetry::read_process(), TP_VERSION);
        add_log(text);
        if (services.add_metrics) services.add_metrics(text);
        to({200, std::string{telemetry::metrics_content_type}, text.text() + caf_metrics(self->system()), {}});
      });
  });
}

bool is_change(admin::verb what) {
  using admin::verb;
  return what == verb::reload || what == verb::rollback || what == verb::drain || what == verb::set_log ||
         what == verb::kill || what == verb::retry || what == verb::use_lines;
}

void answer_query(admin_pointer self, const admin_query& query) {
  using admin::verb;
  const auto& c = query.wanted;
  const auto& to = query.reply;
  const auto& services = self->state.setup.services;
  if (is_change(c.what))
    telemetry::audit("admin", query.peer + " asks for " + std::string{name_of(c.what)} +
                                (c.is_dry_run ? " (dry run)" : "") + (c.name.empty() ? "" : ' ' + c.name) +
                                (c.level.empty() ? "" : ' ' + c.level) + (c.group.empty() ? "" : ' ' + c.group));
  switch (c.what) {
    case verb::tree: return show_tree(self, c.limit, to);
    case verb::venues: return show_venues(self, c.name, to);
    case verb::clients: return show_clients(self, c.only_slow, c.limit, to);
    case verb::subscriptions: return show_subscriptions(self, c.name, to);
    case verb::plugins:
      return to(services.plugins ? admin::answer::json(admin::to_json(services.plugins()))
                                 : not_served("list of plugins"));
    case verb::config:
      return to(services.config ? admin::answer::json(admin::to_json(services.config())) : not_served("configuration"));
    case verb::config_diff: return reload(self, true, to);
    case verb::health: return show_health(self, to);
    case verb::reload: return reload(self, c.is_dry_run, to);
    case verb::rollback: return roll_back(self, to);
    case verb::drain:
      if (!services.drain) return to(not_served("drain"));
      return answer_done(services.drain(), "draining", "wait for the drain that is under way", to);
    case verb::set_log:
      if (!services.set_log_level) return to(not_served("log levels"));
      return answer_done(services.set_log_level(c.name, c.level), "applied", "give debug, info, warning, error or off",
                         to);
    case verb::kill: return kill(self, c.name, to);
    case verb::retry: return retry_venue(self, c.name, to);
    case verb::use_lines: return use_lines(self, c.name, c.group, to);
    case verb::live: return to(admin::answer::text("live\n"));
    case verb::ready: return show_readiness(self, to);
    case verb::metrics: return show_metrics(self, to);
  }
}

void open_port(admin_pointer self) {
  auto& state = self->state;
  if (state.setup.address.empty()) return;
  auto* loop = dynamic_cast<net_loop*>(&self->loop());
  if (!loop) throw std::logic_error("the admin port needs a loop with sockets");
  const auto weak = caf::actor_cast<caf::weak_actor_ptr>(self);
  state.sockets = std::make_shared<admin_sockets>(
    loop->events(), state.setup.address, state.setup.port, state.setup.services.access, [weak](admin_query query) {
      if (const auto me = caf::actor_cast<caf::strong_actor_ptr>(weak))
        caf::anon_send(caf::actor_cast<admin_actor>(me), std::move(query));
    });
  telemetry::log(telemetry::level::info, "admin",
                 "on " + state.setup.address + ':' + std::to_string(state.sockets->port()));
}

} // namespace

admin_state::admin_state() = default;
admin_state::~admin_state() = default;

admin_actor::behavior_type admin_server(admin_pointer self, admin_setup setup) {
  auto& state = self->state;
  state.setup = std::move(setup);
  state.tell = [weak = caf::actor_cast<caf::weak_actor_ptr>(self)](std::function<void()> call) {
    if (const auto me = caf::actor_cast<caf::strong_actor_ptr>(weak))
      caf::anon_send(caf::actor_cast<admin_actor>(me), admin_news{std::move(call)});
  };
  open_port(self);
  return {
    [self](const admin_query& query) { answer_query(self, query); },
    [](const admin_news& news) { news.take(); },
    [self](atom::drain) {
      if (self->state.sockets) self->state.sockets->stop_accepting();
    },
    [self](atom::status) { return self->state.sockets ? self->state.sockets->port() : uint16_t{0}; },
  };
}

void ask_metrics(const admin_actor& admin, std::function<void(std::string)> done) {
  admin_query query;
  query.wanted.what = admin::verb::metrics;
  query.reply = [done = std::move(done)](admin::answer answer) { done(std::move(answer.body)); };
  caf::anon_send(admin, std::move(query));
}

} // namespace tickplant::actors
