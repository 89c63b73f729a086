#include "actors/config_watcher.hpp"

#include "actors/atoms.hpp"
#include "runtime/telemetry/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_registry.hpp>
#include <caf/send.hpp>

#include <sstream>

namespace tickplant::actors {

namespace {

using watcher_pointer = config_watcher_actor::stateful_pointer<config_watcher_state>;

void note(reload_history& history, const std::string& cause, const reload_report& report) {
  using kind = reload_report::kind;
  if (report.what == kind::planned) return; // nothing was tried
  ++history.attempts;
  history.last_ns = net::wall_now_ns();
  history.last_cause = cause;
  history.last_result = name_of(report.what);
  history.last_reason = report.reason;
  switch (report.what) {
    case kind::applied:
      ++history.applied;
      history.last_applied_ns = history.last_ns;
      break;
    case kind::unchanged: ++history.unchanged; break;
    case kind::refused: ++history.refused; break;
    case kind::rolled_back:
      if (!report.reason.empty()) {
        ++history.rolled_back;
        break;
      }
      ++history.applied; // asked for: the settings before are the ones in force
      history.last_applied_ns = history.last_ns;
      break;
    case kind::planned: break;
  }
}

void tell(const std::string& cause, const reload_report& report) {
  using kind = reload_report::kind;
  const bool is_bad = report.what == kind::refused || (report.what == kind::rolled_back && !report.reason.empty());
  std::string text = "reload (" + cause + "): ";
  text += name_of(report.what);
  if (is_bad) text += "; the settings before stay in force: " + report.reason;
  const auto* trace = report.trace.is_valid() ? &report.trace : nullptr;
  telemetry::log(is_bad ? telemetry::level::error : telemetry::level::info, "config", text, trace);
  if (report.what != kind::applied) return;
  std::istringstream lines{report.plan};
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) telemetry::log(telemetry::level::info, "config", line);
}

// What is watched may have changed with the configuration: includes, keys, certificates.
void watch_files(config_watcher_state& state) {
  if (!state.watch) return;
  state.home->post([watch = state.watch, files = state.target->watched_files()] {
    if (*watch) (*watch)->watch(files);
  });
}

} // namespace

std::string_view name_of(reload_report::kind kind) {
  switch (kind) {
    case reload_report::kind::planned: return "planned";
    case reload_report::kind::applied: return "applied";
    case reload_report::kind::unchanged: return "unchanged";
    case reload_report::kind::refused: return "refused";
    case reload_report::kind::rolled_back: return "rolled back";
  }
  return "unknown";
}

config_watcher_state::~config_watcher_state() {
  // A watch belongs to its loop's thread.
  if (watch) home->post([keep = std::move(watch)] { keep->reset(); });
}

config_watcher_actor::behavior_type config_watcher(watcher_pointer self, reloadable* target,
                                                   std::shared_ptr<reload_record> history, net_loop* home) {
  auto& state = self->state;
  state.target = target;
  state.history = std::move(history);
  state.home = home;
  self->system().registry().erase(config_watcher_name); // `put` keeps an entry that is there
  self->system().registry().put(config_watcher_name, caf::actor_cast<caf::strong_actor_ptr>(self));
  if (home) {
    state.watch = std::make_shared<std::unique_ptr<net::file_watch>>();
    const auto changed = [weak = caf::actor_cast<caf::weak_actor_ptr>(self)] {
      if (const auto strong = weak.lock())
        caf::anon_send(caf::actor_cast<config_watcher_actor>(strong), atom::reload_v, std::string{"file change"},
                       false);
    };
    home->post(
      [watch = state.watch, home, changed] { *watch = std::make_unique<net::file_watch>(home->events(), changed); });
    watch_files(state);
  }
  return {
    [self](atom::reload, const std::string& cause, bool dry_run) {
      auto& s = self->state;
      auto report = s.target->reload(dry_run);
      s.history->change([&](reload_history& kept) { note(kept, cause, report); });
      if (!dry_run) tell(cause, report);
      if (report.what == reload_report::kind::applied) watch_files(s);
      return report;
    },
    [self](atom::rollback) {
      auto& s = self->state;
      auto report = s.target->rollback();
      s.history->change([&](reload_history& kept) { note(kept, "rollback", report); });
      tell("rollback", report);
      watch_files(s);
      return report;
    },
    [self](atom::status) { return self->state.history->copy(); },
  };
}

} // namespace tickplant::actors
