// One bounded wait: of a line for its connection, of a request for its answer.
#pragma once

#include "runtime/net/venue/guarded.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace tickplant::net::venue {

class deadline {
public:
  explicit deadline(boost::asio::io_context& context) : timer_(context) {}

  /// Calls f(*self) after `after_ns`, unless cancelled before.
  template <class Self, class F>
  void start(std::shared_ptr<Self> self, uint64_t after_ns, F f) {
    constexpr uint64_t longest_ns = uint64_t{24} * 3'600'000'000'000;
    timer_.expires_after(std::chrono::nanoseconds{static_cast<int64_t>(std::min(after_ns, longest_ns))});
    timer_.async_wait(guarded(std::move(self), [f = std::move(f)](Self& s, boost::system::error_code fault) {
      if (!fault) f(s);
    }));
  }
  void cancel() noexcept {
    boost::system::error_code ignored;
    timer_.cancel(ignored);
  }

private:
  boost::asio::steady_timer timer_;
};

} // namespace tickplant::net::venue
