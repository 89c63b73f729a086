// A loop without a thread, stepped by the test; its clock is that of CAF's testing scheduler.
#pragma once

#include "actors/loop.hpp"

#include <caf/action.hpp>
#include <caf/actor_clock.hpp>

#include <functional>
#include <vector>

namespace tickplant::tests {

class manual_loop final : public actors::actor_loop {
public:
  explicit manual_loop(caf::actor_system& system, actors::turn_limits limits = {}) : actor_loop(system, limits) {}

  /// Runs one turn if there is anything to do.
  bool step() {
    if (!is_awake_) return false;
    is_awake_ = false;
    presence here{*this};
    for (auto calls = std::move(calls_); auto& call : calls) call();
    turn();
    return true;
  }
  /// Runs `call` as if the loop's thread did.
  void run_here(const std::function<void()>& call) {
    presence here{*this};
    call();
  }

  void after(caf::timespan delay, std::function<void()> call) override {
    auto& clock = system().clock();
    clock.schedule(clock.now() + delay, caf::make_action([this, call = std::move(call)] { post(call); }));
  }
  void post(std::function<void()> call) override {
    calls_.push_back(std::move(call));
    is_awake_ = true;
  }
  uint64_t wall_ns() const override { return 1'700'000'000'000'000'000 + monotonic_ns(); }
  uint64_t monotonic_ns() const override {
    return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(system().clock().now().time_since_epoch()).count());
  }

private:
  void wake() override { is_awake_ = true; }

  std::vector<std::function<void()>> calls_;
  bool is_awake_ = false;
};

} // namespace tickplant::tests
