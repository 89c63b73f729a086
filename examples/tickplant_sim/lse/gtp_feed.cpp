#include "tickplant_sim/lse/gtp_feed.hpp"

#include <array>
#include <cstdio>

namespace tickplant::sim::lse {
namespace {

// Trade types and flags of GTP002's Trade message.
constexpr std::uint8_t regular = 0, auction_bulk = 1, on_book_cancel = 9, correction = 11;
constexpr std::uint8_t rfq = 22, rfq_cancel = 23, rfq_correction = 24;
constexpr std::uint8_t visible = 1, hidden = 2;
constexpr std::uint8_t rfq_sub_book = 11;
constexpr std::uint64_t one_in_size4 = 10'000;

gtp::order_change previous(const listing& of, const book_order& before, book_kind kind, std::uint64_t ns) {
  gtp::order_change change;
  change.id = before.id;
  change.instrument = of.instrument;
  change.side = letter_of(before.s);
  change.of = gtp_book(kind);
  change.previous_price = before.price;
  change.previous_size = gtp_size(before.shown);
  change.transaction_ns = ns;
  return change;
}

gtp::trade fields_of(const listing& of, const trade_print& print, std::uint64_t ns, std::uint8_t plain_type) {
  gtp::trade trade;
  trade.transaction_ns = ns;
  trade.size = gtp_size(print.quantity);
  trade.instrument = of.instrument;
  trade.price = print.price;
  trade.id = print.match;
  const bool is_rfq = print.sub_book == rfq_sub_book;
  trade.type = is_rfq ? rfq : plain_type;
  if (print.change == print_change::cancelled) {
    trade.type = is_rfq ? rfq_cancel : on_book_cancel;
    trade.flags = 1u << 0;
  } else if (print.change == print_change::amended) {
    trade.type = is_rfq ? rfq_correction : correction;
    trade.flags = 1u << 1;
  }
  return trade;
}

} // namespace

char gtp_status_code(const instrument_status& status) noexcept {
  if (status.code != 'H') return status.code;
  if (status.reason == "102") return 'P';
  if (status.reason == "9998") return 'J';
  return status.reason == "9999" ? 'K' : 'H';
}

void gtp_feed::system_event(char event) {
  out_.system_event(ns_, event);
}

void gtp_feed::directory(const listing& of) {
  gtp::directory entry;
  entry.instrument = of.instrument;
  entry.isin = of.isin;
  entry.allowed_books = static_cast<std::uint8_t>(1u << 3 | (of.firm_quotes ? 1u << 1 : 0));
  entry.venue_id = of.ticker;
  entry.tick_id = "L1";
  entry.dynamic_breaker = 3 * price_one;
  entry.static_breaker = 8 * price_one;
  entry.segment = of.segment;
  entry.currency = currency;
  entry.partition = 'A';
  out_.instrument_directory(ns_, entry);
}

void gtp_feed::status(const listing& of, const instrument_status& status, book_kind kind) {
  std::array<char, 16> end{};
  if (status.new_end_s > 0)
    std::snprintf(end.data(), end.size(), "%02u%02u%02u", status.new_end_s / 3600 % 24, status.new_end_s / 60 % 60,
                  status.new_end_s % 60);
  out_.instrument_status(ns_,
                         {of.instrument, gtp_status_code(status), status.change_reason, end.data(), gtp_book(kind)});
}

void gtp_feed::add(const listing& of, const book_order& order, book_kind kind) {
  gtp::order fields;
  fields.id = order.id;
  fields.side = letter_of(order.s);
  fields.size = gtp_size(order.shown);
  fields.instrument = of.instrument;
  fields.price = order.price;
  fields.transaction_ns = order.entered_ns;
  fields.of = gtp_book(kind);
  fields.firm = order.firm;
  const bool named = !order.firm.empty() && kind == book_kind::orders;
  fields.order_type = static_cast<std::uint8_t>((order.market ? 1 : 0) + (named ? 3 : 0));
  out_.add_order(ns_, fields);
}

void gtp_feed::modify(const listing& of, const book_order& before, const book_order& after, bool priority_kept,
                      book_kind kind) {
  auto change = previous(of, before, kind, ns_);
  change.priority_kept = priority_kept;
  change.new_size = gtp_size(after.shown);
  change.new_price = after.price;
  out_.order_modify(ns_, change);
}

void gtp_feed::remove(const listing& of, const book_order& order, book_kind kind) {
  out_.order_delete(ns_, previous(of, order, kind, ns_));
}

void gtp_feed::leave(const listing& of, const book_order& before, std::uint32_t left) {
  if (left == 0) return remove(of, before, book_kind::orders);
  auto after = before;
  after.shown = left;
  modify(of, before, after, true, book_kind::orders);
}

void gtp_feed::execute(const listing& of, const book_order& before, std::uint32_t quantity, std::uint64_t match) {
  execute_at(of, before, quantity, before.shown - quantity, match, true, before.price);
}

void gtp_feed::execute_at(const listing& of, const book_order& before, std::uint32_t quantity, std::uint32_t left,
                          std::uint64_t match, bool printable, price8 price) {
  leave(of, before, left);
  if (!printable) return; // inside the auction's bulk trade
  auto trade = fields_of(of, {match, quantity, price, 0, 0, print_change::none}, ns_, regular);
  trade.hidden = visible;
  out_.trade(ns_, trade);
}

void gtp_feed::matched(const listing& of, const matching_event& event, const instrument_book& book) {
  gtp::trade_summary summary;
  summary.instrument = of.instrument;
  summary.transaction_ns = ns_;
  summary.far_price = event.far_price;
  summary.total = gtp_size(event.total);
  summary.hidden = gtp_size(event.hidden);
  summary.passive_side = letter_of(event.passive);
  summary.bid_size = gtp_size(book.best_size(side::buy));
  summary.bid = book.has_limit(side::buy) ? book.best(side::buy) : -price_one;
  summary.ask_size = gtp_size(book.best_size(side::sell));
  summary.ask = book.has_limit(side::sell) ? book.best(side::sell) : -price_one;
  out_.trade_summary(ns_, summary);
}

void gtp_feed::trade(const listing& of, const trade_print& print) {
  auto trade = fields_of(of, print, ns_, regular);
  trade.hidden = hidden;
  out_.trade(ns_, trade);
}

void gtp_feed::auction_trade(const listing& of, const trade_print& print, char auction_type) {
  auto trade = fields_of(of, print, ns_, auction_bulk);
  trade.auction_type = trade.type == auction_bulk ? auction_type : '\0';
  trade.hidden = 0;
  out_.trade(ns_, trade);
}

void gtp_feed::auction_info(const listing& of, const uncross_result& indicative, char auction_type) {
  gtp::statistics_update update;
  update.instrument = of.instrument;
  update.kind = 1;
  update.price = indicative.price;
  update.size = gtp_size(indicative.volume);
  update.auction_type = auction_type;
  const auto buys = indicative.buy_surplus, sells = indicative.sell_surplus;
  update.imbalance = gtp_size(std::max(buys, sells));
  update.imbalance_side = indicative.volume == 0 ? 'O' : buys > sells ? 'B' : sells > buys ? 'S' : 'N';
  out_.statistics_update(ns_, update);
}

void gtp_feed::official_price(const listing& of, char kind, std::optional<price8> price, char origin) {
  gtp::statistics_update update;
  update.instrument = of.instrument;
  update.kind = kind == 'O' ? 2 : 3;
  update.price = price.value_or(-price_one);
  update.origin = origin;
  out_.statistics_update(ns_, update);
}

void gtp_feed::totals(const listing& of, const day_totals& totals) {
  gtp::statistics out;
  out.instrument = of.instrument;
  out.volume = out.volume_on_book = totals.volume * one_in_size4;
  const auto volume = static_cast<std::int64_t>(totals.volume);
  out.vwap = out.vwap_on_book = volume == 0 ? 0 : totals.turnover4 / volume;
  out.trades = out.trades_on_book = totals.trades;
  out.turnover = out.turnover_on_book = totals.turnover4;
  out_.statistics(ns_, out);
}

void gtp_feed::clear(const listing& of, book_kind kind) {
  out_.order_book_clear(ns_, of.instrument, gtp_book(kind));
}

void gtp_feed::unknown_type(std::uint32_t choice) {
  out_.unknown(ns_, static_cast<std::uint8_t>('0' + choice % 10), 11 + choice % 90);
}

} // namespace tickplant::sim::lse
