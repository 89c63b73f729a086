// From the venue's messages to our events: the one place that knows both vocabularies. Prices and quantities are scaled
// by the instrument's exponents; one that needs finer ones is not emitted but told, so that the instrument can be
// redefined. Either the whole message becomes events or none of it.
#pragma once

#include "codec.hpp"
#include "config.hpp"
#include "counters.hpp"
#include "decimal.hpp"
#include "event_outbox.hpp"
#include "symbol_map.hpp"

namespace tickplant::binance {

class normalizer {
public:
  enum class fault : uint8_t { none, malformed, finer };
  struct result {
    fault what = fault::none;
    int8_t price_exponent = 0, quantity_exponent = 0; // with `finer`: what the message needs
  };

  normalizer(event_outbox& out, tally& counts, time_unit unit, product which)
    : out_(&out), counts_(&counts), unit_(unit), product_(which) {}

  /// Absolute quantities of one diff, as live LEVEL events, the last with TP_END. None if both sides are empty.
  result diff(const instrument& i, const depth_update& d, const message& m);
  /// A whole picture of the book: SNAPSHOT_BEGIN, levels, SNAPSHOT_END with the id.
  result picture(const instrument& i, uint64_t last_update_id, const message& m);
  result quote(const instrument& i, const book_ticker& q);
  result print(const instrument& i, const trade& t);
  result print(const instrument& i, const agg_trade& t);
  /// Outside the book: TP_COND_BLOCK, does not count for last price and volume (venue document, C4).
  result block(const instrument& i, const trade& t);
  /// The rolling 24-hour figures, each as a VALUE of its own (venue document, B6); last price and quotes are not taken.
  void statistics(const instrument& i, const message& m);
  /// Mark price, index price and funding rate of a future, each as a VALUE under its name.
  void marks(const instrument& i, const message& m);
  void status(const instrument& i);

  /// The definition as the host takes it; borrowed texts live as long as the instrument.
  tp_instrument definition(const instrument& i) const;

private:
  uint64_t to_ns(uint64_t venue_time);
  tp_event* levels(tp_event* at, const instrument& i, std::span<const level_text> list, const tp_event& form,
                   result& r);
  result one_trade(const instrument& i, std::string_view price, std::string_view quantity, bool buyer_is_maker,
                   tp_event form);
  void named(const instrument& i, uint32_t& handle, std::string_view name, std::string_view text, uint64_t ns);
  void value(const instrument& i, uint8_t key, std::string_view text, bool is_price, int exponent, uint64_t ns);

  event_outbox* out_;
  tally* counts_;
  time_unit unit_;
  product product_;
  uint32_t mark_ = 0, index_ = 0, funding_ = 0; // handles of names, 0 = not asked for so far
};

} // namespace tickplant::binance
