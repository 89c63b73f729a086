#include "tests/support/actor_world.hpp"

#include <caf/actor_registry.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

namespace tickplant::tests {

actor_world::actor_world() {
  config.set("caf.scheduler.policy", "testing");
  system = std::make_unique<caf::actor_system>(config);
  loop = std::make_unique<manual_loop>(*system);
}

actor_world::~actor_world() = default;

caf::scheduler::test_coordinator& actor_world::scheduler() {
  return dynamic_cast<caf::scheduler::test_coordinator&>(system->scheduler());
}

void actor_world::run() {
  for (bool is_busy = true; is_busy;) {
    is_busy = loop->step();
    while (scheduler().try_run_once()) is_busy = true;
  }
}

void actor_world::advance(caf::timespan time) {
  auto& clock = scheduler().clock();
  const auto end = clock.current_time + time;
  run();
  while (!clock.schedule.empty() && clock.schedule.begin()->first <= end) {
    clock.current_time = std::max(clock.current_time, clock.schedule.begin()->first);
    clock.advance_time(caf::timespan{0});
    run();
  }
  clock.current_time = end;
}

void actor_world::finish() {
  for (auto& root : roots) caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  roots.clear();
  run();
  advance(std::chrono::minutes{1});
}

void actor_world::TearDown() {
  finish();
  EXPECT_EQ(system->registry().running(), 0u) << "a survivor would hang the end of the actor system";
  scheduler().clock().schedule.clear();
  loop.reset();
  system.reset();
}

} // namespace tickplant::tests
