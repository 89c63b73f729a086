// Writes messages of the NYSE Integrated Feed and of its common client layer, little-endian, each with its 4-byte head.
// Fields and sizes: Pillar Common Client 2.4p and Integrated Feed 2.5g.
#pragma once

#include "tickplant_sim/flow/flow_book.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tickplant::sim::nyse {

using message_buffer = std::vector<std::uint8_t>;
/// Price times ten to the power of the symbol's price scale code.
using raw_price = std::int32_t;

/// What most messages begin with.
struct message_stamp {
  std::uint32_t seconds = 0; // since 1970 UTC; only some types carry it
  std::uint32_t nanoseconds = 0;
  std::uint32_t symbol_index = 0;
  std::uint32_t symbol_sequence = 0;
};

struct symbol_mapping {
  std::uint32_t index = 0;
  std::string_view symbol;
  char listed_on = 'N';
  std::uint8_t price_scale = 6;
  char security_type = 'C';
  raw_price previous_close = 0;
  std::uint32_t previous_volume = 0;
};

/// The three values that a symbol has at the same time, and the letter of what has changed.
struct security_state {
  char status = 'P';         // what this message is about
  char halt_condition = '~'; // ~ not halted
  char market_state = 'P';   // P pre-open, O core, X closed
};

struct auction_imbalance {
  raw_price reference = 0;
  std::uint32_t paired = 0;
  std::uint32_t imbalance = 0;
  std::uint16_t auction_time = 930; // hhmm
  char auction_type = 'M';          // M open, H reopening, C closing
  char side = ' ';
  raw_price continuous_clearing = 0;
  raw_price auction_clearing = 0;
};

struct day_figures {
  raw_price high = 0, low = 0, open = 0, close = 0;
  std::uint32_t volume = 0;
};

/// Statuses of a request response.
inline constexpr char accepted = '0', bad_source = '1', range_too_long = '3', too_many_requests = '4',
                      too_many_refreshes = '5', too_old = '6', bad_channel = '7', bad_product = '8', bad_type = '9';

/// Appends to a buffer it does not own; one call, one message. Text longer than its field is cut.
class xdp_encoder {
public:
  /// Writes nowhere: nothing may be called until another one is assigned.
  xdp_encoder() = default;
  explicit xdp_encoder(message_buffer& out) noexcept : out_{&out} {}
  std::uint64_t count() const noexcept { return count_; }

  void sequence_reset(const message_stamp& at, std::uint8_t product, std::uint8_t channel); // 1
  void source_time(std::uint32_t partition, std::uint32_t seconds);                         // 2
  void mapping(const symbol_mapping& m);                                                    // 3
  void request_response(std::uint32_t request, std::uint32_t begin, std::uint32_t end, std::string_view source,
                        std::uint8_t product, std::uint8_t channel, char status);                       // 11
  void unavailable(std::uint32_t begin, std::uint32_t end, std::uint8_t product, std::uint8_t channel); // 31
  void symbol_clear(const message_stamp& at, std::uint32_t next_symbol_sequence);                       // 32
  void security_status(const message_stamp& at, const security_state& state);                           // 34
  /// With the sequence numbers in the first packet of a symbol, without them in its later ones.
  void refresh_header(std::uint16_t packet, std::uint16_t packets);                                           // 35
  void refresh_header(std::uint16_t packet, std::uint16_t packets, std::uint32_t last, std::uint32_t symbol); // 35
  void add_order(const message_stamp& at, std::uint64_t order, raw_price price, std::uint32_t volume, side s,
                 std::string_view firm);                                                                          // 100
  void modify_order(const message_stamp& at, std::uint64_t order, raw_price price, std::uint32_t volume, side s); // 101
  void delete_order(const message_stamp& at, std::uint64_t order);                                                // 102
  void execution(const message_stamp& at, std::uint64_t order, std::uint32_t trade, raw_price price,
                 std::uint32_t volume, bool printable); // 103
  void replace_order(const message_stamp& at, std::uint64_t old_order, std::uint64_t order, raw_price price,
                     std::uint32_t volume, side s);                         // 104
  void imbalance(const message_stamp& at, const auction_imbalance& figure); // 105
  void add_order_refresh(const message_stamp& at, std::uint64_t order, raw_price price, std::uint32_t volume,
                         side s); // 106
  void non_displayed_trade(const message_stamp& at, std::uint32_t trade, raw_price price, std::uint32_t volume,
                           bool printable); // 110
  void cross_trade(const message_stamp& at, std::uint32_t cross, raw_price price, std::uint32_t volume,
                   char type);                                                               // 111
  void trade_cancel(const message_stamp& at, std::uint32_t trade);                           // 112
  void cross_correction(const message_stamp& at, std::uint32_t cross, std::uint32_t volume); // 113
  void retail_interest(const message_stamp& at, char sides);                                 // 114
  void stock_summary(const message_stamp& at, const day_figures& figures);                   // 223
  /// A message of a type that no document has; `content` follows its head.
  void unknown(std::uint16_t type, std::span<const std::uint8_t> content);

private:
  class message;
  message begin(std::uint16_t type, std::size_t size);
  message begin_short(std::uint16_t type, std::size_t size, const message_stamp& at); // nanoseconds, index, sequence
  message begin_long(std::uint16_t type, std::size_t size, const message_stamp& at);  // with seconds in front

  message_buffer* out_ = nullptr;
  std::uint64_t count_ = 0;
};

/// The first message of a run of messages; empty when the run ends inside it.
std::span<const std::uint8_t> first_message(std::span<const std::uint8_t> messages) noexcept;

} // namespace tickplant::sim::nyse
