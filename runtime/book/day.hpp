// The day's figures of one book, by the rules of the venues: what counts for volume, last price, open, high, low.
#pragma once

#include "runtime/book/hot.hpp"
#include "runtime/book/price_band.hpp"
#include "runtime/book/publication.hpp"
#include "runtime/model/decimal.hpp"

#include <algorithm>

namespace tickplant::book {

struct day_figures {
  statistics shown;
  price_band band;
  uint64_t last_id = 0; // trade id of shown.last
  uint32_t number = 1;  // of the day: trades of former days cannot be broken any more

  /// A trade that counts. `price` is TP_NONE where nobody tells it: then it counts for volume only.
  TP_HOT void count(int64_t price, int64_t quantity, uint8_t aggressor, uint64_t venue_ns, uint64_t trade_id) {
    ++shown.trades;
    // 2^127 cannot be reached by adding 2^63 at most once per trade.
    (void)model::add_to(shown.volume, quantity);
    if (price == TP_NONE) [[unlikely]]
      return;
    shown.last = last_trade{price, quantity, venue_ns, aggressor};
    if (band.is_on()) [[unlikely]]
      band.move(price);
    last_id = trade_id;
    if (shown.open == TP_NONE) [[unlikely]]
      shown.open = price;
    shown.high = std::max(shown.high, price); // TP_NONE is the least of all numbers
    shown.low = shown.low == TP_NONE ? price : std::min(shown.low, price);
  }

  /// The trade was void. Its volume goes; the number of trades, the last price and the extremes stay as printed
  /// (venues/nasdaq.md section 8 leaves the choice and asks to state it).
  void take_back(int64_t quantity) { (void)model::subtract_from(shown.volume, quantity); }

  /// The trade had another quantity, and another price unless `price` is TP_NONE. The last trade is shown as corrected;
  /// extremes stay as printed.
  void correct(uint64_t trade_id, int64_t old_quantity, int64_t quantity, int64_t price) {
    (void)model::subtract_from(shown.volume, old_quantity);
    (void)model::add_to(shown.volume, quantity);
    if (trade_id != last_id || shown.last.price == TP_NONE) return;
    shown.last.quantity = quantity;
    if (price != TP_NONE) shown.last.price = price;
  }

  /// An official open, which stands against the first print; TP_NONE withdraws it, and the next print is the open.
  void set_open(int64_t price) { shown.open = price; }

  /// Totals begin anew with the same day's messages told again; the previous close stays.
  void restart() {
    const int64_t previous_close = shown.previous_close;
    shown = statistics{};
    shown.previous_close = previous_close;
    band.move(previous_close);
    last_id = 0;
    ++number;
  }

  /// The same figures at other exponents, where the venue turned out to use finer prices or sizes; totals that do not
  /// fit begin anew. Trades of before cannot be broken any more.
  void rescale(const model::instrument& from, const model::instrument& to) {
    statistics scaled = shown;
    bool fits = true;
    const auto change = [&fits](int64_t& value, int before, int after) {
      const auto changed = model::rescale(value, before, after);
      fits &= changed.has_value();
      value = changed.value_or(TP_NONE);
    };
    for (int64_t* price :
         {&scaled.open, &scaled.high, &scaled.low, &scaled.close, &scaled.previous_close, &scaled.last.price})
      change(*price, from.price_exponent, to.price_exponent);
    change(scaled.last.quantity, from.quantity_exponent, to.quantity_exponent);
    const auto volume = model::rescale(scaled.volume, from.quantity_exponent, to.quantity_exponent);
    if (!fits || !volume) return restart();
    scaled.volume = *volume;
    shown = scaled;
    band.move(shown.last.price != TP_NONE ? shown.last.price : shown.previous_close);
    ++number;
  }

  /// A new day: the close that the venue told, if any, becomes the previous one.
  void begin_day() {
    if (shown.close != TP_NONE) shown.previous_close = shown.close;
    restart();
  }
};

} // namespace tickplant::book
