// The London session that follows the clock: opening auction, continuous trading with halts, price monitoring and
// intraday auctions, closing auction and closing price crossing. Pure: time comes in, messages go to a feed.
#pragma once

#include "tickplant_sim/lse/order_flow.hpp"

namespace tickplant::sim::lse {

struct trading_day_options {
  flow_options flow;
  double messages_per_second = 2000;
  double open_after_s = 1;         // length of the opening call
  double halt_every_s = 75;        // 0: never
  double halt_length_s = 4;        // halt and resume auction
  double monitoring_every_s = 110; // price monitoring auctions of one instrument; 0: never
  double auction_every_s = 180;    // intraday auctions of all instruments; 0: never
  double auction_length_s = 3;
  double refresh_every_s = 50; // in-band refreshes of one instrument; 0: never
  double correct_every_s = 7;  // cancelled and amended trades; 0: never
  double day_length_s = 0;     // opening to closing call, then another day begins; 0: until the session ends
  double close_length_s = 3;   // length of the closing call
  /// Intraday auctions publish the best prices only (MITCH phase G); otherwise they are periodic auctions.
  bool level1_auctions = true;
};

class trading_day {
public:
  explicit trading_day(trading_day_options options);

  /// Tells what is due. `written` is where the feed's messages are counted.
  void advance(const feed_time& now, market_feed& feed, const message_buffer& written);
  /// Closing call, uncrossing and end of day at once.
  void finish(const feed_time& now, market_feed& feed);
  /// What a restarted feed begins with; books and their statistics only with `books`.
  void introduce(const feed_time& now, bool books, market_feed& feed);

  const matching_engine& engine() const noexcept { return flow_.engine(); }
  order_flow& flow() noexcept { return flow_; }
  /// 'O' or 'C', the last system event; 'C' before the first.
  char system_event() const noexcept { return system_event_; }
  std::uint64_t days_begun() const noexcept { return days_begun_; }

private:
  enum class phase : std::uint8_t { before_start, opening_call, open, closing_call, closed };

  /// A call that ends at a time of its own, of one instrument.
  struct own_call {
    std::uint64_t next_ns = 0; // elapsed; 0: none
    char auction_type = 'E';
    bool halted = false; // the resume auction follows
  };

  void begin(const feed_time& now, market_feed& feed);
  void open(const feed_time& now, market_feed& feed);
  void call_close(const feed_time& now, market_feed& feed);
  void close(const feed_time& now, market_feed& feed);
  void trade(const feed_time& now, market_feed& feed, const message_buffer& written);
  void announce(const feed_time& now, market_feed& feed);
  void drive_own_calls(const feed_time& now, market_feed& feed);
  void drive_happenings(const feed_time& now, market_feed& feed);
  void begin_halt(const feed_time& now, market_feed& feed);
  void begin_monitoring(const feed_time& now, market_feed& feed);
  void begin_intraday(const feed_time& now, market_feed& feed);
  void end_intraday(const feed_time& now, market_feed& feed);
  void begin_call(std::size_t index, char status, double length_s, const feed_time& now, market_feed& feed,
                  std::string_view reason = {}, std::uint8_t change_reason = 0);
  void end_call(std::size_t index, char auction_type, market_feed& feed);
  std::size_t choose_open_instrument();
  bool is_due(std::uint64_t& next_ns, double every_s, const feed_time& now);

  trading_day_options options_;
  order_flow flow_;
  phase phase_ = phase::before_start;
  char system_event_ = 'C';
  std::uint64_t days_begun_ = 0;
  std::uint64_t phase_ends_ns_ = 0;
  double credit_ = 0;
  feed_time last_;
  std::vector<own_call> own_calls_;
  std::uint64_t intraday_ends_ns_ = 0; // 0: none
  std::uint64_t next_announcement_ns_ = 0;
  std::uint64_t next_halt_ns_ = 0;
  std::uint64_t next_monitoring_ns_ = 0;
  std::uint64_t next_intraday_ns_ = 0;
  std::uint64_t next_refresh_ns_ = 0;
  std::uint64_t next_correction_ns_ = 0;
  std::uint64_t next_totals_ns_ = 0;
};

/// The auction type that Auction Info and Auction Trade carry in this status.
char auction_type_of(char status) noexcept;

} // namespace tickplant::sim::lse
