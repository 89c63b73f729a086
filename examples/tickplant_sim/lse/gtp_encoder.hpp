// Writes the messages of GTP's Level 2 Incremental line and of its replay and recovery services (LSE GTP002
// issue 26.2): 2-byte length, 1-byte type, UTC nanoseconds in each message, quantities with eight decimals. One call,
// one message.
#pragma once

#include "tickplant_sim/lse/message_buffer.hpp"

namespace tickplant::sim::lse {

namespace gtp {

inline constexpr std::uint16_t london = 1; // venue code
enum class book : std::uint8_t { all = 0, firm_quote = 1, off_book = 2, electronic = 3, rfq = 4 };

struct directory {
  std::uint64_t instrument = 0;
  std::string_view isin;
  std::uint8_t allowed_books = 0; // bit 1 firm quote, 2 off-book, 3 electronic, 4 RFQ
  std::string_view venue_id;
  std::string_view tick_id;
  price8 dynamic_breaker = 0; // per cent
  price8 static_breaker = 0;
  std::string_view segment;
  std::string_view currency;
  char partition = ' ';
};

struct status {
  std::uint64_t instrument = 0;
  char trading_status = ' ';
  std::uint8_t change_reason = 0;
  std::string_view new_end; // HHMMSS, empty when not set
  book of = book::electronic;
};

struct order {
  std::uint64_t id = 0;
  char side = 'B';
  std::uint64_t size = 0; // eight decimals
  std::uint64_t instrument = 0;
  price8 price = 0;
  std::uint64_t transaction_ns = 0;
  book of = book::electronic;
  std::string_view firm;
  std::uint8_t order_type = 0; // 0 limit or firm quote, 1 market, 3 named limit, 4 named market
};

struct order_change {
  std::uint64_t id = 0;
  std::uint64_t instrument = 0;
  char side = 'B';
  bool priority_kept = false; // modify only
  book of = book::electronic;
  std::uint64_t new_size = 0; // modify only
  price8 new_price = 0;       // modify only
  price8 previous_price = 0;
  std::uint64_t previous_size = 0;
  std::uint64_t transaction_ns = 0;
};

struct trade {
  std::uint64_t transaction_ns = 0;
  std::uint64_t size = 0;
  std::uint64_t instrument = 0;
  price8 price = 0;
  std::uint64_t id = 0;
  std::uint8_t type = 0;
  char auction_type = '\0'; // only with type 1
  std::uint8_t flags = 0;   // bit 0 cancel, bit 1 correction
  std::uint8_t hidden = 1;  // 1 visible, 2 hidden
  char qualifier = ' ';
};

struct statistics {
  std::uint64_t instrument = 0;
  std::uint64_t volume = 0; // four decimals
  std::uint64_t volume_on_book = 0;
  std::int64_t vwap = 0;
  std::int64_t vwap_on_book = 0;
  std::uint32_t trades = 0;
  std::uint32_t trades_on_book = 0;
  std::int64_t turnover = 0;
  std::int64_t turnover_on_book = 0;
};

struct statistics_update {
  std::uint64_t instrument = 0;
  std::uint16_t kind = 0; // 1 indicative auction, 2 official open, 3 official close, 4 high, 5 low, ...
  price8 price = 0;
  std::uint64_t size = 0;
  char auction_type = '\0';
  std::uint64_t imbalance = 0;
  char imbalance_side = '0'; // B, S, N none, O insufficient, 0 not applicable
  char origin = ' ';
};

struct trade_summary {
  std::uint64_t instrument = 0;
  std::uint64_t transaction_ns = 0;
  price8 far_price = 0;
  std::uint64_t total = 0;
  std::uint64_t hidden = 0;
  char passive_side = 'B';
  std::uint64_t bid_size = 0;
  price8 bid = 0;
  std::uint64_t ask_size = 0;
  price8 ask = 0;
};

struct recovery_request {
  std::uint8_t level = 0; // 0 instrument, 1 segment, 2 channel
  std::uint64_t instrument = 0;
  std::string_view segment;
  book of = book::all;
  std::uint16_t venue = london;
  std::uint8_t type = 1; // 0 directory, 1 order book, 2 trades, 3 statistics, 4 status, 6 system event
  std::uint32_t from = 0;
  std::uint32_t id = 0;
};

} // namespace gtp

class gtp_encoder {
public:
  explicit gtp_encoder(message_buffer& out) noexcept : out_{&out} {}

  void system_event(std::uint64_t ns, char event);
  void instrument_directory(std::uint64_t ns, const gtp::directory& entry);
  void instrument_status(std::uint64_t ns, const gtp::status& status);
  void add_order(std::uint64_t ns, const gtp::order& order);
  void order_modify(std::uint64_t ns, const gtp::order_change& change);
  void order_delete(std::uint64_t ns, const gtp::order_change& change);
  void order_book_clear(std::uint64_t ns, std::uint64_t instrument, gtp::book of);
  void trade(std::uint64_t ns, const gtp::trade& trade);
  void statistics(std::uint64_t ns, const gtp::statistics& statistics);
  void statistics_update(std::uint64_t ns, const gtp::statistics_update& update);
  void trade_summary(std::uint64_t ns, const gtp::trade_summary& summary);
  /// A type that the document does not have, to see what a receiver makes of it.
  void unknown(std::uint64_t ns, std::uint8_t type, std::size_t length);

  void login_request(std::string_view comp_id);
  void login_response(char status);
  void replay_request(std::uint32_t first, std::uint32_t count, std::uint32_t id);
  void replay_response(std::uint32_t first, std::uint32_t count, char status, std::uint32_t id);
  void recovery_request(const gtp::recovery_request& request);
  void recovery_response(std::uint32_t sequence, std::uint32_t count, char status, std::uint32_t id);
  void complete(std::uint32_t id, char trading_status);

private:
  message_buffer* out_;
};

} // namespace tickplant::sim::lse
