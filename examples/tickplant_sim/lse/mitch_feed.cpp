#include "tickplant_sim/lse/mitch_feed.hpp"

#include <array>
#include <cstdio>

namespace tickplant::sim::lse {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

constexpr std::uint8_t flags_of(book_kind kind) {
  return kind == book_kind::firm_quotes ? mitch::firm_quote_bit : std::uint8_t{0};
}

constexpr std::uint8_t flags_of(print_change change) {
  return change == print_change::cancelled ? mitch::cancelled_bit
         : change == print_change::amended ? mitch::amended_bit
                                           : std::uint8_t{0};
}

mitch::trade fields_of(const listing& of, const trade_print& print) {
  return {print.quantity,   of.instrument,  print.price,           print.match,
          print.cross_type, print.sub_book, flags_of(print.change)};
}

} // namespace

void mitch_feed::set_time(const feed_time& now) {
  day_ns_ = now.day_ns;
  // The venue's clock is good for a microsecond only.
  ns_ = static_cast<std::uint32_t>(day_ns_ % second / 1'000 * 1'000);
}

mitch_encoder& mitch_feed::timed() {
  if (const auto now_s = day_ns_ / second; now_s != told_second_) {
    told_second_ = now_s;
    out_.time(static_cast<std::uint32_t>(now_s));
  }
  return out_;
}

void mitch_feed::system_event(char event) {
  timed().system_event(ns_, event);
}

void mitch_feed::directory(const listing& of) {
  timed().symbol_directory(ns_, {of.instrument, ' ', of.isin, of.sedol, of.segment, currency, of.previous_close});
}

void mitch_feed::status(const listing& of, const instrument_status& status, book_kind kind) {
  std::array<char, 16> end{};
  if (status.new_end_s > 0)
    std::snprintf(end.data(), end.size(), "%02u:%02u:%02u", status.new_end_s / 3600 % 24, status.new_end_s / 60 % 60,
                  status.new_end_s % 60);
  timed().symbol_status(
    ns_, {of.instrument, status.code, flags_of(kind), status.reason, status.change_reason, end.data(), 1});
}

void mitch_feed::add(const listing& of, const book_order& order, book_kind kind) {
  const auto market = order.market ? mitch::market_order_bit : std::uint8_t{0};
  const mitch::order fields{order.id,      letter_of(order.s), order.shown,
                            of.instrument, order.price,        static_cast<std::uint8_t>(market | flags_of(kind))};
  if (order.firm.empty())
    timed().add_order(ns_, fields);
  else
    timed().add_attributed_order(ns_, fields, order.firm);
}

void mitch_feed::modify(const listing&, const book_order& before, const book_order& after, bool priority_kept,
                        book_kind kind) {
  const auto kept = priority_kept ? mitch::priority_kept_bit : std::uint8_t{0};
  timed().order_modified(ns_, before.id, after.shown, after.price, static_cast<std::uint8_t>(kept | flags_of(kind)));
}

void mitch_feed::remove(const listing& of, const book_order& order, book_kind kind) {
  timed().order_deleted(ns_, order.id, flags_of(kind), of.instrument);
}

void mitch_feed::execute(const listing&, const book_order& before, std::uint32_t quantity, std::uint64_t match) {
  timed().order_executed(ns_, before.id, quantity, match);
}

void mitch_feed::execute_at(const listing&, const book_order& before, std::uint32_t quantity, std::uint32_t left,
                            std::uint64_t match, bool printable, price8 price) {
  timed().order_executed_with_price(ns_, before.id, quantity, left, match, printable, price);
}

void mitch_feed::trade(const listing& of, const trade_print& print) {
  timed().trade(ns_, fields_of(of, print));
}

void mitch_feed::auction_trade(const listing& of, const trade_print& print, char auction_type) {
  timed().auction_trade(ns_, fields_of(of, print), auction_type);
}

void mitch_feed::auction_info(const listing& of, const uncross_result& indicative, char auction_type) {
  timed().auction_info(ns_, of.instrument, static_cast<std::uint32_t>(indicative.volume), indicative.price,
                       auction_type);
}

void mitch_feed::official_price(const listing& of, char kind, std::optional<price8> price, char origin) {
  timed().statistics(ns_, of.instrument, kind, price.value_or(-price_one), origin);
}

void mitch_feed::clear(const listing& of, book_kind kind) {
  timed().order_book_clear(ns_, of.instrument, flags_of(kind));
}

void mitch_feed::top_of_book(const listing& of, const instrument_book& book) {
  const auto best = [&book](side s) { return book.has_limit(s) ? book.best(s) : 0; };
  const auto size = [&book](side s) { return static_cast<std::uint32_t>(book.best_size(s)); };
  timed().top_of_book(ns_, of.instrument, best(side::buy), size(side::buy), best(side::sell), size(side::sell));
}

void mitch_feed::unknown_type(std::uint32_t choice) {
  timed().unknown(ns_, static_cast<std::uint8_t>('0' + choice % 10), 6 + choice % 60);
}

} // namespace tickplant::sim::lse
