// One thread's event loop: callbacks, timers and, inside runtime/net, sockets. Hides Asio from the rest of the server.
// `post` and `stop` may be called from any thread, all else on the loop's own thread (or before `run`).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace tickplant::net {

/// Nanoseconds since 1970 UTC. The only place that reads the wall clock.
uint64_t wall_now_ns();
/// Nanoseconds of a clock that never jumps; for durations and timers.
uint64_t monotonic_now_ns();

class event_loop {
public:
  event_loop();
  ~event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  /// Runs until `stop`. An exception of a callback leaves `run`: callbacks guard themselves.
  void run();
  void stop();
  void post(std::function<void()> call);
  /// Runs `call` once after `delay_ns`; cannot be cancelled, so `call` checks whether it is still wanted.
  void after(uint64_t delay_ns, std::function<void()> call);

  struct implementation;
  /// For runtime/net only (asio_context.hpp).
  implementation& inside() { return *implementation_; }

private:
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickplant::net
