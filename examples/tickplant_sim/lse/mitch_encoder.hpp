// Writes the messages of Level 2 MITCH (MIT303 issue 11.9), field by field in the order of its tables: 1-byte length,
// 1-byte type, nanoseconds since the last Time message. One call, one message.
#pragma once

#include "tickplant_sim/lse/message_buffer.hpp"

namespace tickplant::sim::lse {

namespace mitch {

inline constexpr std::uint8_t firm_quote_bit = 1u << 5;
inline constexpr std::uint8_t market_order_bit = 1u << 4;
inline constexpr std::uint8_t priority_kept_bit = 1u << 0;
inline constexpr std::uint8_t cancelled_bit = 1u << 0;
inline constexpr std::uint8_t amended_bit = 1u << 1;

struct directory {
  std::uint32_t instrument = 0;
  char status = ' ';
  std::string_view isin;
  std::string_view sedol;
  std::string_view segment;
  std::string_view currency;
  price8 previous_close = 0;
};

struct status {
  std::uint32_t instrument = 0;
  char trading_status = ' ';
  std::uint8_t flags = 0;
  std::string_view reason;
  std::uint8_t change_reason = 0;
  std::string_view new_end; // HH:MM:SS, empty when not set
  std::uint8_t book_type = 1;
};

struct order {
  std::uint64_t id = 0;
  char side = 'B';
  std::uint32_t quantity = 0;
  std::uint32_t instrument = 0;
  price8 price = 0;
  std::uint8_t flags = 0;
};

struct trade {
  std::uint32_t quantity = 0;
  std::uint32_t instrument = 0;
  price8 price = 0;
  std::uint64_t match_id = 0;
  std::uint8_t cross_type = 0;
  std::uint8_t sub_book = 0;
  std::uint8_t flags = 0;
};

} // namespace mitch

class mitch_encoder {
public:
  explicit mitch_encoder(message_buffer& out) noexcept : out_{&out} {}

  void time(std::uint32_t seconds);
  void system_event(std::uint32_t ns, char event);
  void symbol_directory(std::uint32_t ns, const mitch::directory& entry);
  void symbol_status(std::uint32_t ns, const mitch::status& status);
  void add_order(std::uint32_t ns, const mitch::order& order);
  void add_attributed_order(std::uint32_t ns, const mitch::order& order, std::string_view firm);
  void order_deleted(std::uint32_t ns, std::uint64_t id, std::uint8_t flags, std::uint32_t instrument);
  void order_modified(std::uint32_t ns, std::uint64_t id, std::uint32_t quantity, price8 price, std::uint8_t flags);
  void order_book_clear(std::uint32_t ns, std::uint32_t instrument, std::uint8_t flags);
  void order_executed(std::uint32_t ns, std::uint64_t id, std::uint32_t quantity, std::uint64_t match_id);
  void order_executed_with_price(std::uint32_t ns, std::uint64_t id, std::uint32_t quantity, std::uint32_t left,
                                 std::uint64_t match_id, bool printable, price8 price);
  void trade(std::uint32_t ns, const mitch::trade& trade);
  void auction_trade(std::uint32_t ns, const mitch::trade& trade, char auction_type);
  void auction_info(std::uint32_t ns, std::uint32_t instrument, std::uint32_t quantity, price8 price,
                    char auction_type);
  void statistics(std::uint32_t ns, std::uint32_t instrument, char kind, price8 price, char origin);
  void top_of_book(std::uint32_t ns, std::uint32_t instrument, price8 bid, std::uint32_t bid_size, price8 ask,
                   std::uint32_t ask_size);
  /// A type that no issue of the document has, to see what a receiver makes of it.
  void unknown(std::uint32_t ns, std::uint8_t type, std::size_t length);

  void login_request(std::string_view comp_id, std::string_view password);
  void login_response(char status);
  void replay_request(char group, std::uint32_t first, std::uint16_t count);
  void replay_response(char group, std::uint32_t first, std::uint16_t count, char status);
  void logout_request();
  void snapshot_request(std::uint32_t sequence, std::string_view segment, std::uint32_t instrument);
  void snapshot_response(char status);
  void snapshot_complete(std::uint32_t sequence, std::string_view segment, std::uint32_t instrument,
                         std::uint8_t flags);

private:
  void order_fields(field_writer& to, std::uint32_t ns, const mitch::order& order);

  message_buffer* out_;
};

} // namespace tickplant::sim::lse
