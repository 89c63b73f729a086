#include "tickplant_sim/lse/mitch_encoder.hpp"

namespace tickplant::sim::lse {
namespace {

/// Length and type first, then the fields that follow.
class mitch_message : public field_writer {
public:
  mitch_message(message_buffer& out, std::size_t length, std::uint8_t type) : field_writer{out, length} {
    u8(length).u8(type);
  }
};

constexpr std::uint8_t type_of(char letter) {
  return static_cast<std::uint8_t>(letter);
}

} // namespace

void mitch_encoder::time(std::uint32_t seconds) {
  mitch_message{*out_, 6, type_of('T')}.u32(seconds);
}

void mitch_encoder::system_event(std::uint32_t ns, char event) {
  mitch_message{*out_, 7, type_of('S')}.u32(ns).letter(event);
}

void mitch_encoder::symbol_directory(std::uint32_t ns, const mitch::directory& entry) {
  mitch_message{*out_, 65, type_of('R')}
    .u32(ns)
    .u32(entry.instrument)
    .zeros(2)
    .letter(entry.status)
    .text(entry.isin, 12)
    .text(entry.sedol, 12)
    .text(entry.segment, 6)
    .text({}, 6)
    .text(entry.currency, 3)
    .zeros(1)
    .text({}, 4)
    .price(entry.previous_close);
}

void mitch_encoder::symbol_status(std::uint32_t ns, const mitch::status& status) {
  mitch_message{*out_, 28, type_of('H')}
    .u32(ns)
    .u32(status.instrument)
    .zeros(2)
    .letter(status.trading_status)
    .u8(status.flags)
    .text(status.reason, 4)
    .u8(status.change_reason)
    .text(status.new_end, 8)
    .u8(status.book_type);
}

void mitch_encoder::order_fields(field_writer& to, std::uint32_t ns, const mitch::order& order) {
  to.u32(ns).u64(order.id).letter(order.side).u32(order.quantity).u32(order.instrument).zeros(2).price(order.price);
}

void mitch_encoder::add_order(std::uint32_t ns, const mitch::order& order) {
  mitch_message to{*out_, 44, type_of('A')};
  order_fields(to, ns, order);
  to.u8(order.flags).text({}, 10);
}

void mitch_encoder::add_attributed_order(std::uint32_t ns, const mitch::order& order, std::string_view firm) {
  mitch_message to{*out_, 45, type_of('F')};
  order_fields(to, ns, order);
  to.text(firm, 11).u8(order.flags);
}

void mitch_encoder::order_deleted(std::uint32_t ns, std::uint64_t id, std::uint8_t flags, std::uint32_t instrument) {
  mitch_message{*out_, 19, type_of('D')}.u32(ns).u64(id).u8(flags).u32(instrument);
}

void mitch_encoder::order_modified(std::uint32_t ns, std::uint64_t id, std::uint32_t quantity, price8 price,
                                   std::uint8_t flags) {
  mitch_message{*out_, 27, type_of('U')}.u32(ns).u64(id).u32(quantity).price(price).u8(flags);
}

void mitch_encoder::order_book_clear(std::uint32_t ns, std::uint32_t instrument, std::uint8_t flags) {
  mitch_message{*out_, 13, type_of('y')}.u32(ns).u32(instrument).zeros(2).u8(flags);
}

void mitch_encoder::order_executed(std::uint32_t ns, std::uint64_t id, std::uint32_t quantity, std::uint64_t match_id) {
  mitch_message{*out_, 26, type_of('E')}.u32(ns).u64(id).u32(quantity).u64(match_id);
}

void mitch_encoder::order_executed_with_price(std::uint32_t ns, std::uint64_t id, std::uint32_t quantity,
                                              std::uint32_t left, std::uint64_t match_id, bool printable,
                                              price8 price) {
  mitch_message{*out_, 39, type_of('C')}
    .u32(ns)
    .u64(id)
    .u32(quantity)
    .u32(left)
    .u64(match_id)
    .letter(printable ? 'Y' : 'N')
    .price(price);
}

void mitch_encoder::trade(std::uint32_t ns, const mitch::trade& trade) {
  mitch_message{*out_, 35, type_of('P')}
    .u32(ns)
    .u32(trade.quantity)
    .u32(trade.instrument)
    .zeros(2)
    .price(trade.price)
    .u64(trade.match_id)
    .u8(trade.cross_type)
    .u8(trade.sub_book)
    .u8(trade.flags);
}

void mitch_encoder::auction_trade(std::uint32_t ns, const mitch::trade& trade, char auction_type) {
  mitch_message{*out_, 34, type_of('Q')}
    .u32(ns)
    .u32(trade.quantity)
    .u32(trade.instrument)
    .zeros(2)
    .price(trade.price)
    .u64(trade.match_id)
    .letter(auction_type)
    .u8(trade.flags);
}

void mitch_encoder::auction_info(std::uint32_t ns, std::uint32_t instrument, std::uint32_t quantity, price8 price,
                                 char auction_type) {
  mitch_message{*out_, 30, type_of('I')}
    .u32(ns)
    .u32(quantity)
    .zeros(5)
    .u32(instrument)
    .zeros(2)
    .price(price)
    .letter(auction_type);
}

void mitch_encoder::statistics(std::uint32_t ns, std::uint32_t instrument, char kind, price8 price, char origin) {
  mitch_message{*out_, 23, type_of('w')}
    .u32(ns)
    .u32(instrument)
    .zeros(2)
    .letter(kind)
    .price(price)
    .letter(origin)
    .zeros(1);
}

void mitch_encoder::top_of_book(std::uint32_t ns, std::uint32_t instrument, price8 bid, std::uint32_t bid_size,
                                price8 ask, std::uint32_t ask_size) {
  mitch_message{*out_, 34, type_of('q')}.u32(ns).u32(instrument).price(bid).u32(bid_size).price(ask).u32(ask_size);
}

void mitch_encoder::unknown(std::uint32_t ns, std::uint8_t type, std::size_t length) {
  mitch_message{*out_, length, type}.u32(ns).zeros(length - 6);
}

void mitch_encoder::login_request(std::string_view comp_id, std::string_view password) {
  mitch_message{*out_, 18, 0x01}.text(comp_id, 6).text(password, 10);
}

void mitch_encoder::login_response(char status) {
  mitch_message{*out_, 3, 0x02}.letter(status);
}

void mitch_encoder::replay_request(char group, std::uint32_t first, std::uint16_t count) {
  mitch_message{*out_, 9, 0x03}.letter(group).u32(first).u16(count);
}

void mitch_encoder::replay_response(char group, std::uint32_t first, std::uint16_t count, char status) {
  mitch_message{*out_, 10, 0x04}.letter(group).u32(first).u16(count).letter(status);
}

void mitch_encoder::logout_request() {
  mitch_message{*out_, 2, 0x05};
}

void mitch_encoder::snapshot_request(std::uint32_t sequence, std::string_view segment, std::uint32_t instrument) {
  mitch_message{*out_, 16, 0x81}.u32(sequence).text(segment, 6).u32(instrument);
}

void mitch_encoder::snapshot_response(char status) {
  mitch_message{*out_, 11, 0x82}.u32(0).u32(0).letter(status);
}

void mitch_encoder::snapshot_complete(std::uint32_t sequence, std::string_view segment, std::uint32_t instrument,
                                      std::uint8_t flags) {
  mitch_message{*out_, 17, 0x83}.u32(sequence).text(segment, 6).u32(instrument).u8(flags);
}

} // namespace tickplant::sim::lse
