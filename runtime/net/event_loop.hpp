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
  /// Until then the loop sleeps whenever nothing is ready, instead of being woken by the next socket or timer: what
  /// comes meanwhile is looked at together. In steps of a millisecond, which bounds how late anything gets; 0 ends it.
  void rest_until(uint64_t monotonic_ns) { rest_until_ns_ = monotonic_ns; }

  struct implementation;
  /// For runtime/net only (asio_context.hpp).
  implementation& inside() { return *implementation_; }

private:
  bool rest();

  std::unique_ptr<implementation> implementation_;
  uint64_t rest_until_ns_ = 0;
};

} // namespace tickplant::net
