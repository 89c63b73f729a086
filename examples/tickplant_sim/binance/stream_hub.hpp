// Hands events of the feed to the connections that subscribed to their streams.
#pragma once

#include "tickplant_sim/binance/control.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace tickplant::sim::binance {

/// One connection as the hub sees it. It must detach before it is destroyed.
class subscriber {
public:
  virtual ~subscriber() = default;
  virtual const subscriptions& wants() const = 0;
  virtual void deliver(std::string_view stream, std::string_view event) = 0;
  /// Bytes that wait for the socket, for feeds that play as fast as their clients read.
  virtual std::size_t waiting_bytes() const = 0;
};

/// Lives on the loop of the server.
class stream_hub {
public:
  void attach(subscriber& s) { subscribers_.push_back(&s); }
  void detach(subscriber& s) { std::erase(subscribers_, &s); }

  /// A connection has changed what it wants.
  void announce_change() {
    if (on_change_) on_change_();
  }
  void on_change(std::function<void()> react) { on_change_ = std::move(react); }

  bool is_wanted(std::string_view stream) const {
    for (const auto* s : subscribers_)
      if (s->wants().streams.contains(stream)) return true;
    return false;
  }

  void publish(std::string_view stream, std::string_view event) {
    std::uint64_t deliveries = 0;
    // From the back, because a subscriber that cannot take the event detaches itself meanwhile.
    for (std::size_t i = subscribers_.size(); i-- > 0;)
      if (subscribers_[i]->wants().streams.contains(stream)) {
        subscribers_[i]->deliver(stream, event);
        ++deliveries;
      }
    if (deliveries == 0) return;
    auto found = sent_.find(stream);
    if (found == sent_.end()) found = sent_.emplace(stream, 0).first;
    found->second += deliveries;
  }

  std::size_t waiting_bytes() const {
    std::size_t most = 0;
    for (const auto* s : subscribers_) most = std::max(most, s->waiting_bytes());
    return most;
  }

  /// Events handed to connections, by stream. Bounded by the streams the feed has.
  const std::map<std::string, std::uint64_t, std::less<>>& sent() const noexcept { return sent_; }

private:
  std::vector<subscriber*> subscribers_;
  std::function<void()> on_change_;
  std::map<std::string, std::uint64_t, std::less<>> sent_;
};

} // namespace tickplant::sim::binance
