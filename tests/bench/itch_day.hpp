// A synthetic trading day in the shape of NASDAQ's order flow: as many live orders as asked for, popular and quiet
// symbols, prices that wander. Messages are kept in 24 bytes and become events burst by burst, as a decoder's would.
#pragma once

#include <tickplant/venue.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace tickplant::bench {

struct day_shape {
  uint32_t messages = 1'000'000, symbols = 500, live_orders = 400'000;
};

class itch_day {
public:
  explicit itch_day(day_shape shape) : shape_(shape), mid_(shape.symbols) {
    for (uint32_t s = 0; s < shape.symbols; ++s) mid_[s] = 1'000 + static_cast<int32_t>(random_() % 49'000); // cents
    messages_.reserve(shape.messages);
    // The opening: orders only, until the book is as full as it stays.
    while (live_.size() < shape.live_orders && messages_.size() < shape.messages) add();
    opening_ = messages_.size();
    while (messages_.size() < shape.messages) next();
  }

  size_t size() const { return messages_.size(); }
  /// Messages before the flow is in balance.
  size_t opening() const { return opening_; }
  uint32_t symbols() const { return shape_.symbols; }
  size_t live_at_end() const { return live_.size(); }

  /// Writes messages first.. as events, all eight words each, as a decoder does.
  void decode(size_t first, size_t count, tp_event* out) const {
    static constexpr uint16_t flags[] = {0, 0, 0, TP_PRINT, 0, 0, 0, 0, 0, 0, TP_PRINT};
    for (size_t i = 0; i < count; ++i) {
      const message& m = messages_[first + i];
      tp_event& e = out[i];
      e.kind = m.kind;
      e.detail = 0;
      e.flags = static_cast<uint16_t>(flags[m.kind] | m.side | TP_END);
      e.instrument = m.symbol;
      e.order = m.ref;
      e.price = int64_t{m.price} * 100;
      e.quantity = m.quantity;
      e.ref = m.other;
      e.extra = 0;
      e.sequence = first + i + 1;
      e.venue_ns = (first + i) * 2'000;
    }
  }

private:
  struct message {
    uint8_t kind, side;
    uint16_t symbol;
    uint32_t ref, other;
    int32_t price, quantity;
  };
  struct live_order {
    uint32_t ref;
    uint16_t symbol;
    uint8_t side;
    int32_t quantity;
  };

  uint32_t symbol() {
    // The product of two uniform numbers: the most popular symbols get most of the flow.
    const double a = static_cast<double>(random_() >> 11) * 0x1p-53, b = static_cast<double>(random_() >> 11) * 0x1p-53;
    return static_cast<uint32_t>(a * b * shape_.symbols);
  }
  int32_t price_near(uint32_t s, uint8_t side) {
    if (random_() % 64 == 0) mid_[s] += static_cast<int32_t>(random_() % 3) - 1;
    mid_[s] = std::max(mid_[s], 600);
    // Most orders lie within a few cents of the touch, some far behind it.
    const auto deep = static_cast<int32_t>(random_() % 32);
    int32_t distance = 1 + static_cast<int32_t>(random_() % 16);
    if (deep < 8)
      distance = 1 + static_cast<int32_t>(random_() % 100);
    else if (deep == 8)
      distance = 1 + static_cast<int32_t>(random_() % 500);
    return side == TP_BID ? mid_[s] - distance : mid_[s] + distance;
  }
  void add() {
    const uint32_t s = symbol();
    const uint8_t side = random_() & 1 ? TP_BID : TP_ASK;
    const auto quantity = static_cast<int32_t>(100 * (1 + random_() % 10));
    const uint32_t ref = ++last_ref_;
    messages_.push_back({TP_EV_ADD, side, static_cast<uint16_t>(s), ref, 0, price_near(s, side), quantity});
    live_.push_back({ref, static_cast<uint16_t>(s), side, quantity});
  }
  size_t pick() {
    // Half of what happens concerns the youngest orders, the rest any.
    if (random_() & 1) return live_.size() - 1 - random_() % std::min<size_t>(live_.size(), 4'096);
    return random_() % live_.size();
  }
  void drop(size_t i) {
    live_[i] = live_.back();
    live_.pop_back();
  }
  void next() {
    const uint64_t dice = random_() % 100;
    if (live_.size() < shape_.live_orders ? dice < 60 : dice < 40) return add();
    const size_t i = pick();
    live_order& o = live_[i];
    if (dice < 84) {
      messages_.push_back({TP_EV_DELETE, 0, o.symbol, o.ref, 0, 0, 0});
      drop(i);
    } else if (dice < 92) {
      const auto quantity = static_cast<int32_t>(100 * (1 + random_() % 10));
      const uint32_t ref = ++last_ref_;
      messages_.push_back({TP_EV_REPLACE, 0, o.symbol, o.ref, ref, price_near(o.symbol, o.side), quantity});
      o.ref = ref;
      o.quantity = quantity;
    } else if (dice < 99) {
      const int32_t quantity = random_() & 1 ? o.quantity : std::min(o.quantity, 100);
      const uint8_t kind = dice < 97 ? TP_EV_EXECUTE : TP_EV_REDUCE;
      messages_.push_back({kind, 0, o.symbol, o.ref, ++last_match_, 0, quantity});
      o.quantity -= quantity;
      if (o.quantity == 0) drop(i);
    } else {
      messages_.push_back({TP_EV_TRADE, 0, o.symbol, 0, ++last_match_, mid_[o.symbol], 100});
    }
  }

  day_shape shape_;
  std::mt19937_64 random_{20'240'808};
  std::vector<int32_t> mid_;
  std::vector<message> messages_;
  std::vector<live_order> live_;
  size_t opening_ = 0;
  uint32_t last_ref_ = 0, last_match_ = 0;
};

} // namespace tickplant::bench
