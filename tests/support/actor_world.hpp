// Fixture of deterministic actor tests: no thread, no sleep. Scheduler, loop and clock are stepped by hand.
#pragma once

#include "tests/support/manual_loop.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace tickplant::tests {

struct actor_world : testing::Test {
  actor_world();
  ~actor_world() override;

  /// Until nothing is left to do now.
  void run();
  /// From one due time to the next, so that the clock is right in each.
  void advance(caf::timespan time);
  /// Ends everything; called by TearDown, or earlier by a test that checks afterwards.
  void finish();
  void TearDown() override;

  caf::scheduler::test_coordinator& scheduler();
  /// Keeps an actor to be stopped at the end.
  void keep(const caf::actor& root) { roots.push_back(root); }

  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::unique_ptr<manual_loop> loop;
  std::vector<caf::actor> roots;
};

} // namespace tickplant::tests
