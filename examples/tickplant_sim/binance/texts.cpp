#include "tickplant_sim/binance/texts.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tickplant::sim::binance {
namespace {

/// Appends members of one JSON object.
class object_writer {
public:
  explicit object_writer(std::size_t reserve = 256) { text_.reserve(reserve); }

  object_writer& text(std::string_view key, std::string_view value) {
    begin(key);
    text_.append("\"").append(value).append("\"");
    return *this;
  }
  template <class Integer>
  object_writer& number(std::string_view key, Integer value) {
    begin(key);
    text_.append(std::to_string(value));
    return *this;
  }
  object_writer& boolean(std::string_view key, bool value) {
    begin(key);
    text_.append(value ? "true" : "false");
    return *this;
  }
  object_writer& decimal(std::string_view key, scaled value) {
    begin(key);
    text_.push_back('"');
    if (value < 0) text_.push_back('-');
    append_decimal(text_, std::abs(value));
    text_.push_back('"');
    return *this;
  }
  template <class Levels>
  object_writer& levels(std::string_view key, const Levels& from, std::size_t limit) {
    begin(key);
    text_.push_back('[');
    std::size_t written = 0;
    for (const auto& [price, quantity] : from) {
      if (written == limit) break;
      text_.append(written++ == 0 ? "[\"" : ",[\"");
      append_decimal(text_, price);
      text_.append("\",\"");
      append_decimal(text_, quantity);
      text_.append("\"]");
    }
    text_.push_back(']');
    return *this;
  }
  std::string finish() {
    text_.push_back('}');
    return std::move(text_);
  }

private:
  void begin(std::string_view key) { text_.append(text_.empty() ? "{\"" : ",\"").append(key).append("\":"); }

  std::string text_;
};

template <class Change>
std::string changed(std::string_view text, Change change) {
  std::string out{text};
  for (auto& c : out) c = change(c);
  return out;
}

} // namespace

std::string upper_case(std::string_view text) {
  return changed(text, [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
}

std::string lower_case(std::string_view text) {
  return changed(text, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
}

std::string stream_name(std::string_view symbol, std::string_view kind) {
  return lower_case(symbol).append(kind);
}

std::string depth_update_text(std::string_view symbol, const depth_diff& diff, std::int64_t time_ms) {
  object_writer out{128 + 40 * (diff.bids.size() + diff.asks.size())};
  return out.text("e", "depthUpdate")
    .number("E", time_ms)
    .text("s", symbol)
    .number("U", diff.first_id)
    .number("u", diff.last_id)
    .levels("b", diff.bids, diff.bids.size())
    .levels("a", diff.asks, diff.asks.size())
    .finish();
}

std::string book_ticker_text(std::string_view symbol, const best_quote& quote) {
  return object_writer{}
    .number("u", quote.update_id)
    .text("s", symbol)
    .decimal("b", quote.bid.price)
    .decimal("B", quote.bid.quantity)
    .decimal("a", quote.ask.price)
    .decimal("A", quote.ask.quantity)
    .finish();
}

std::string trade_text(std::string_view symbol, const trade& t, std::int64_t time_ms) {
  return object_writer{}
    .text("e", "trade")
    .number("E", time_ms)
    .text("s", symbol)
    .number("t", t.id)
    .decimal("p", t.price)
    .decimal("q", t.quantity)
    .number("T", time_ms)
    .boolean("m", t.buyer_is_maker)
    .boolean("M", true)
    .finish();
}

std::string aggregate_trade_text(std::string_view symbol, const aggregate_trade& t, std::int64_t time_ms) {
  return object_writer{}
    .text("e", "aggTrade")
    .number("E", time_ms)
    .text("s", symbol)
    .number("a", t.id)
    .decimal("p", t.price)
    .decimal("q", t.quantity)
    .number("f", t.first_trade)
    .number("l", t.last_trade)
    .number("T", time_ms)
    .boolean("m", t.buyer_is_maker)
    .boolean("M", true)
    .finish();
}

std::string futures_depth_update_text(std::string_view symbol, const depth_diff& diff, std::int64_t time_ms) {
  constexpr auto stride = id_stride(product::usdm);
  object_writer out{192 + 40 * (diff.bids.size() + diff.asks.size())};
  return out.text("e", "depthUpdate")
    .number("E", time_ms)
    .number("T", time_ms)
    .text("s", symbol)
    .number("U", diff.first_id * stride)
    .number("u", diff.last_id * stride)
    .number("pu", (diff.first_id - 1) * stride)
    .levels("b", diff.bids, diff.bids.size())
    .levels("a", diff.asks, diff.asks.size())
    .finish();
}

std::string futures_book_ticker_text(std::string_view symbol, const best_quote& quote, std::int64_t time_ms) {
  return object_writer{}
    .text("e", "bookTicker")
    .number("u", quote.update_id * id_stride(product::usdm))
    .text("s", symbol)
    .decimal("b", quote.bid.price)
    .decimal("B", quote.bid.quantity)
    .decimal("a", quote.ask.price)
    .decimal("A", quote.ask.quantity)
    .number("T", time_ms)
    .number("E", time_ms)
    .finish();
}

std::string futures_trade_text(std::string_view symbol, const trade& t, std::int64_t time_ms) {
  return object_writer{}
    .text("e", "trade")
    .number("E", time_ms)
    .number("T", time_ms)
    .text("s", symbol)
    .number("t", t.id)
    .decimal("p", t.price)
    .decimal("q", t.quantity)
    .text("X", "MARKET")
    .boolean("m", t.buyer_is_maker)
    .finish();
}

std::string mark_price_text(std::string_view symbol, scaled mark, std::int64_t time_ms) {
  return object_writer{}
    .text("e", "markPriceUpdate")
    .number("E", time_ms)
    .text("s", symbol)
    .decimal("p", mark)
    .decimal("i", mark)
    .decimal("P", mark)
    .text("r", "-0.00010000")
    .number("T", time_ms + 3'600'000)
    .finish();
}

std::string futures_snapshot_text(const level_book& book, std::uint64_t last_update_id, std::size_t limit,
                                  std::int64_t time_ms) {
  object_writer out{96 + 72 * std::min<std::size_t>(limit, 1000)};
  return out.number("lastUpdateId", last_update_id * id_stride(product::usdm))
    .number("E", time_ms)
    .number("T", time_ms)
    .levels("bids", book.bids(), limit)
    .levels("asks", book.asks(), limit)
    .finish();
}

std::string ticker_text(const market& source, std::int64_t time_ms) {
  constexpr std::int64_t window_ms = 86'400'000;
  const auto& day = source.statistics();
  const auto quote = source.quote();
  const double base_volume = static_cast<double>(day.volume) / one;
  const double average = base_volume > 0 ? day.quote_volume / base_volume : static_cast<double>(day.last) / one;
  const double percent = 100 * static_cast<double>(day.last - day.open) / static_cast<double>(day.open);
  std::string percent_text = std::to_string(percent);
  percent_text.resize(percent_text.find('.') + 4);
  const auto count = day.last_trade + 1 - day.first_trade;
  return object_writer{640}
    .text("e", "24hrTicker")
    .number("E", time_ms)
    .text("s", source.options().symbol)
    .decimal("p", day.last - day.open)
    .text("P", percent_text)
    .decimal("w", std::llround(average * one))
    .decimal("x", day.open)
    .decimal("c", day.last)
    .decimal("Q", day.last_quantity)
    .decimal("b", quote.bid.price)
    .decimal("B", quote.bid.quantity)
    .decimal("a", quote.ask.price)
    .decimal("A", quote.ask.quantity)
    .decimal("o", day.open)
    .decimal("h", day.high)
    .decimal("l", day.low)
    .decimal("v", day.volume)
    .decimal("q", std::llround(std::min(day.quote_volume, 9e10) * one))
    .number("O", time_ms - window_ms)
    .number("C", time_ms)
    .number("F", count == 0 ? -1 : static_cast<std::int64_t>(day.first_trade))
    .number("L", count == 0 ? -1 : static_cast<std::int64_t>(day.last_trade))
    .number("n", count)
    .finish();
}

std::string snapshot_text(const level_book& book, std::uint64_t last_update_id, std::size_t limit) {
  object_writer out{64 + 72 * std::min<std::size_t>(limit, 5000)};
  return out.number("lastUpdateId", last_update_id)
    .levels("bids", book.bids(), limit)
    .levels("asks", book.asks(), limit)
    .finish();
}

std::string with_microseconds(std::string_view event) {
  constexpr std::size_t millisecond_digits = 13;
  std::string out;
  out.reserve(event.size() + 16);
  while (!event.empty()) {
    // A time is a bare number right after one of these keys; prices under the same letters are quoted.
    std::size_t at = std::string_view::npos;
    for (const std::string_view key : {"\"E\":", "\"T\":", "\"O\":", "\"C\":"}) at = std::min(at, event.find(key));
    if (at == std::string_view::npos) break;
    const auto value = at + 4;
    const auto end = std::min(event.find_first_not_of("0123456789", value), event.size());
    out.append(event.substr(0, end));
    if (end - value == millisecond_digits) out.append("000");
    event.remove_prefix(end);
  }
  return out.append(event);
}

} // namespace tickplant::sim::binance
