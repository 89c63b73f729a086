// What is subscribed upstream and what should be: turns interest into SUBSCRIBE and UNSUBSCRIBE requests, batched and
// paced (venue document, A2 and A4). Pure: writes the texts, the caller sends them. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::binance {

/// The streams of one symbol, as bits.
enum stream_bit : uint8_t {
  stream_depth = 1,
  stream_book_ticker = 2,
  stream_trades = 4,
  stream_ticker = 8,
  stream_mark_price = 16
};
inline constexpr unsigned stream_kinds = 5;

struct subscriber_options {
  std::string depth_suffix = "@depth@100ms";
  std::string trade_suffix = "@trade";
  // Between two requests: half of what the venue bears, since pongs count too (A4).
  uint64_t spacing_ns = 400'000'000;
  uint32_t most_streams = 1'024;
  uint32_t most_names = 200; // in one request
  size_t most_bytes = 4'000; // of one request
};

class subscriber {
public:
  explicit subscriber(subscriber_options options) : options_(std::move(options)) {}

  /// The wanted streams of an instrument, by its number; `symbol` in lower case.
  void want(uint32_t instrument, std::string_view symbol, uint8_t bits);
  void on_up();
  void on_down();
  /// Sends a harmless request at the next chance, so that a quiet connection shows whether it lives.
  void probe() { probe_ = true; }

  /// The text to send now, valid until the next call; nothing if nothing is due.
  std::optional<std::string_view> next(uint64_t now_ns);
  /// When to call `next`; UINT64_MAX: nothing to do.
  uint64_t due_ns() const;

  /// The answer to one of the requests. A refused batch is halved until the bad name is alone; that one is given up
  /// until the next connection. Streams that are proved by a good answer are in `confirmed`.
  struct answer {
    bool known = false;
    uint32_t given_up = 0;
    std::vector<std::pair<uint32_t, uint8_t>> confirmed; // instrument, bits
  };
  answer answered(uint64_t id, bool good);

  uint8_t wanted(uint32_t instrument) const { return instrument < entries_.size() ? entries_[instrument].wanted : 0; }
  /// Whether every wanted stream of the instrument has been confirmed, or refused for good, on this connection.
  bool is_proved(uint32_t instrument) const {
    return instrument >= entries_.size() || entries_[instrument].unproved() == 0;
  }
  uint32_t active_streams() const { return active_; }
  /// Streams that wait because the connection is full.
  uint32_t over_limit() const { return over_limit_; }

private:
  struct entry {
    std::string symbol;
    uint8_t wanted = 0, sent = 0, refused = 0, confirmed = 0;
    bool queued = false;
    uint8_t missing() const { return static_cast<uint8_t>(wanted & ~(sent | refused)); }
    uint8_t unproved() const { return static_cast<uint8_t>(wanted & ~(confirmed | refused)); }
    uint8_t surplus() const { return static_cast<uint8_t>(sent & ~wanted); }
  };
  struct request {
    uint64_t id;
    bool subscribe;
    std::vector<std::pair<uint32_t, uint8_t>> streams;
    uint32_t names;
  };
  void queue(uint32_t instrument);
  bool write(bool subscribe);
  bool append(const entry& e, unsigned kind);
  void remember(request&& r);

  subscriber_options options_;
  std::vector<entry> entries_;
  std::deque<uint32_t> queue_; // instruments whose `sent` differs from `wanted`
  std::deque<request> unanswered_;
  std::string text_;
  uint64_t next_id_ = 1, next_send_ns_ = 0;
  uint32_t active_ = 0, over_limit_ = 0, batch_ = UINT32_MAX;
  bool up_ = false, probe_ = false, full_ = false;
};

} // namespace tickplant::binance
