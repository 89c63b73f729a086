#include "runtime/net/event_loop.hpp"

#include "runtime/net/asio_context.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace tickplant::net {

namespace {
template <class Clock>
uint64_t read_ns() {
  return static_cast<uint64_t>(
    std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count());
}
} // namespace

uint64_t wall_now_ns() {
  return read_ns<std::chrono::system_clock>();
}
uint64_t monotonic_now_ns() {
  return read_ns<std::chrono::steady_clock>();
}

event_loop::event_loop() : implementation_(std::make_unique<implementation>()) {}
event_loop::~event_loop() = default;

void event_loop::run() {
  auto& context = implementation_->context;
  while (!context.stopped()) {
    if (rest_until_ns_ == 0)
      context.run_one();
    else if (context.poll() == 0 && !context.stopped() && !rest())
      rest_until_ns_ = 0;
  }
}

// False: the time is over.
bool event_loop::rest() {
  constexpr uint64_t longest_ns = 1'000'000;
  const uint64_t now = monotonic_now_ns();
  if (now >= rest_until_ns_) return false;
  std::this_thread::sleep_for(
    std::chrono::nanoseconds{static_cast<int64_t>(std::min(rest_until_ns_ - now, longest_ns))});
  return true;
}

void event_loop::stop() {
  implementation_->guard.reset();
  implementation_->context.stop();
}

void event_loop::post(std::function<void()> call) {
  boost::asio::post(implementation_->context, std::move(call));
}

void event_loop::after(uint64_t delay_ns, std::function<void()> call) {
  const auto delay = std::chrono::nanoseconds{static_cast<int64_t>(delay_ns)};
  auto timer = std::make_shared<boost::asio::steady_timer>(implementation_->context, delay);
  timer->async_wait([timer, call = std::move(call)](const boost::system::error_code& fault) {
    if (!fault) call();
  });
}

} // namespace tickplant::net
