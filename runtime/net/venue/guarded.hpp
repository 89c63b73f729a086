// Wraps an Asio handler: an exception that left it would end the loop and with it every other venue of the thread.
#pragma once

#include <exception>
#include <memory>
#include <utility>

namespace tickplant::net::venue {

/// A handler that keeps `self` alive, since composed operations use its buffers, and calls f(*self, ...).
/// `Self::world()` hears of exceptions.
template <class Self, class F>
auto guarded(std::shared_ptr<Self> self, F f) {
  return [self = std::move(self), f = std::move(f)](auto&&... xs) mutable {
    try {
      f(*self, std::forward<decltype(xs)>(xs)...);
    } catch (const std::exception& e) {
      self->world().fault(e.what());
    } catch (...) {
      self->world().fault("unknown exception in an I/O handler");
    }
  };
}

} // namespace tickplant::net::venue
