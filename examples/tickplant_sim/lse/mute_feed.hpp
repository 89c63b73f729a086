// Tells nobody: for what happens inside the market while its depth is not published.
#pragma once

#include "tickplant_sim/lse/market_feed.hpp"

namespace tickplant::sim::lse {

class mute_feed final : public market_feed {
public:
  void set_time(const feed_time&) override {}
  void system_event(char) override {}
  void directory(const listing&) override {}
  void status(const listing&, const instrument_status&, book_kind) override {}
  void add(const listing&, const book_order&, book_kind) override {}
  void modify(const listing&, const book_order&, const book_order&, bool, book_kind) override {}
  void remove(const listing&, const book_order&, book_kind) override {}
  void execute(const listing&, const book_order&, std::uint32_t, std::uint64_t) override {}
  void execute_at(const listing&, const book_order&, std::uint32_t, std::uint32_t, std::uint64_t, bool,
                  price8) override {}
  void matched(const listing&, const matching_event&, const instrument_book&) override {}
  void trade(const listing&, const trade_print&) override {}
  void auction_trade(const listing&, const trade_print&, char) override {}
  void auction_info(const listing&, const uncross_result&, char) override {}
  void official_price(const listing&, char, std::optional<price8>, char) override {}
  void totals(const listing&, const day_totals&) override {}
  void clear(const listing&, book_kind) override {}
  void top_of_book(const listing&, const instrument_book&) override {}
  void unknown_type(std::uint32_t) override {}
};

} // namespace tickplant::sim::lse
