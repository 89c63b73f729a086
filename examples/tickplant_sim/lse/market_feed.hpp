// What the simulated market tells the world, in no protocol's words. Both protocols' encoders and the mute one are
// behind it, so that one market can speak either.
#pragma once

#include "tickplant_sim/lse/instrument_book.hpp"
#include "tickplant_sim/lse/listing.hpp"
#include "tickplant_sim/lse/uncross.hpp"

#include <optional>

namespace tickplant::sim::lse {

struct feed_time {
  std::uint64_t elapsed_ns = 0; // since the start of the session
  std::uint64_t day_ns = 0;     // since midnight in London
  std::uint64_t unix_ns = 0;
};

enum class book_kind : std::uint8_t { orders, firm_quotes };

struct instrument_status {
  char code = 'w';
  std::string_view reason; // four characters at most, static text
  std::uint8_t change_reason = 0;
  std::uint32_t new_end_s = 0; // seconds since midnight in London, 0 when not set
};

enum class print_change : std::uint8_t { none, cancelled, amended };

struct trade_print {
  std::uint64_t match = 0;
  std::uint32_t quantity = 0;
  price8 price = 0;
  std::uint8_t cross_type = 0;
  std::uint8_t sub_book = 0;
  print_change change = print_change::none;
};

/// Totals of one instrument's day; cancelled trades are taken out again.
struct day_totals {
  std::uint64_t volume = 0;
  std::int64_t turnover4 = 0; // pence with four decimals
  std::uint32_t trades = 0;
};

/// One aggressive order and what it met.
struct matching_event {
  price8 far_price = 0;
  std::uint64_t total = 0;
  std::uint64_t hidden = 0;
  side passive = side::buy;
};

class market_feed {
public:
  virtual ~market_feed() = default;

  /// Stamps what follows.
  virtual void set_time(const feed_time& now) = 0;
  virtual void system_event(char event) = 0;
  virtual void directory(const listing& of) = 0;
  virtual void status(const listing& of, const instrument_status& status, book_kind kind) = 0;
  virtual void add(const listing& of, const book_order& order, book_kind kind) = 0;
  virtual void modify(const listing& of, const book_order& before, const book_order& after, bool priority_kept,
                      book_kind kind) = 0;
  virtual void remove(const listing& of, const book_order& order, book_kind kind) = 0;
  /// At the order's own price.
  virtual void execute(const listing& of, const book_order& before, std::uint32_t quantity, std::uint64_t match) = 0;
  /// `left` is what the order shows afterwards.
  virtual void execute_at(const listing& of, const book_order& before, std::uint32_t quantity, std::uint32_t left,
                          std::uint64_t match, bool printable, price8 price) = 0;
  virtual void matched(const listing& of, const matching_event& event, const instrument_book& book) = 0;
  virtual void trade(const listing& of, const trade_print& print) = 0;
  virtual void auction_trade(const listing& of, const trade_print& print, char auction_type) = 0;
  virtual void auction_info(const listing& of, const uncross_result& indicative, char auction_type) = 0;
  /// Official opening 'O' or closing 'C' price; nothing clears it.
  virtual void official_price(const listing& of, char kind, std::optional<price8> price, char origin) = 0;
  virtual void totals(const listing& of, const day_totals& totals) = 0;
  virtual void clear(const listing& of, book_kind kind) = 0;
  virtual void top_of_book(const listing& of, const instrument_book& book) = 0;
  virtual void unknown_type(std::uint32_t choice) = 0;
};

} // namespace tickplant::sim::lse
