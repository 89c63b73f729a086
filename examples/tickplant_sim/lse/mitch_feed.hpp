// The market in MITCH: one Time message in each second in which something happens, then nanoseconds since it.
#pragma once

#include "tickplant_sim/lse/market_feed.hpp"
#include "tickplant_sim/lse/mitch_encoder.hpp"

namespace tickplant::sim::lse {

class mitch_feed final : public market_feed {
public:
  explicit mitch_feed(message_buffer& out) noexcept : out_{out} {}

  void set_time(const feed_time& now) override;
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
  void matched(const listing&, const matching_event&, const instrument_book&) override {}
  void trade(const listing& of, const trade_print& print) override;
  void auction_trade(const listing& of, const trade_print& print, char auction_type) override;
  void auction_info(const listing& of, const uncross_result& indicative, char auction_type) override;
  void official_price(const listing& of, char kind, std::optional<price8> price, char origin) override;
  void totals(const listing&, const day_totals&) override {}
  void clear(const listing& of, book_kind kind) override;
  void top_of_book(const listing& of, const instrument_book& book) override;
  void unknown_type(std::uint32_t choice) override;

private:
  mitch_encoder& timed();

  mitch_encoder out_;
  std::uint64_t day_ns_ = 0;
  std::uint64_t told_second_ = ~std::uint64_t{0};
  std::uint32_t ns_ = 0;
};

} // namespace tickplant::sim::lse
