// When to open the WebSocket line, and when it has been silent too long: reconnection with back-off, the probe, the
// limit on bad frames (venue document, A3, A4 and E). Pure; times in ns since 1970.
#pragma once

#include <cstdint>

namespace tickplant::binance {

class line_keeper {
public:
  explicit line_keeper(uint64_t silence_ns) : silence_ns_(silence_ns) {}

  bool is_up() const { return up_; }
  void on_up(uint64_t now_ns);
  /// How long to wait before the next try: 0.5 s doubling to 30 s, a quarter of it by chance. A connection that held
  /// for ten seconds begins anew; so a venue that accepts and closes at once stays far below 300 tries in 5 min.
  uint64_t on_down(uint64_t now_ns, uint64_t random);

  void on_message(uint64_t now_ns) {
    heard_ns_ = now_ns;
    probed_ = false;
  }
  /// True if so many frames in a row could not be read that the connection is not worth keeping.
  bool on_bad_frame() { return ++bad_in_a_row_ >= most_bad_in_a_row; }
  void on_good_frame() { bad_in_a_row_ = 0; }

  enum class health : uint8_t { fine, ask, dead };
  /// `ask`: quiet for half the time allowed, once until something comes.
  health check(uint64_t now_ns);

private:
  static constexpr uint32_t most_bad_in_a_row = 20;

  uint64_t silence_ns_;
  uint64_t up_since_ns_ = 0, heard_ns_ = 0;
  uint32_t failures_ = 0, bad_in_a_row_ = 0;
  bool up_ = false, probed_ = false;
};

} // namespace tickplant::binance
