// The control messages a client may send on a stream connection (SUBSCRIBE and so on) and their documented answers;
// also the limit on how many messages a client may send. Pure.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::sim::binance {

/// What one connection has asked for.
struct subscriptions {
  std::set<std::string, std::less<>> streams;
  bool combined = false;
};

inline constexpr std::size_t most_streams = 1024;
inline constexpr std::size_t longest_stream_name = 128;

/// Applies one text frame to `state` and returns the answer. A refused message changes nothing.
std::string answer_control(std::string_view text, subscriptions& state, std::size_t most = most_streams);

/// At most so many client messages in any second (pings and pongs count).
class message_rate {
public:
  explicit message_rate(std::size_t most = 5) : times_(most) {}

  /// False when this message is one too many.
  bool allow(std::int64_t now_ns) noexcept {
    auto& oldest = times_[next_];
    if (seen_ >= times_.size() && now_ns - oldest < 1'000'000'000) return false;
    oldest = now_ns;
    next_ = (next_ + 1) % times_.size();
    ++seen_;
    return true;
  }

private:
  std::vector<std::int64_t> times_;
  std::size_t next_ = 0;
  std::uint64_t seen_ = 0;
};

} // namespace tickplant::sim::binance
