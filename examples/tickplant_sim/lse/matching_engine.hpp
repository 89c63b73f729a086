// The simulated trading system: books, statuses and totals of all instruments, and what each change of them tells the
// feed. Pure and without chance; the order flow decides what happens next.
#pragma once

#include "tickplant_sim/lse/mute_feed.hpp"

namespace tickplant::sim::lse {

struct traded_instrument {
  listing of;
  instrument_book orders;
  instrument_book quotes; // firm quotes of market makers
  instrument_status status;
  /// False in a level-1-only auction: the orders live, but nobody outside knows them.
  bool disclosed = true;
  std::optional<price8> official_open;
  std::optional<price8> official_close;
  price8 last_price = 0; // previous close until the first trade
  day_totals totals;
};

/// How an iceberg shows that its reserve has stepped forward. The document does not say, so receivers meet all three.
enum class refill_form : std::uint8_t { executed_with_more_shown, raised_by_modify, another_order };

struct execution_style {
  refill_form refill = refill_form::executed_with_more_shown;
  price8 improvement = 0; // towards the aggressor; not 0: told by "executed with price"
};

/// Instruments are named by their index. Preconditions are asserted: the callers pick slots from these books.
class matching_engine {
public:
  explicit matching_engine(std::vector<listing> listings);

  std::size_t instrument_count() const noexcept { return instruments_.size(); }
  const traded_instrument& at(std::size_t index) const noexcept { return instruments_[index]; }
  std::size_t live_orders() const noexcept;

  void set_status(std::size_t index, const instrument_status& status, market_feed& feed);
  /// Rests without matching.
  instrument_book::slot enter(std::size_t index, book_kind kind, const order_terms& terms, const feed_time& now,
                              market_feed& feed);
  /// Keeps priority when the price stays and the shown quantity does not grow.
  void change(std::size_t index, book_kind kind, instrument_book::slot order, price8 price, std::uint32_t shown,
              market_feed& feed);
  void cancel(std::size_t index, book_kind kind, instrument_book::slot order, market_feed& feed);

  /// Executes up to `most` of the first order of the side and returns what was executed. Precondition: not empty and a
  /// limit order in front.
  std::uint32_t execute_front(std::size_t index, side passive, std::uint32_t most, const execution_style& style,
                              const feed_time& now, market_feed& feed);
  void tell_matched(std::size_t index, const matching_event& event, market_feed& feed);

  /// Ends a call: executes what matches, prints it once, removes the market orders that are left.
  uncross_result uncross(std::size_t index, char auction_type, market_feed& feed);
  uncross_result indicative(std::size_t index) const;

  /// A trade that touches no displayed order.
  void print(std::size_t index, std::uint32_t quantity, price8 price, std::uint8_t cross_type, std::uint8_t sub_book,
             market_feed& feed);
  std::size_t remembered_prints() const noexcept { return prints_.size(); }
  void cancel_print(std::size_t which, market_feed& feed);
  /// Precondition: `quantity` is above 0.
  void amend_print(std::size_t which, std::uint32_t quantity, market_feed& feed);

  void set_official(std::size_t index, char kind, std::optional<price8> price, char origin, market_feed& feed);
  void tell_totals(std::size_t index, market_feed& feed);
  /// Clears the order book for the world; the orders live on.
  void tell_clear(std::size_t index, market_feed& feed);
  /// Tells all orders of the order book and the statistics again.
  void resend(std::size_t index, market_feed& feed);
  /// Tells the firm quotes again after a clear of their book, where there is one.
  void resend_quotes(std::size_t index, market_feed& feed);
  void set_disclosed(std::size_t index, bool disclosed) noexcept { instruments_[index].disclosed = disclosed; }
  void remove_all(std::size_t index, market_feed& feed);
  void forget_day();

private:
  struct remembered_print {
    std::size_t index;
    trade_print print;
    char auction_type; // 0 for trades outside auctions
  };

  market_feed& order_feed(std::size_t index, market_feed& feed) noexcept {
    return instruments_[index].disclosed ? feed : mute_;
  }
  instrument_book& book(std::size_t index, book_kind kind) noexcept {
    return kind == book_kind::orders ? instruments_[index].orders : instruments_[index].quotes;
  }
  std::uint64_t next_id() noexcept { return last_id_ += 1 + last_id_ % 3; }
  void count(std::size_t index, const trade_print& print, char auction_type);
  void take_out(std::size_t index, const trade_print& print);
  void fill_in_auction(std::size_t index, side s, const uncross_result& result, market_feed& feed);

  std::vector<traded_instrument> instruments_;
  std::vector<remembered_print> prints_;
  std::size_t oldest_print_ = 0;
  std::uint64_t last_id_ = 123'400'000'001;
  std::uint64_t last_match_ = 7'000'000;
  mute_feed mute_;
};

} // namespace tickplant::sim::lse
