// The actor that sees to new configurations: told of changed files, of SIGHUP, or asked by the admin API, it has the
// server take the new one over, and keeps count. Runs on a thread of its own, as plugins and files are read.
#pragma once

#include "actors/fwd.hpp"
#include "actors/loop.hpp"
#include "runtime/config/plan.hpp"
#include "runtime/net/file_watch.hpp"
#include "runtime/telemetry/trace_context.hpp"

#include <caf/result.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tickplant::actors {

/// What came of one attempt.
struct reload_report {
  enum class kind : uint8_t { planned, applied, unchanged, refused, rolled_back } what = kind::unchanged;
  std::string plan;               // for people; empty where there was none
  std::string reason;             // why it was refused or rolled back, with places
  telemetry::trace_context trace; // of its span; not valid where nothing was traced
};
std::string_view name_of(reload_report::kind kind);

/// What a reload is done to. Called on the watcher's thread only; nothing throws.
class reloadable {
public:
  virtual ~reloadable() = default;
  virtual reload_report reload(bool dry_run) = 0;
  /// Back to the configuration that was in force before the last one.
  virtual reload_report rollback() = 0;
  /// Files whose change means a reload.
  virtual std::vector<std::string> watched_files() = 0;
};

/// Counters and the latest attempt.
struct reload_history {
  uint64_t attempts = 0, applied = 0, refused = 0, rolled_back = 0, unchanged = 0;
  uint64_t last_ns = 0, last_applied_ns = 0; // wall clock
  std::string last_cause, last_result, last_reason;
};

/// Where they are kept: outlives the actor, which alone writes. Any thread.
class reload_record {
public:
  reload_history copy() const {
    const std::lock_guard hold{lock_};
    return history_;
  }
  template <class Change>
  void change(Change&& change) {
    const std::lock_guard hold{lock_};
    change(history_);
  }

private:
  mutable std::mutex lock_;
  reload_history history_;
};

/// CONFIG WATCHER: one per node.
using config_watcher_actor = caf::typed_actor<
  // From the file watch, SIGHUP, the admin API: read the configuration again. Cause; true = tell the plan only.
  caf::result<reload_report>(atom::reload, std::string, bool),
  // From the admin API: back to the configuration before.
  caf::result<reload_report>(atom::rollback),
  // From anybody: counters.
  caf::result<reload_history>(atom::status)>;

/// The name under which the watcher is found in CAF's registry.
inline constexpr const char* config_watcher_name = "tp.config_watcher";

struct config_watcher_state {
  static inline const char* name = "tp.config_watcher";
  reloadable* target = nullptr;
  std::shared_ptr<reload_record> history;
  std::shared_ptr<std::unique_ptr<net::file_watch>> watch; // made and used on `home`; null: files are not watched
  actor_loop* home = nullptr;
  ~config_watcher_state();
};

/// `target`, `history` and `home` outlive the actor. `home`: the loop on which files are watched; null: they are not.
config_watcher_actor::behavior_type config_watcher(config_watcher_actor::stateful_pointer<config_watcher_state> self,
                                                   reloadable* target, std::shared_ptr<reload_record> history,
                                                   net_loop* home);

} // namespace tickplant::actors
