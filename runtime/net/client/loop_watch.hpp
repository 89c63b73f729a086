// A descriptor watched and a timer kept by an event loop, without Asio in the header. One-shot: armed again by its
// owner. No call comes after destruction. Loop's thread only.
#pragma once

#include "runtime/net/event_loop.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace tickplant::net {

class loop_watch {
public:
  /// Does not own `descriptor`, which must stay open until `release` or destruction. `ready` may destroy the watch.
  loop_watch(event_loop& loop, int descriptor, std::function<void()> ready);
  ~loop_watch();
  loop_watch(const loop_watch&) = delete;
  loop_watch& operator=(const loop_watch&) = delete;

  /// `ready` is called once when the descriptor is readable. Without effect while armed.
  void arm();
  /// Lets go of the descriptor, which may be closed then. No call afterwards, nor any use but destruction.
  void release();

private:
  struct implementation;
  std::shared_ptr<implementation> implementation_;
};

class loop_timer {
public:
  loop_timer(event_loop& loop, std::function<void()> due);
  ~loop_timer();
  loop_timer(const loop_timer&) = delete;
  loop_timer& operator=(const loop_timer&) = delete;

  /// `due` is called once, at `at_ns` of the monotonic clock or as soon after as the loop gets to it.
  void arm_at(uint64_t at_ns);

private:
  struct implementation;
  std::shared_ptr<implementation> implementation_;
};

} // namespace tickplant::net
