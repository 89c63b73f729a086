// Writes ITCH 5.0 messages as length-prefixed blocks: the same bytes stand in a BinaryFILE and in a MoldUDP64 packet.
// Fields and lengths: Nasdaq TotalView-ITCH 5.0, message formats. Prices have four implied decimals.
#pragma once

#include "tickplant_sim/flow/flow_book.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tickplant::sim::nasdaq {

using sim::side;

using price4 = std::uint32_t;
using block_buffer = std::vector<std::uint8_t>;

/// Bytes of a message of this type as the document defines them, 0 for an unknown type.
std::size_t message_length(char type) noexcept;

/// What every message begins with. Time in nanoseconds since midnight US Eastern.
struct message_head {
  std::uint16_t locate = 0;
  std::uint64_t time_ns = 0;
};

struct directory_entry {
  std::string_view stock;
  char market_category = 'Q';
  std::uint32_t round_lot = 100;
  char luld_tier = '1';
};

struct order_imbalance {
  std::uint64_t paired_shares;
  std::uint64_t imbalance_shares;
  char direction;
  std::string_view stock;
  price4 far_price;
  price4 near_price;
  price4 reference_price;
  char cross_type;
  char variation;
};

struct direct_listing {
  std::string_view stock;
  bool eligible;
  price4 minimum, maximum, near_price;
  std::uint64_t near_time_ns;
  price4 lower_collar, upper_collar;
};

/// Appends to a buffer it does not own; one call, one block. Text longer than its field is cut.
class itch_encoder {
public:
  explicit itch_encoder(block_buffer& out) noexcept : out_{&out} {}

  /// Messages written so far.
  std::uint64_t count() const noexcept { return count_; }

  void system_event(message_head head, char code);
  void stock_directory(message_head head, const directory_entry& entry);
  void trading_action(message_head head, std::string_view stock, char state, std::string_view reason);
  void reg_sho(message_head head, std::string_view stock, char action);
  void participant_position(message_head head, std::string_view mpid, std::string_view stock, bool primary);
  void decline_levels(message_head head, std::uint64_t level1, std::uint64_t level2, std::uint64_t level3);
  void decline_breach(message_head head, char level);
  void quoting_period(message_head head, std::string_view stock, std::uint32_t release_s, char qualifier, price4 price);
  void auction_collar(message_head head, std::string_view stock, price4 reference, price4 upper, price4 lower,
                      std::uint32_t extension);
  void operational_halt(message_head head, std::string_view stock, char market, char action);
  void add_order(message_head head, std::uint64_t reference, side s, std::uint32_t shares, std::string_view stock,
                 price4 price);
  void add_attributed_order(message_head head, std::uint64_t reference, side s, std::uint32_t shares,
                            std::string_view stock, price4 price, std::string_view mpid);
  void order_executed(message_head head, std::uint64_t reference, std::uint32_t shares, std::uint64_t match);
  void order_executed_with_price(message_head head, std::uint64_t reference, std::uint32_t shares, std::uint64_t match,
                                 bool printable, price4 price);
  void order_cancel(message_head head, std::uint64_t reference, std::uint32_t cancelled_shares);
  void order_delete(message_head head, std::uint64_t reference);
  void order_replace(message_head head, std::uint64_t original, std::uint64_t replacement, std::uint32_t shares,
                     price4 price);
  void hidden_trade(message_head head, std::uint32_t shares, std::string_view stock, price4 price, std::uint64_t match);
  void cross_trade(message_head head, std::uint64_t shares, std::string_view stock, price4 price, std::uint64_t match,
                   char cross_type);
  void broken_trade(message_head head, std::uint64_t match);
  void net_order_imbalance(message_head head, const order_imbalance& imbalance);
  void retail_interest(message_head head, std::string_view stock, char interest);
  void direct_listing_price(message_head head, const direct_listing& listing);

private:
  class cursor;
  cursor begin(char type, message_head head);

  block_buffer* out_;
  std::uint64_t count_ = 0;
};

} // namespace tickplant::sim::nasdaq
