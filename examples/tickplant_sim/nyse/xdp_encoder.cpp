#include "tickplant_sim/nyse/xdp_encoder.hpp"

#include <algorithm>

namespace tickplant::sim::nyse {

/// One message being written; offsets are those of the documents, from the start of the message.
class xdp_encoder::message {
public:
  explicit message(std::uint8_t* at) noexcept : at_{at} {}

  message& u8(std::size_t offset, std::uint8_t value) noexcept { return put(offset, value, 1); }
  message& u16(std::size_t offset, std::uint16_t value) noexcept { return put(offset, value, 2); }
  message& u32(std::size_t offset, std::uint32_t value) noexcept { return put(offset, value, 4); }
  message& u64(std::size_t offset, std::uint64_t value) noexcept { return put(offset, value, 8); }
  message& price(std::size_t offset, raw_price value) noexcept {
    return u32(offset, static_cast<std::uint32_t>(value));
  }
  message& letter(std::size_t offset, char value) noexcept { return u8(offset, static_cast<std::uint8_t>(value)); }
  message& side_of(std::size_t offset, side s) noexcept { return letter(offset, s == side::buy ? 'B' : 'S'); }
  message& text(std::size_t offset, std::string_view value, std::size_t width) noexcept {
    std::copy_n(value.begin(), std::min(value.size(), width), at_ + offset);
    return *this;
  }

private:
  message& put(std::size_t offset, std::uint64_t value, std::size_t bytes) noexcept {
    for (std::size_t i = 0; i < bytes; ++i) at_[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
    return *this;
  }
  std::uint8_t* at_;
};

xdp_encoder::message xdp_encoder::begin(std::uint16_t type, std::size_t size) {
  const auto start = out_->size();
  out_->resize(start + size);
  ++count_;
  message m{out_->data() + start};
  m.u16(0, static_cast<std::uint16_t>(size)).u16(2, type);
  return m;
}

xdp_encoder::message xdp_encoder::begin_short(std::uint16_t type, std::size_t size, const message_stamp& at) {
  auto m = begin(type, size);
  m.u32(4, at.nanoseconds).u32(8, at.symbol_index).u32(12, at.symbol_sequence);
  return m;
}

xdp_encoder::message xdp_encoder::begin_long(std::uint16_t type, std::size_t size, const message_stamp& at) {
  auto m = begin(type, size);
  m.u32(4, at.seconds).u32(8, at.nanoseconds).u32(12, at.symbol_index);
  return m;
}

void xdp_encoder::sequence_reset(const message_stamp& at, std::uint8_t product, std::uint8_t channel) {
  begin(1, 14).u32(4, at.seconds).u32(8, at.nanoseconds).u8(12, product).u8(13, channel);
}

void xdp_encoder::source_time(std::uint32_t partition, std::uint32_t seconds) {
  begin(2, 16).u32(4, partition).u32(12, seconds);
}

void xdp_encoder::mapping(const symbol_mapping& m) {
  begin(3, 44)
    .u32(4, m.index)
    .text(8, m.symbol, 10) // the eleventh byte is its end
    .u16(20, 1)            // market: NYSE
    .u8(22, 1)             // partition
    .letter(23, m.listed_on)
    .u8(24, m.price_scale)
    .letter(25, m.security_type)
    .u16(26, 100)
    .price(28, m.previous_close)
    .u32(32, m.previous_volume)
    .letter(37, 'Y')
    .u16(38, 100) // one cent in hundredths
    .u16(40, 1);
}

void xdp_encoder::request_response(std::uint32_t request, std::uint32_t begin_number, std::uint32_t end_number,
                                   std::string_view source, std::uint8_t product, std::uint8_t channel, char status) {
  begin(11, 29)
    .u32(4, request)
    .u32(8, begin_number)
    .u32(12, end_number)
    .text(16, source, 10)
    .u8(26, product)
    .u8(27, channel)
    .letter(28, status);
}

void xdp_encoder::unavailable(std::uint32_t first, std::uint32_t last, std::uint8_t product, std::uint8_t channel) {
  begin(31, 14).u32(4, first).u32(8, last).u8(12, product).u8(13, channel);
}

void xdp_encoder::symbol_clear(const message_stamp& at, std::uint32_t next_symbol_sequence) {
  begin_long(32, 20, at).u32(16, next_symbol_sequence);
}

void xdp_encoder::security_status(const message_stamp& at, const security_state& state) {
  begin_long(34, 46, at)
    .u32(16, at.symbol_sequence)
    .letter(20, state.status)
    .letter(21, state.halt_condition)
    .letter(34, ' ')
    .letter(43, '~') // no short sale restriction
    .letter(44, state.market_state);
}

void xdp_encoder::refresh_header(std::uint16_t packet, std::uint16_t packets) {
  begin(35, 8).u16(4, packet).u16(6, packets);
}

void xdp_encoder::refresh_header(std::uint16_t packet, std::uint16_t packets, std::uint32_t last,
                                 std::uint32_t symbol) {
  begin(35, 16).u16(4, packet).u16(6, packets).u32(8, last).u32(12, symbol);
}

void xdp_encoder::add_order(const message_stamp& at, std::uint64_t order, raw_price price, std::uint32_t volume, side s,
                            std::string_view firm) {
  begin_short(100, 39, at).u64(16, order).price(24, price).u32(28, volume).side_of(32, s).text(33, firm, 5);
}

void xdp_encoder::modify_order(const message_stamp& at, std::uint64_t order, raw_price price, std::uint32_t volume,
                               side s) {
  begin_short(101, 35, at).u64(16, order).price(24, price).u32(28, volume).side_of(33, s);
}

void xdp_encoder::delete_order(const message_stamp& at, std::uint64_t order) {
  begin_short(102, 25, at).u64(16, order);
}

void xdp_encoder::execution(const message_stamp& at, std::uint64_t order, std::uint32_t trade, raw_price price,
                            std::uint32_t volume, bool printable) {
  begin_short(103, 42, at)
    .u64(16, order)
    .u32(24, trade)
    .price(28, price)
    .u32(32, volume)
    .u8(36, printable ? 1 : 0)
    .text(38, "@   ", 4);
}

void xdp_encoder::replace_order(const message_stamp& at, std::uint64_t old_order, std::uint64_t order, raw_price price,
                                std::uint32_t volume, side s) {
  begin_short(104, 42, at).u64(16, old_order).u64(24, order).price(32, price).u32(36, volume).side_of(40, s);
}

void xdp_encoder::imbalance(const message_stamp& at, const auction_imbalance& figure) {
  begin_long(105, 73, at)
    .u32(16, at.symbol_sequence)
    .price(20, figure.reference)
    .u32(24, figure.paired)
    .u32(28, figure.imbalance)
    .u16(36, figure.auction_time)
    .letter(38, figure.auction_type)
    .letter(39, figure.side)
    .price(40, figure.continuous_clearing)
    .price(44, figure.auction_clearing)
    .u32(67, figure.imbalance) // unpaired
    .letter(71, figure.side)
    .letter(72, ' ');
}

void xdp_encoder::add_order_refresh(const message_stamp& at, std::uint64_t order, raw_price price, std::uint32_t volume,
                                    side s) {
  begin_long(106, 43, at).u32(16, at.symbol_sequence).u64(20, order).price(28, price).u32(32, volume).side_of(36, s);
}

void xdp_encoder::non_displayed_trade(const message_stamp& at, std::uint32_t trade, raw_price price,
                                      std::uint32_t volume, bool printable) {
  begin_short(110, 33, at)
    .u32(16, trade)
    .price(20, price)
    .u32(24, volume)
    .u8(28, printable ? 1 : 0)
    .text(29, "@   ", 4);
}

void xdp_encoder::cross_trade(const message_stamp& at, std::uint32_t cross, raw_price price, std::uint32_t volume,
                              char type) {
  begin_short(111, 29, at).u32(16, cross).price(20, price).u32(24, volume).letter(28, type);
}

void xdp_encoder::trade_cancel(const message_stamp& at, std::uint32_t trade) {
  begin_short(112, 20, at).u32(16, trade);
}

void xdp_encoder::cross_correction(const message_stamp& at, std::uint32_t cross, std::uint32_t volume) {
  begin_short(113, 24, at).u32(16, cross).u32(20, volume);
}

void xdp_encoder::retail_interest(const message_stamp& at, char sides) {
  begin_short(114, 17, at).letter(16, sides);
}

void xdp_encoder::stock_summary(const message_stamp& at, const day_figures& figures) {
  begin_long(223, 36, at)
    .price(16, figures.high)
    .price(20, figures.low)
    .price(24, figures.open)
    .price(28, figures.close)
    .u32(32, figures.volume);
}

void xdp_encoder::unknown(std::uint16_t type, std::span<const std::uint8_t> content) {
  begin(type, 4 + content.size());
  std::copy(content.begin(), content.end(), out_->end() - static_cast<std::ptrdiff_t>(content.size()));
}

std::span<const std::uint8_t> first_message(std::span<const std::uint8_t> messages) noexcept {
  if (messages.size() < 4) return {};
  const std::size_t size = messages[0] | static_cast<std::size_t>(messages[1]) << 8;
  return size >= 4 && size <= messages.size() ? messages.first(size) : std::span<const std::uint8_t>{};
}

} // namespace tickplant::sim::nyse
