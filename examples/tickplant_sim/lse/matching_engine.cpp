#include "tickplant_sim/lse/matching_engine.hpp"

#include <utility>

namespace tickplant::sim::lse {
namespace {

constexpr std::size_t prints_kept = 64;
constexpr std::int64_t price8_in_price4 = 10'000;

std::int64_t turnover4(const trade_print& print) {
  return print.price / price8_in_price4 * static_cast<std::int64_t>(print.quantity);
}

} // namespace

matching_engine::matching_engine(std::vector<listing> listings) {
  instruments_.reserve(listings.size());
  for (auto& of : listings) {
    traded_instrument made;
    made.last_price = of.previous_close;
    made.of = std::move(of);
    instruments_.push_back(std::move(made));
  }
  prints_.reserve(prints_kept);
}

std::size_t matching_engine::live_orders() const noexcept {
  std::size_t count = 0;
  for (const auto& one : instruments_) count += one.orders.live_count() + one.quotes.live_count();
  return count;
}

void matching_engine::set_status(std::size_t index, const instrument_status& status, market_feed& feed) {
  auto& one = instruments_[index];
  one.status = status;
  feed.status(one.of, status, book_kind::orders);
  if (one.of.firm_quotes) feed.status(one.of, status, book_kind::firm_quotes);
}

instrument_book::slot matching_engine::enter(std::size_t index, book_kind kind, const order_terms& terms,
                                             const feed_time& now, market_feed& feed) {
  auto& in = book(index, kind);
  const auto made = in.insert(terms, next_id(), now.unix_ns);
  order_feed(index, feed).add(instruments_[index].of, in.at(made), kind);
  return made;
}

void matching_engine::change(std::size_t index, book_kind kind, instrument_book::slot order, price8 price,
                             std::uint32_t shown, market_feed& feed) {
  auto& in = book(index, kind);
  const auto before = in.at(order);
  const bool kept = price == before.price && shown <= before.shown;
  if (kept)
    in.set_quantity(order, shown, before.hidden);
  else
    in.move(order, price, shown, before.hidden);
  order_feed(index, feed).modify(instruments_[index].of, before, in.at(order), kept, kind);
}

void matching_engine::cancel(std::size_t index, book_kind kind, instrument_book::slot order, market_feed& feed) {
  auto& in = book(index, kind);
  order_feed(index, feed).remove(instruments_[index].of, in.at(order), kind);
  in.erase(order);
}

std::uint32_t matching_engine::execute_front(std::size_t index, side passive, std::uint32_t most,
                                             const execution_style& style, const feed_time& now, market_feed& feed) {
  auto& one = instruments_[index];
  auto& in = one.orders;
  const auto front = in.front(passive);
  assert(front != instrument_book::none && !in.at(front).market);
  const auto before = in.at(front);
  auto& out = order_feed(index, feed);
  auto quantity = std::min(most, before.shown);
  const bool refills = before.hidden > 0 && quantity == before.shown;
  if (refills && style.refill == refill_form::raised_by_modify && quantity > 1) --quantity;
  const trade_print print{++last_match_, quantity, before.price + style.improvement, 0, 0, print_change::none};
  const auto rest = before.shown - quantity + (refills ? before.hidden : 0);

  if (!refills) {
    if (style.improvement == 0)
      out.execute(one.of, before, quantity, print.match);
    else
      out.execute_at(one.of, before, quantity, rest, print.match, true, print.price);
    if (rest == 0)
      in.erase(front);
    else
      in.set_quantity(front, rest, before.hidden);
  } else {
    const auto shown = std::min(before.peak, rest);
    switch (style.refill) {
      case refill_form::executed_with_more_shown:
        out.execute_at(one.of, before, quantity, shown, print.match, true, print.price);
        in.set_quantity(front, shown, rest - shown);
        break;
      case refill_form::raised_by_modify: {
        if (quantity == before.shown) { // one share shown: it cannot stay to be raised
          out.execute_at(one.of, before, quantity, shown, print.match, true, print.price);
          in.set_quantity(front, shown, rest - shown);
          break;
        }
        out.execute(one.of, before, quantity, print.match);
        auto between = before;
        between.shown = before.shown - quantity;
        in.move(front, before.price, shown, rest - shown);
        out.modify(one.of, between, in.at(front), false, book_kind::orders);
        break;
      }
      case refill_form::another_order: {
        out.execute(one.of, before, quantity, print.match);
        in.erase(front);
        order_terms terms = before;
        terms.shown = shown;
        terms.hidden = rest - shown;
        enter(index, book_kind::orders, terms, now, feed);
        break;
      }
    }
  }
  count(index, print, '\0');
  return quantity;
}

void matching_engine::tell_matched(std::size_t index, const matching_event& event, market_feed& feed) {
  order_feed(index, feed).matched(instruments_[index].of, event, instruments_[index].orders);
}

uncross_result matching_engine::indicative(std::size_t index) const {
  return find_uncross(instruments_[index].orders, instruments_[index].last_price);
}

void matching_engine::fill_in_auction(std::size_t index, side s, const uncross_result& result, market_feed& feed) {
  auto& one = instruments_[index];
  for (auto remaining = result.volume; remaining > 0;) {
    const auto front = one.orders.front(s);
    assert(front != instrument_book::none);
    const auto before = one.orders.at(front);
    const auto whole = before.shown + before.hidden;
    const auto quantity = static_cast<std::uint32_t>(std::min<std::uint64_t>(whole, remaining));
    const auto rest = whole - quantity;
    const auto shown = std::min(before.peak, rest);
    order_feed(index, feed).execute_at(one.of, before, quantity, shown, ++last_match_, false, result.price);
    if (rest == 0)
      one.orders.erase(front);
    else
      one.orders.set_quantity(front, shown, rest - shown);
    remaining -= quantity;
  }
}

uncross_result matching_engine::uncross(std::size_t index, char auction_type, market_feed& feed) {
  auto& one = instruments_[index];
  const auto result = indicative(index);
  if (result.volume > 0) {
    for (const side s : both_sides) fill_in_auction(index, s, result, feed);
    const trade_print print{++last_match_,     static_cast<std::uint32_t>(result.volume), result.price, 0, 0,
                            print_change::none};
    feed.auction_trade(one.of, print, auction_type);
    count(index, print, auction_type);
  }
  for (const side s : both_sides)
    while (one.orders.has_market(s)) cancel(index, book_kind::orders, one.orders.front(s), feed);
  return result;
}

void matching_engine::print(std::size_t index, std::uint32_t quantity, price8 price, std::uint8_t cross_type,
                            std::uint8_t sub_book, market_feed& feed) {
  const trade_print print{++last_match_, quantity, price, cross_type, sub_book, print_change::none};
  feed.trade(instruments_[index].of, print);
  count(index, print, '\0');
}

void matching_engine::count(std::size_t index, const trade_print& print, char auction_type) {
  auto& one = instruments_[index];
  one.last_price = print.price;
  one.totals.volume += print.quantity;
  one.totals.turnover4 += turnover4(print);
  ++one.totals.trades;
  if (prints_.size() < prints_kept)
    prints_.push_back({index, print, auction_type});
  else {
    prints_[oldest_print_] = {index, print, auction_type};
    oldest_print_ = (oldest_print_ + 1) % prints_kept;
  }
}

void matching_engine::take_out(std::size_t index, const trade_print& print) {
  auto& totals = instruments_[index].totals;
  totals.volume -= print.quantity;
  totals.turnover4 -= turnover4(print);
}

void matching_engine::cancel_print(std::size_t which, market_feed& feed) {
  auto chosen = prints_[which];
  const auto& of = instruments_[chosen.index].of;
  take_out(chosen.index, chosen.print);
  --instruments_[chosen.index].totals.trades;
  chosen.print.change = print_change::cancelled;
  if (chosen.auction_type == '\0')
    feed.trade(of, chosen.print);
  else
    feed.auction_trade(of, chosen.print, chosen.auction_type);
  prints_[which] = prints_.back();
  prints_.pop_back();
  oldest_print_ = 0;
}

void matching_engine::amend_print(std::size_t which, std::uint32_t quantity, market_feed& feed) {
  auto& chosen = prints_[which];
  const auto& of = instruments_[chosen.index].of;
  take_out(chosen.index, chosen.print);
  chosen.print.quantity = quantity;
  auto& totals = instruments_[chosen.index].totals;
  totals.volume += quantity;
  totals.turnover4 += turnover4(chosen.print);
  auto told = chosen.print;
  told.change = print_change::amended;
  if (chosen.auction_type == '\0')
    feed.trade(of, told);
  else
    feed.auction_trade(of, told, chosen.auction_type);
}

void matching_engine::set_official(std::size_t index, char kind, std::optional<price8> price, char origin,
                                   market_feed& feed) {
  auto& one = instruments_[index];
  (kind == 'O' ? one.official_open : one.official_close) = price;
  feed.official_price(one.of, kind, price, origin);
}

void matching_engine::tell_totals(std::size_t index, market_feed& feed) {
  feed.totals(instruments_[index].of, instruments_[index].totals);
}

void matching_engine::tell_clear(std::size_t index, market_feed& feed) {
  feed.clear(instruments_[index].of, book_kind::orders);
}

void matching_engine::resend(std::size_t index, market_feed& feed) {
  auto& one = instruments_[index];
  for (const side s : both_sides)
    one.orders.for_each(
      s, [&](const book_order& order) { order_feed(index, feed).add(one.of, order, book_kind::orders); });
  if (one.official_open) feed.official_price(one.of, 'O', one.official_open, 'A');
  if (one.official_close) feed.official_price(one.of, 'C', one.official_close, 'A');
}

void matching_engine::resend_quotes(std::size_t index, market_feed& feed) {
  auto& one = instruments_[index];
  if (!one.of.firm_quotes) return;
  feed.clear(one.of, book_kind::firm_quotes);
  for (const side s : both_sides)
    one.quotes.for_each(s, [&](const book_order& order) { feed.add(one.of, order, book_kind::firm_quotes); });
}

void matching_engine::remove_all(std::size_t index, market_feed& feed) {
  for (const auto kind : {book_kind::orders, book_kind::firm_quotes})
    while (book(index, kind).live_count() > 0)
      cancel(index, kind, book(index, kind).live(book(index, kind).live_count() - 1), feed);
}

void matching_engine::forget_day() {
  prints_.clear();
  oldest_print_ = 0;
  for (auto& one : instruments_) {
    if (one.official_close) one.of.previous_close = *one.official_close;
    one.totals = {};
    one.official_open.reset();
    one.official_close.reset();
  }
}

} // namespace tickplant::sim::lse
