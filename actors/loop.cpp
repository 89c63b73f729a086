#include "actors/loop.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

#include <utility>

namespace tickplant::actors {

loop_unit::loop_unit(caf::actor_system& system, actor_loop& loop, bool is_home)
  : caf::execution_unit(&system), loop_(loop), is_home_(is_home) {}

void loop_unit::exec_later(caf::resumable* job) {
  if (is_home_)
    loop_.schedule(job);
  else
    system().scheduler().enqueue(job);
}

actor_loop::actor_loop(caf::actor_system& system, turn_limits limits)
  : system_(system), home_(system, *this, true), away_(system, *this, false), limits_(limits) {}

actor_loop::~actor_loop() {
  for (auto* job : ready_) caf::intrusive_ptr_release(job);
  for (auto* job : inbox_) caf::intrusive_ptr_release(job);
}

actor_loop* actor_loop::of(caf::execution_unit* unit) noexcept {
  auto* face = dynamic_cast<loop_unit*>(unit);
  return face ? &face->loop() : nullptr;
}

void actor_loop::schedule(caf::resumable* job) {
  if (here()) {
    ready_.push_back(job);
    if (in_turn_) return; // the running turn sees it, or posts the next one
  } else {
    {
      std::lock_guard guard{inbox_lock_};
      inbox_.push_back(job);
    }
    // Behind the inbox's lock: whoever still sees the hush has put its work where catch_up will look after it ends.
    if (is_hushed_.load()) return;
  }
  if (!woken_.exchange(true)) {
    counters_.wakes.fetch_add(1, std::memory_order_relaxed);
    wake();
  }
}

void actor_loop::collect_inbox() {
  std::lock_guard guard{inbox_lock_};
  ready_.insert(ready_.end(), inbox_.begin(), inbox_.end());
  inbox_.clear();
}

void actor_loop::resume_one() {
  auto* job = ready_.front();
  ready_.pop_front();
  counters_.resumes.fetch_add(1, std::memory_order_relaxed);
  switch (job->resume(&away_, limits_.messages)) {
    case caf::resumable::resume_later:
      ready_.push_back(job); // keeps the reference
      break;
    case caf::resumable::done:
    case caf::resumable::awaiting_message:
      caf::intrusive_ptr_release(job); // may destroy the actor, here
      break;
    case caf::resumable::shutdown_execution_unit: break;
  }
}

void actor_loop::catch_up() {
  if (!is_hushed_.exchange(false)) return;
  {
    std::lock_guard guard{inbox_lock_};
    if (inbox_.empty() && ready_.empty()) return;
  }
  turn();
}

void actor_loop::turn() {
  woken_.store(false); // before the inbox is taken, else a wake-up is lost
  collect_inbox();
  in_turn_ = true;
  counters_.turns.fetch_add(1, std::memory_order_relaxed);
  const uint64_t end = monotonic_ns() + limits_.slice_ns;
  for (size_t n = 0; !ready_.empty() && n < limits_.resumes; ++n) {
    resume_one();
    if (n % 8 == 7 && monotonic_ns() > end) break;
  }
  for (auto& hook : hooks_) hook();
  in_turn_ = false;
  if (ready_.empty()) return;
  counters_.cut_turns.fetch_add(1, std::memory_order_relaxed);
  if (!woken_.exchange(true)) wake(); // a turn of its own instead of going on: sockets get their chance
}

net_loop::net_loop(caf::actor_system& system, turn_limits limits) : actor_loop(system, limits) {}

net_loop::~net_loop() {
  stop();
}

void net_loop::start(const char* thread_name) {
  thread_ = system().launch_thread(thread_name, [this] {
    presence here{*this};
    events_.run();
  });
}

void net_loop::stop() {
  if (!thread_.joinable()) return;
  events_.stop();
  thread_.join();
}

void net_loop::after(caf::timespan delay, std::function<void()> call) {
  events_.after(static_cast<uint64_t>(delay.count()), std::move(call));
}

void net_loop::wake() {
  events_.post([this] { turn(); });
}

caf::error to_error(const char* actor, std::exception_ptr& fault) {
  try {
    std::rethrow_exception(fault);
  } catch (const std::exception& e) {
    return caf::make_error(caf::sec::runtime_error, std::string{actor}, std::string{e.what()});
  } catch (...) {
    return caf::make_error(caf::sec::runtime_error, std::string{actor}, std::string{"exception of unknown type"});
  }
}

void end_with(const caf::weak_actor_ptr& owner, caf::error why) {
  end_with(caf::actor_cast<caf::strong_actor_ptr>(owner), std::move(why));
}

void end_with(const caf::strong_actor_ptr& owner, caf::error why) {
  if (!owner) return;
  // An exit message whose reason is an error: default exit handlers quit with it. High priority, as a plain send_exit
  // would wait behind the whole mailbox.
  owner->enqueue(nullptr, caf::make_message_id(caf::message_priority::high),
                 caf::make_message(caf::exit_msg{owner->address(), std::move(why)}), nullptr);
}

} // namespace tickplant::actors
