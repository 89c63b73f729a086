// Supervisors: start children in order, watch them, restart them by policy, stop them in reverse. Work on the scheduler
// and on a loop alike. The decision what to do is runtime/supervision's; this carries it out.
//
// Children are monitored, not linked, and die with their supervisor however it dies. A child is stopped by an exit
// message, and killed when its grace is over. Restart intensity reached: the supervisor stops all children and ends
// with an error, which its own supervisor sees (escalation).
#pragma once

#include "actors/fwd.hpp"
#include "actors/loop.hpp"
#include "runtime/supervision/circuit_breaker.hpp"
#include "runtime/supervision/policy.hpp"

#include <caf/actor.hpp>
#include <caf/disposable.hpp>
#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

namespace tickplant::actors {

/// A child that must not take its supervisor along: when it keeps failing it is left alone for a time. Shared with
/// whoever wants to look at it; used on the supervisor's thread. It outlives the supervisor, and so do its counts.
struct guarded_child {
  explicit guarded_child(supervision::breaker_rules rules) : breaker(rules) {}
  supervision::circuit_breaker breaker;
  /// Whether the running child is well, for the end of a trial. Empty: alive is well.
  std::function<bool()> is_well;
  /// Told after each change: the child ended in order, or failed; the breaker opened, lets a trial through, is closed.
  enum class change : uint8_t { ended, failed, opened, trial, closed };
  std::function<void(change, const std::string& why)> on_change;
};

/// How to start a child, and what its death means. `start` runs in the supervisor; what it throws ends the supervisor.
struct child_spec {
  std::string id;
  std::function<caf::strong_actor_ptr()> start;
  supervision::restart restart = supervision::restart::permanent;
  caf::timespan grace = std::chrono::seconds{2};
  std::shared_ptr<guarded_child> guard = nullptr; // null: too many deaths escalate
};

/// How a guarded child stands. Times are the supervisor's, monotonic.
struct breaker_info {
  supervision::breaker_state state = supervision::breaker_state::closed;
  supervision::nanoseconds for_time{0}, next_trial_in{0}; // since when, when the next trial is due
  uint64_t openings = 0;
};

/// One row of the actor tree.
struct child_info {
  std::string id;
  caf::strong_actor_ptr actor; // null while it waits for its restart
  uint64_t restarts = 0;
  std::string last_error;
  std::optional<breaker_info> breaker = {};
};

struct supervisor_options {
  supervision::policy policy;
  uint64_t seed = 1; // of the jitter
  /// Told of each start, death (with the reason, if it was none of ours), stop, escalation, and of each change of a
  /// breaker (open, trial, close); for logs and tests.
  std::function<void(const std::string& what, const std::string& child, const std::string& why)> observe;
  /// Called when the supervisor has stopped its children and is about to end. May be empty.
  std::function<void()> on_stopped;
};

/// The supervisor's state; Self is the actor's class, on the scheduler or on a loop.
class supervisor_core {
public:
  supervisor_core(caf::scheduled_actor* self, supervisor_options options, std::vector<child_spec> children);
  supervisor_core(const supervisor_core&) = delete;
  /// Kills what still lives: no child outlives its supervisor, whatever ended it.
  ~supervisor_core();

  void start_child(child_spec spec);
  /// Stops a child for good; `done` is called when it is gone, at once for names that are not known. Not called where
  /// the supervisor itself ends before.
  void stop_child(const std::string& id, std::function<void()> done = {});
  std::vector<child_info> children() const;
  /// Closes the child's breaker and starts it at once if it waits. What is wrong with that; empty: nothing.
  std::string retry(const std::string& id);

private:
  struct child_record {
    child_spec spec;
    caf::strong_actor_ptr actor;
    bool is_gone = false;   // will not be started again
    bool is_killed = false; // only its down message is awaited
    uint64_t restarts = 0;
    std::string last_error;
    std::function<void()> on_gone; // asked for by stop_child
    caf::disposable trial;         // watches a trial
  };
  /// Children [first, last) are stopped in reverse order and then started again, or the supervisor quits.
  struct operation {
    uint64_t id = 0;
    size_t first = 0, last = 0;
    std::optional<supervision::nanoseconds> restart_after;
    std::optional<caf::error> quit_with;
    caf::disposable timer;
  };

  void start(size_t index);
  void forget(size_t index);
  void give_up(size_t index);
  void on_down(const caf::down_msg& down);
  supervision::nanoseconds delay_of(size_t index, bool is_abnormal);
  void watch_trial(size_t index);
  supervision::nanoseconds now() const;
  void shut_down(caf::error why);
  void begin(operation work);
  void advance(operation& work);
  void stop_one(operation& work, size_t index);
  void restart_later(operation& work);
  bool is_quitting() const;
  operation* find(uint64_t id);
  void tell(const std::string& what, size_t index);
  void request_exit(const caf::strong_actor_ptr& to, caf::exit_reason why);

  caf::scheduled_actor* self_;
  supervisor_options options_;
  std::vector<child_record> children_;
  std::unordered_map<caf::actor_id, size_t> by_actor_;
  std::unordered_map<std::string, size_t> by_name_; // of those that are not gone
  std::vector<size_t> free_;                        // places of children that are gone for good
  std::list<operation> operations_;                 // on disjoint ranges
  uint64_t last_operation_ = 0;
  supervision::history history_;
  std::mt19937_64 random_;
};

struct supervisor_state {
  static inline const char* name = "tp.supervisor";
  std::optional<supervisor_core> core;
};

/// A supervisor on the scheduler, and one on a loop (spawn_on). Messages: (children) -> rows, (start_child, spec),
/// (stop_child, id) -> answered when the child is gone, (retry, id) -> why it could not be retried, or nothing.
caf::behavior supervisor(caf::stateful_actor<supervisor_state>* self, supervisor_options options,
                         std::vector<child_spec> children);
caf::behavior loop_supervisor(untyped_loop_pointer<supervisor_state> self, supervisor_options options,
                              std::vector<child_spec> children);

} // namespace tickplant::actors
