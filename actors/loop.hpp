// Actors that live on a thread of their own choosing. An actor_loop runs mailboxes beside sockets and timers; on_loop<>
// is the base of every actor that lives on one; spawn_on() starts it there. An actor on a loop may call plain objects
// of the same loop; everything else reaches it by messages. How CAF decides where an actor runs: docs/architecture.md.
#pragma once

#include "runtime/net/event_loop.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/timespan.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace tickplant::actors {

class actor_loop;

/// One face of a loop towards CAF. Mailboxes of loop actors wake through the `home` face; resume() is given the `away`
/// face, so that a scheduler actor that gets a message from a loop actor is not dragged onto the loop.
class loop_unit : public caf::execution_unit {
public:
  loop_unit(caf::actor_system& system, actor_loop& loop, bool is_home);
  void exec_later(caf::resumable* job) override;
  actor_loop& loop() const noexcept { return loop_; }

private:
  actor_loop& loop_;
  bool is_home_;
};

/// Bounds of one turn, so that sockets and timers get their share beside busy mailboxes.
struct turn_limits {
  size_t resumes = 32;
  size_t messages = 32; // per resume
  uint64_t slice_ns = 200'000;
};

struct loop_counters {
  std::atomic<uint64_t> turns{0}, resumes{0}, wakes{0}, cut_turns{0};
};

/// Abstract: `wake` and `after` differ between the server and deterministic tests.
class actor_loop {
public:
  actor_loop(caf::actor_system& system, turn_limits limits);
  /// Releases what still waits for its turn; every actor of the loop must be gone before.
  virtual ~actor_loop();
  actor_loop(const actor_loop&) = delete;
  actor_loop& operator=(const actor_loop&) = delete;

  caf::actor_system& system() const noexcept { return system_; }
  caf::execution_unit& home() noexcept { return home_; }
  /// Whether the caller runs on this loop's thread.
  bool here() const noexcept { return current_ == this; }
  /// The loop behind an execution unit, null if there is none.
  static actor_loop* of(caf::execution_unit* unit) noexcept;

  /// Puts a job with work into the next turn. Any thread.
  void schedule(caf::resumable* job);
  /// While hushed, work from other threads waits without waking the loop, until catch_up. Loop thread; whoever hushes
  /// has a timer that catches up.
  void hush() { is_hushed_.store(true); }
  /// Ends that, and takes what has come meanwhile, from this loop too: a turn of its own, if there is any.
  void catch_up();
  /// Runs at the end of each turn, for what is better done once than per message. Loop thread, before the loop runs.
  void at_turn_end(std::function<void()> hook) { hooks_.push_back(std::move(hook)); }
  /// Runs `call` on the loop after `delay`. For timers shared by many; not one per client. Loop thread.
  virtual void after(caf::timespan delay, std::function<void()> call) = 0;
  /// Until then the loop may sleep whenever it has nothing to do, whatever comes: net::event_loop says how. Loop
  /// thread.
  virtual void rest_until(uint64_t /*monotonic_ns*/) {}
  /// Runs `call` on the loop soon. Any thread.
  virtual void post(std::function<void()> call) = 0;
  virtual uint64_t wall_ns() const = 0;
  virtual uint64_t monotonic_ns() const = 0;

  const loop_counters& counters() const { return counters_; }

protected:
  virtual void wake() = 0; // any thread; leads to one turn()
  void turn();

  /// Marks the calling thread as this loop's while it lives.
  class presence {
  public:
    explicit presence(actor_loop& loop) : before_(current_) { current_ = &loop; }
    ~presence() { current_ = before_; }

  private:
    actor_loop* before_;
  };

private:
  void collect_inbox();
  void resume_one();

  static inline thread_local actor_loop* current_ = nullptr;
  caf::actor_system& system_;
  loop_unit home_, away_;
  turn_limits limits_;
  loop_counters counters_;
  std::deque<caf::resumable*> ready_; // loop thread only
  bool in_turn_ = false;
  std::atomic<bool> woken_{false}, is_hushed_{false};
  std::mutex inbox_lock_; // the one lock: hands work from other threads over, never held while anything runs
  std::vector<caf::resumable*> inbox_;
  std::vector<std::function<void()>> hooks_;
};

/// A loop with a thread and an event loop for sockets.
class net_loop final : public actor_loop {
public:
  explicit net_loop(caf::actor_system& system, turn_limits limits = {});
  ~net_loop() override;

  net::event_loop& events() { return events_; }
  void start(const char* thread_name);
  /// Ends the thread and waits for it. All actors of the loop have to be gone.
  void stop();

  void after(caf::timespan delay, std::function<void()> call) override;
  void rest_until(uint64_t monotonic_ns) override { events_.rest_until(monotonic_ns); }
  void post(std::function<void()> call) override { events_.post(std::move(call)); }
  uint64_t wall_ns() const override { return net::wall_now_ns(); }
  uint64_t monotonic_ns() const override { return net::monotonic_now_ns(); }

private:
  void wake() override;

  net::event_loop events_;
  std::thread thread_;
};

/// The error that an actor ends with when its handler throws.
caf::error to_error(const char* actor, std::exception_ptr& fault);

/// What every actor on a loop is, whatever its type: where it lives, and how much waits for it.
class loop_resident {
public:
  virtual ~loop_resident() = default;
  virtual actor_loop& loop() const noexcept = 0;
  /// Messages in its mailbox. On the loop's thread, outside of actors' handlers (as a posted call).
  virtual size_t waiting() = 0;
};

/// Base of every actor on a loop; Base is caf::event_based_actor or the `base` of a typed handle.
template <class Base>
class on_loop : public Base, public loop_resident {
public:
  explicit on_loop(caf::actor_config& config) : Base(config), loop_(actor_loop::of(config.host)) {
    if (!loop_) throw std::logic_error("a loop actor was spawned without a loop");
    this->set_exception_handler([this](std::exception_ptr& fault) { return to_error(this->name(), fault); });
  }
  using Base::enqueue;
  bool enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) override {
    return Base::enqueue(std::move(element), &loop_->home());
  }
  void launch(caf::execution_unit*, bool lazy, bool hide) override { Base::launch(&loop_->home(), lazy, hide); }
  actor_loop& loop() const noexcept override { return *loop_; }
  size_t waiting() override {
    // A reader that sleeps, or is gone, must not look into its mailbox: that would lose the mark that wakes it.
    auto& box = this->mailbox();
    return box.closed() || box.blocked() ? 0 : box.size();
  }

private:
  actor_loop* loop_;
};

/// What the behaviour function of a typed loop actor takes as `self`.
template <class Handle, class State>
using loop_pointer = caf::stateful_actor<State, on_loop<typename Handle::base>>*;

/// The same for an actor without a typed interface (supervisors).
template <class State>
using untyped_loop_pointer = caf::stateful_actor<State, on_loop<caf::event_based_actor>>*;

/// Starts an actor on a loop. Any thread. The state's constructor runs on the calling thread, the behaviour function on
/// the loop: a state takes sockets, cores and table entries in the latter only.
template <class Function, class... Arguments>
auto spawn_on(actor_loop& loop, Function function, Arguments&&... arguments) {
  caf::actor_config config{&loop.home()};
  return loop.system().template spawn_functor<caf::no_spawn_options>(std::true_type{}, config, function,
                                                                     std::forward<Arguments>(arguments)...);
}

/// Ends an actor with an error, ahead of all that waits in its mailbox. Safe outside handlers, where quit() is not.
void end_with(const caf::weak_actor_ptr& owner, caf::error why);
void end_with(const caf::strong_actor_ptr& owner, caf::error why);

/// Wraps a callback that runs outside an actor's handlers (socket, timer): what it throws ends the owner, not the
/// process.
template <class Function>
auto guarded(caf::weak_actor_ptr owner, Function function) {
  return [owner = std::move(owner), function = std::move(function)](auto&&... arguments) mutable {
    try {
      function(std::forward<decltype(arguments)>(arguments)...);
    } catch (...) {
      auto fault = std::current_exception();
      end_with(owner, to_error("callback", fault));
    }
  };
}

} // namespace tickplant::actors
