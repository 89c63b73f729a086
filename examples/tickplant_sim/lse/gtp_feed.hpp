// The market in GTP's Level 2 Incremental messages: executions reach the book as modifies and deletes only, and trades
// are messages of their own.
#pragma once

#include "tickplant_sim/lse/gtp_encoder.hpp"
#include "tickplant_sim/lse/market_feed.hpp"

namespace tickplant::sim::lse {

/// Whole shares with eight decimals.
constexpr std::uint64_t gtp_size(std::uint64_t shares) noexcept {
  return shares * 100'000'000;
}
constexpr gtp::book gtp_book(book_kind kind) noexcept {
  return kind == book_kind::firm_quotes ? gtp::book::firm_quote : gtp::book::electronic;
}
/// GTP tells kinds of halts by the status itself, which MITCH leaves to the reason.
char gtp_status_code(const instrument_status& status) noexcept;

class gtp_feed final : public market_feed {
public:
  explicit gtp_feed(message_buffer& out) noexcept : out_{out} {}

  void set_time(const feed_time& now) override { ns_ = now.unix_ns / 1'000 * 1'000; }
  void system_event(char event) override;
  void directory(const listing& of) override;
  void status(const listing& of, const instrument_status& status, book_kind kind) override;
  void add(const listing& of, const book_order& order, book_kind kind) override;
  void modify(const listing& of, const book_order& before, const book_order& after, bool priority_kept,
              book_kind kind) override;
  void remove(const listing& of, const book_order& order, book_kind kind) override;
  void execute(const listing& of, const book_order& before, std::uint32_t quantity, std::uint64_t match) override;
  void execute_at(const listing& of, const book_order& before, std::uint32_t quantity, std::uint32_t left,
                  std::uint64_t match, bool printable, price8 price) override;
  void matched(const listing& of, const matching_event& event, const instrument_book& book) override;
  void trade(const listing& of, const trade_print& print) override;
  void auction_trade(const listing& of, const trade_print& print, char auction_type) override;
  void auction_info(const listing& of, const uncross_result& indicative, char auction_type) override;
  void official_price(const listing& of, char kind, std::optional<price8> price, char origin) override;
  void totals(const listing& of, const day_totals& totals) override;
  void clear(const listing& of, book_kind kind) override;
  void top_of_book(const listing&, const instrument_book&) override {}
  void unknown_type(std::uint32_t choice) override;

private:
  void leave(const listing& of, const book_order& before, std::uint32_t left);

  gtp_encoder out_;
  std::uint64_t ns_ = 0;
};

} // namespace tickplant::sim::lse
