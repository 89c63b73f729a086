#include "tickplant_sim/nasdaq/itch_encoder.hpp"

#include <algorithm>
#include <cstring>

namespace tickplant::sim::nasdaq {

std::size_t message_length(char type) noexcept {
  switch (type) {
    case 'S': return 12;
    case 'R': return 39;
    case 'H': return 25;
    case 'Y': return 20;
    case 'L': return 26;
    case 'V': return 35;
    case 'W': return 12;
    case 'K': return 28;
    case 'J': return 35;
    case 'h': return 21;
    case 'A': return 36;
    case 'F': return 40;
    case 'E': return 31;
    case 'C': return 36;
    case 'X': return 23;
    case 'D': return 19;
    case 'U': return 35;
    case 'P': return 44;
    case 'Q': return 40;
    case 'B': return 19;
    case 'I': return 50;
    case 'N': return 20;
    case 'O': return 48;
    default: return 0;
  }
}

/// Writes fields one after another into a block whose size `begin` has made.
class itch_encoder::cursor {
public:
  explicit cursor(std::uint8_t* at) noexcept : at_{at} {}

  template <std::size_t Bytes>
  cursor& number(std::uint64_t value) noexcept {
    for (std::size_t i = 0; i < Bytes; ++i) at_[i] = static_cast<std::uint8_t>(value >> (8 * (Bytes - 1 - i)));
    at_ += Bytes;
    return *this;
  }
  cursor& u16(std::uint64_t value) noexcept { return number<2>(value); }
  cursor& u32(std::uint64_t value) noexcept { return number<4>(value); }
  cursor& u48(std::uint64_t value) noexcept { return number<6>(value); }
  cursor& u64(std::uint64_t value) noexcept { return number<8>(value); }
  cursor& letter(char value) noexcept {
    *at_++ = static_cast<std::uint8_t>(value);
    return *this;
  }
  cursor& text(std::string_view value, std::size_t width) noexcept {
    const auto used = std::min(value.size(), width);
    std::memcpy(at_, value.data(), used);
    std::memset(at_ + used, ' ', width - used);
    at_ += width;
    return *this;
  }
  cursor& order_side(side s) noexcept { return letter(s == side::buy ? 'B' : 'S'); }
  cursor& stock(std::string_view value) noexcept { return text(value, 8); }

private:
  std::uint8_t* at_;
};

itch_encoder::cursor itch_encoder::begin(char type, message_head head) {
  const auto length = message_length(type);
  const auto start = out_->size();
  out_->resize(start + 2 + length);
  ++count_;
  cursor at{out_->data() + start};
  at.u16(length).letter(type).u16(head.locate).u16(0).u48(head.time_ns);
  return at;
}

void itch_encoder::system_event(message_head head, char code) {
  begin('S', head).letter(code);
}

void itch_encoder::stock_directory(message_head head, const directory_entry& entry) {
  begin('R', head)
    .stock(entry.stock)
    .letter(entry.market_category)
    .letter('N')
    .u32(entry.round_lot)
    .letter('N')
    .letter('C')
    .text("Z", 2)
    .letter('P')
    .letter('N')
    .letter(' ')
    .letter(entry.luld_tier)
    .letter('N')
    .u32(0)
    .letter('N');
}

void itch_encoder::trading_action(message_head head, std::string_view stock, char state, std::string_view reason) {
  begin('H', head).stock(stock).letter(state).letter(' ').text(reason, 4);
}

void itch_encoder::reg_sho(message_head head, std::string_view stock, char action) {
  begin('Y', head).stock(stock).letter(action);
}

void itch_encoder::participant_position(message_head head, std::string_view mpid, std::string_view stock,
                                        bool primary) {
  begin('L', head).text(mpid, 4).stock(stock).letter(primary ? 'Y' : 'N').letter('N').letter('A');
}

void itch_encoder::decline_levels(message_head head, std::uint64_t level1, std::uint64_t level2, std::uint64_t level3) {
  begin('V', head).u64(level1).u64(level2).u64(level3);
}

void itch_encoder::decline_breach(message_head head, char level) {
  begin('W', head).letter(level);
}

void itch_encoder::quoting_period(message_head head, std::string_view stock, std::uint32_t release_s, char qualifier,
                                  price4 price) {
  begin('K', head).stock(stock).u32(release_s).letter(qualifier).u32(price);
}

void itch_encoder::auction_collar(message_head head, std::string_view stock, price4 reference, price4 upper,
                                  price4 lower, std::uint32_t extension) {
  begin('J', head).stock(stock).u32(reference).u32(upper).u32(lower).u32(extension);
}

void itch_encoder::operational_halt(message_head head, std::string_view stock, char market, char action) {
  begin('h', head).stock(stock).letter(market).letter(action);
}

void itch_encoder::add_order(message_head head, std::uint64_t reference, side s, std::uint32_t shares,
                             std::string_view stock, price4 price) {
  begin('A', head).u64(reference).order_side(s).u32(shares).stock(stock).u32(price);
}

void itch_encoder::add_attributed_order(message_head head, std::uint64_t reference, side s, std::uint32_t shares,
                                        std::string_view stock, price4 price, std::string_view mpid) {
  begin('F', head).u64(reference).order_side(s).u32(shares).stock(stock).u32(price).text(mpid, 4);
}

void itch_encoder::order_executed(message_head head, std::uint64_t reference, std::uint32_t shares,
                                  std::uint64_t match) {
  begin('E', head).u64(reference).u32(shares).u64(match);
}

void itch_encoder::order_executed_with_price(message_head head, std::uint64_t reference, std::uint32_t shares,
                                             std::uint64_t match, bool printable, price4 price) {
  begin('C', head).u64(reference).u32(shares).u64(match).letter(printable ? 'Y' : 'N').u32(price);
}

void itch_encoder::order_cancel(message_head head, std::uint64_t reference, std::uint32_t cancelled_shares) {
  begin('X', head).u64(reference).u32(cancelled_shares);
}

void itch_encoder::order_delete(message_head head, std::uint64_t reference) {
  begin('D', head).u64(reference);
}

void itch_encoder::order_replace(message_head head, std::uint64_t original, std::uint64_t replacement,
                                 std::uint32_t shares, price4 price) {
  begin('U', head).u64(original).u64(replacement).u32(shares).u32(price);
}

void itch_encoder::hidden_trade(message_head head, std::uint32_t shares, std::string_view stock, price4 price,
                                std::uint64_t match) {
  // Reference 0 and side B carry no meaning since 2010 and 2014: ITCH 5.0, Trade Message (Non-Cross).
  begin('P', head).u64(0).letter('B').u32(shares).stock(stock).u32(price).u64(match);
}

void itch_encoder::cross_trade(message_head head, std::uint64_t shares, std::string_view stock, price4 price,
                               std::uint64_t match, char cross_type) {
  begin('Q', head).u64(shares).stock(stock).u32(price).u64(match).letter(cross_type);
}

void itch_encoder::broken_trade(message_head head, std::uint64_t match) {
  begin('B', head).u64(match);
}

void itch_encoder::net_order_imbalance(message_head head, const order_imbalance& imbalance) {
  begin('I', head)
    .u64(imbalance.paired_shares)
    .u64(imbalance.imbalance_shares)
    .letter(imbalance.direction)
    .stock(imbalance.stock)
    .u32(imbalance.far_price)
    .u32(imbalance.near_price)
    .u32(imbalance.reference_price)
    .letter(imbalance.cross_type)
    .letter(imbalance.variation);
}

void itch_encoder::retail_interest(message_head head, std::string_view stock, char interest) {
  begin('N', head).stock(stock).letter(interest);
}

void itch_encoder::direct_listing_price(message_head head, const direct_listing& listing) {
  begin('O', head)
    .stock(listing.stock)
    .letter(listing.eligible ? 'Y' : 'N')
    .u32(listing.minimum)
    .u32(listing.maximum)
    .u32(listing.near_price)
    .u64(listing.near_time_ns)
    .u32(listing.lower_collar)
    .u32(listing.upper_collar);
}

} // namespace tickplant::sim::nasdaq
