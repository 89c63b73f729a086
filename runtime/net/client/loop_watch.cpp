#include "runtime/net/client/loop_watch.hpp"

#include "runtime/net/asio_context.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <utility>

namespace tickplant::net {

struct loop_watch::implementation {
  boost::asio::posix::stream_descriptor descriptor;
  std::function<void()> ready;
  bool armed = false;
};

loop_watch::loop_watch(event_loop& loop, int descriptor, std::function<void()> ready)
  : implementation_(std::make_shared<implementation>(
      implementation{boost::asio::posix::stream_descriptor{context_of(loop), descriptor}, std::move(ready)})) {}

loop_watch::~loop_watch() {
  release();
}

void loop_watch::release() {
  if (!implementation_) return;
  if (implementation_->descriptor.is_open()) implementation_->descriptor.release();
  implementation_.reset();
}

void loop_watch::arm() {
  if (implementation_->armed) return;
  implementation_->armed = true;
  implementation_->descriptor.async_wait(
    boost::asio::posix::stream_descriptor::wait_read,
    [weak = std::weak_ptr{implementation_}](const boost::system::error_code& fault) {
      const auto alive = weak.lock();
      if (!alive || fault) return;
      alive->armed = false;
      alive->ready();
    });
}

struct loop_timer::implementation {
  boost::asio::steady_timer timer;
  std::function<void()> due;
};

loop_timer::loop_timer(event_loop& loop, std::function<void()> due)
  : implementation_(
      std::make_shared<implementation>(implementation{boost::asio::steady_timer{context_of(loop)}, std::move(due)})) {}

loop_timer::~loop_timer() {
  implementation_->timer.cancel();
}

void loop_timer::arm_at(uint64_t at_ns) {
  const std::chrono::nanoseconds since_start{static_cast<int64_t>(at_ns)};
  implementation_->timer.expires_at(std::chrono::steady_clock::time_point{since_start});
  implementation_->timer.async_wait([weak = std::weak_ptr{implementation_}](const boost::system::error_code& fault) {
    if (const auto alive = weak.lock(); alive && !fault) alive->due();
  });
}

} // namespace tickplant::net
