#include "normalizer.hpp"

#include <algorithm>

namespace tickplant::synthetic {

namespace {

class writer {
public:
  writer(std::span<tp_event, most_events_a_tick> out, uint32_t instrument, uint64_t sequence, uint64_t now_ns)
    : out_(out), instrument_(instrument), sequence_(sequence), now_ns_(now_ns) {}

  tp_event& add(uint8_t kind, uint8_t detail, uint32_t flags) {
    out_[count_] = {kind,      detail, static_cast<uint16_t>(flags), instrument_, 0, TP_NONE, TP_NONE, 0, 0,
                    sequence_, now_ns_};
    return out_[count_++];
  }
  void level(uint32_t flags, int64_t price, int64_t quantity, uint32_t orders) {
    tp_event& e = add(TP_EV_LEVEL, 0, flags);
    e.price = price;
    e.quantity = quantity;
    e.order = orders;
    e.ref = sequence_;
  }
  void value(uint8_t key, int64_t price) { add(TP_EV_VALUE, key, 0).price = price; }
  size_t finish() {
    out_[count_ - 1].flags |= TP_END;
    return count_;
  }

private:
  std::span<tp_event, most_events_a_tick> out_;
  uint32_t instrument_;
  uint64_t sequence_, now_ns_;
  size_t count_ = 0;
};

using side = std::array<level, levels_a_side>;

void remove_gone(writer& to, uint32_t flag, const side& before, const side& after) {
  for (const level& old : before)
    if (old.quantity != 0 && std::none_of(after.begin(), after.end(),
                                          [&](const level& l) { return l.price == old.price && l.quantity != 0; }))
      to.level(flag, old.price, 0, 0);
}

void set_changed(writer& to, uint32_t flag, const side& before, const side& after) {
  for (const level& l : after)
    if (l.quantity != 0 && std::find(before.begin(), before.end(), l) == before.end())
      to.level(flag, l.price, l.quantity, l.orders);
}

} // namespace

size_t tick_events(const walker& from, uint32_t instrument, uint64_t sequence, uint64_t now_ns, shown_levels& shown,
                   std::span<tp_event, most_events_a_tick> out) {
  writer to{out, instrument, sequence, now_ns};
  if (from.begins_day) to.add(TP_EV_PHASE, TP_PHASE_DAY_START, 0);
  remove_gone(to, TP_BID, shown.bids, from.bids);
  remove_gone(to, TP_ASK, shown.asks, from.asks);
  set_changed(to, TP_BID, shown.bids, from.bids);
  set_changed(to, TP_ASK, shown.asks, from.asks);
  shown.bids = from.bids;
  shown.asks = from.asks;
  tp_event& trade = to.add(TP_EV_TRADE, 0, TP_PRINT | TP_PRICE);
  trade.price = from.last;
  trade.quantity = from.last_quantity;
  trade.ref = from.ticks;
  if (from.begins_day) {
    to.value(TP_VAL_OPEN, from.base);
    to.value(TP_VAL_PREVIOUS_CLOSE, from.base);
  }
  to.value(TP_VAL_HIGH, from.high);
  to.value(TP_VAL_LOW, from.low);
  return to.finish();
}

size_t snapshot_events(const shown_levels& shown, uint32_t instrument, uint64_t sequence, uint64_t now_ns,
                       std::span<tp_event, most_events_a_tick> out) {
  writer to{out, instrument, sequence, now_ns};
  to.add(TP_EV_SNAPSHOT_BEGIN, TP_SNAPSHOT_PICTURE, TP_SNAPSHOT);
  for (const level& l : shown.bids)
    if (l.quantity != 0) to.level(TP_SNAPSHOT | TP_BID, l.price, l.quantity, l.orders);
  for (const level& l : shown.asks)
    if (l.quantity != 0) to.level(TP_SNAPSHOT | TP_ASK, l.price, l.quantity, l.orders);
  to.add(TP_EV_SNAPSHOT_END, 0, TP_SNAPSHOT);
  return to.finish();
}

} // namespace tickplant::synthetic
