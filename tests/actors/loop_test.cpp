// Loops with threads: where actors run, what a failing callback does, and an end without a hang. Also run under the
// thread sanitizer.
#include "actors/loop.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

using namespace std::chrono_literals;
using namespace tickplant::actors;

namespace {

struct echo_state {
  static inline const char* name = "test.echo";
};

caf::behavior echo(untyped_loop_pointer<echo_state> self, std::atomic<int>* elsewhere) {
  return {
    [=](int value) {
      if (!self->loop().here()) ++*elsewhere;
      return value + 1;
    },
    [](const std::string& what) { throw std::runtime_error(what); },
  };
}

caf::behavior asker(caf::event_based_actor* self, caf::actor target, actor_loop* loop, std::atomic<int>* on_loop) {
  return {
    [=](int count) {
      if (loop->here()) ++*on_loop;
      if (count == 0) return self->quit();
      self->request(target, 10s, count).then([=](int) {
        if (loop->here()) ++*on_loop;
        self->send(self, count - 1);
      });
    },
  };
}

caf::behavior counting(untyped_loop_pointer<echo_state>, std::atomic<int>* handled) {
  return {[=](int) { ++*handled; }};
}

struct Loop : testing::Test {
  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::unique_ptr<net_loop> loop;
  std::atomic<int> elsewhere{0}, on_loop{0};

  Loop() {
    config.set("caf.scheduler.policy", "sharing");
    config.set("caf.scheduler.max-threads", 2);
    system = std::make_unique<caf::actor_system>(config);
    loop = std::make_unique<net_loop>(*system);
    loop->start("test.loop");
  }
  /// Awake, but not at the cost of whoever else wants the core.
  template <class Predicate>
  void wait_until(Predicate is_so) {
    for (int tries = 0; !is_so(); ++tries)
      if (tries > 100'000) std::this_thread::yield();
  }
  /// Until the loop has done what was posted to it.
  void wait_for_a_call() {
    std::promise<void> is_done;
    loop->post([&] { is_done.set_value(); });
    is_done.get_future().wait();
  }
  void TearDown() override {
    system->await_all_actors_done();
    loop->stop();
    loop.reset();
    system.reset();
  }
};

TEST_F(Loop, HandlesItsActorsMessagesAndNobodyElses) {
  auto target = spawn_on(*loop, echo, &elsewhere);
  for (int i = 0; i < 8; ++i) caf::anon_send(system->spawn(asker, target, loop.get(), &on_loop), 200);
  {
    caf::scoped_actor self{*system};
    for (int i = 0; i < 100; ++i)
      self->request(target, 10s, i)
        .receive([&](int value) { EXPECT_EQ(value, i + 1); }, [](const caf::error& e) { FAIL() << to_string(e); });
  }
  system->await_actors_before_shutdown(false);
  // Askers end by themselves; the target after them.
  std::atomic<bool> is_done{false};
  loop->post([&] { is_done = true; });
  caf::anon_send_exit(target, caf::exit_reason::user_shutdown);
  target = nullptr;
  system->await_all_actors_done();
  EXPECT_EQ(elsewhere, 0);
  EXPECT_EQ(on_loop, 0);
}

TEST_F(Loop, EndsOnlyTheActorWhoseCallbackThrows) {
  auto victim = spawn_on(*loop, echo, &elsewhere);
  auto bystander = spawn_on(*loop, echo, &elsewhere);
  caf::scoped_actor self{*system};
  self->monitor(victim);
  loop->post(guarded(caf::actor_cast<caf::weak_actor_ptr>(victim), [] { throw std::runtime_error("callback"); }));
  self->receive([&](caf::down_msg& down) { EXPECT_NE(to_string(down.reason).find("callback"), std::string::npos); });
  self->request(bystander, 10s, 1)
    .receive([](int value) { EXPECT_EQ(value, 2); }, [](const caf::error& e) { FAIL() << to_string(e); });
  caf::anon_send_exit(bystander, caf::exit_reason::user_shutdown);
}

TEST_F(Loop, RefusesALoopActorWithoutALoop) {
  EXPECT_THROW(system->spawn(echo, &elsewhere), std::logic_error);
}

TEST_F(Loop, LeavesWorkWhileItIsHushed) {
  auto target = spawn_on(*loop, echo, &elsewhere);
  caf::scoped_actor self{*system};
  const auto ask = [&](int value) {
    self->request(target, 10s, value)
      .receive([&](int answer) { EXPECT_EQ(answer, value + 1); }, [](const caf::error& e) { FAIL() << to_string(e); });
  };
  ask(0); // it has started
  std::atomic<bool> is_hushed{false}, was_quiet{false};
  std::atomic<uint64_t> resumes{0};
  loop->post([&] {
    loop->hush();
    resumes = loop->counters().resumes.load();
    is_hushed = true;
  });
  while (!is_hushed) std::this_thread::yield();
  auto asked = self->request(target, 10s, 1);
  loop->post([&] {
    was_quiet = loop->counters().resumes == resumes; // calls still come, actors rest
    loop->catch_up();
  });
  asked.receive([](int value) { EXPECT_EQ(value, 2); }, [](const caf::error& e) { FAIL() << to_string(e); });
  EXPECT_TRUE(was_quiet);
  ask(2);
  caf::anon_send_exit(target, caf::exit_reason::user_shutdown);
}

// Feed and hub may share the loop: what a tick has just sent must not miss the window that ends now.
TEST_F(Loop, CatchesUpWithItsOwnWorkToo) {
  auto target = spawn_on(*loop, echo, &elsewhere);
  caf::scoped_actor self{*system};
  self->request(target, 10s, 0).receive([](int) {}, [](const caf::error& e) { FAIL() << to_string(e); });
  std::atomic<bool> is_done{false};
  std::atomic<uint64_t> handled{0};
  loop->post([&] {
    loop->hush();
    const auto before = loop->counters().resumes.load();
    caf::anon_send(target, 1);
    loop->catch_up();
    handled = loop->counters().resumes - before;
    is_done = true;
  });
  while (!is_done) std::this_thread::yield();
  EXPECT_EQ(handled, 1u);
  caf::anon_send_exit(target, caf::exit_reason::user_shutdown);
}

// What another thread sends just when a loop hushes or catches up is what could be lost: in each round it does both
// once, at another moment of the sending, and has no other reason to look at its messages. Both threads stay awake, as
// they would miss each other otherwise.
TEST_F(Loop, LosesNothingThatComesWhileItHushesAndCatchesUp) {
  constexpr int rounds = 1'500, longest_hush = 32; // in readings of the clock, some 25 ns each
  std::atomic<int> asked{0}, hushed{0}, caught_up{0}, calls{0}, handled{0};
  std::function<void()> work = [&] {
    if (const int round = asked; round > caught_up) {
      loop->hush();
      hushed = round;
      for (int i = 0; i < round % longest_hush; ++i) loop->monotonic_ns();
      loop->catch_up();
      caught_up = round;
    }
    ++calls;
    if (asked >= 0) loop->post(work);
  };
  auto target = spawn_on(*loop, counting, &handled);
  loop->post(work);
  for (int round = 1; round <= rounds && !HasFailure(); ++round) {
    const int before = handled, messages = 1 + round % 2;
    asked = round;
    wait_until([&] { return hushed == round; });
    for (int i = 0; i < messages; ++i) caf::anon_send(target, i);
    wait_until([&] { return caught_up == round; });
    // What wakes the loop has been posted by now, ahead of these calls; a turn handles a message at least.
    const int since = calls;
    wait_until([&] { return handled == before + messages || calls > since + 1 + messages; });
    EXPECT_EQ(handled, before + messages) << "in round " << round;
  }
  asked = -1;
  loop->post([&] {
    loop->hush();
    loop->catch_up(); // what was lost would keep the actor from its end
  });
  caf::anon_send_exit(target, caf::exit_reason::user_shutdown);
  wait_for_a_call();
  wait_for_a_call();
}

TEST_F(Loop, RunsTimersAndHooks) {
  std::atomic<int> hooks{0}, fired{0};
  auto other = std::make_unique<net_loop>(*system);
  other->at_turn_end([&] { ++hooks; });
  other->start("test.other");
  auto actor = spawn_on(*other, echo, &elsewhere);
  caf::scoped_actor self{*system};
  caf::actor waiter = self;
  other->post([&, loop = other.get()] {
    loop->after(1ms, [&, waiter] {
      ++fired;
      caf::anon_send(waiter, 7);
    });
  });
  self->receive([](int value) { EXPECT_EQ(value, 7); });
  EXPECT_EQ(fired, 1);
  self->request(actor, 10s, 1).receive([](int) {}, [](const caf::error& e) { FAIL() << to_string(e); });
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  self->monitor(actor);
  self->receive([](caf::down_msg&) {});
  actor = nullptr;
  other->stop();
  EXPECT_GE(hooks, 1);
}

} // namespace
