#include "tickplant_sim/lse/gtp_encoder.hpp"

namespace tickplant::sim::lse {
namespace {

/// Length and type first, then the fields that follow.
class gtp_message : public field_writer {
public:
  gtp_message(message_buffer& out, std::size_t length, std::uint8_t type) : field_writer{out, length} {
    u16(length).u8(type);
  }
};

constexpr std::uint8_t type_of(char letter) {
  return static_cast<std::uint8_t>(letter);
}
constexpr std::uint8_t code_of(gtp::book of) {
  return static_cast<std::uint8_t>(of);
}
constexpr std::uint64_t word_of(std::int64_t value) {
  return sign_and_magnitude(value);
}

} // namespace

void gtp_encoder::system_event(std::uint64_t ns, char event) {
  gtp_message{*out_, 14, type_of('S')}.u64(ns).letter(event).u16(gtp::london);
}

void gtp_encoder::instrument_directory(std::uint64_t ns, const gtp::directory& entry) {
  gtp_message{*out_, 141, type_of('p')}
    .u64(ns)
    .u64(entry.instrument)
    .text(entry.isin, 12)
    .u8(entry.allowed_books)
    .u16(gtp::london)
    .text(entry.venue_id, 11)
    .text(entry.tick_id, 2)
    .zeros(8)
    .price(entry.dynamic_breaker)
    .price(entry.static_breaker)
    .text(entry.segment, 6)
    .text({}, 12)
    .text({}, 11)
    .text(entry.currency, 3)
    .letter(entry.partition)
    .zeros(4)
    .zeros(8)
    .zeros(8)
    .zeros(1)
    .zeros(8)
    .zeros(8);
}

void gtp_encoder::instrument_status(std::uint64_t ns, const gtp::status& status) {
  gtp_message{*out_, 30, type_of('H')}
    .u64(ns)
    .u64(status.instrument)
    .u16(gtp::london)
    .letter(status.trading_status)
    .u8(status.change_reason)
    .text(status.new_end, 6)
    .u8(code_of(status.of));
}

void gtp_encoder::add_order(std::uint64_t ns, const gtp::order& order) {
  gtp_message{*out_, 77, type_of('F')}
    .u64(ns)
    .u64(order.id)
    .letter(order.side)
    .u64(order.size)
    .u64(order.instrument)
    .price(order.price)
    .u64(order.transaction_ns)
    .u16(gtp::london)
    .u8(code_of(order.of))
    .text(order.firm, 11)
    .u8(order.order_type)
    .text({}, 10);
}

void gtp_encoder::order_modify(std::uint64_t ns, const gtp::order_change& change) {
  gtp_message{*out_, 80, type_of('U')}
    .u64(ns)
    .u64(change.id)
    .u64(change.instrument)
    .letter(change.side)
    .u8(change.priority_kept ? 1 : 0)
    .u8(code_of(change.of))
    .u64(change.new_size)
    .price(change.new_price)
    .zeros(8)
    .u16(gtp::london)
    .price(change.previous_price)
    .u64(change.previous_size)
    .u64(change.transaction_ns);
}

void gtp_encoder::order_delete(std::uint64_t ns, const gtp::order_change& change) {
  gtp_message{*out_, 55, type_of('D')}
    .u64(ns)
    .u64(change.id)
    .u64(change.instrument)
    .letter(change.side)
    .u8(code_of(change.of))
    .u16(gtp::london)
    .price(change.previous_price)
    .u64(change.previous_size)
    .u64(change.transaction_ns);
}

void gtp_encoder::order_book_clear(std::uint64_t ns, std::uint64_t instrument, gtp::book of) {
  gtp_message{*out_, 22, type_of('y')}.u64(ns).u16(gtp::london).u64(instrument).u8(code_of(of));
}

void gtp_encoder::trade(std::uint64_t ns, const gtp::trade& trade) {
  gtp_message{*out_, 66, type_of('P')}
    .u64(ns)
    .u64(trade.transaction_ns)
    .u16(gtp::london)
    .u64(trade.size)
    .u64(trade.instrument)
    .price(trade.price)
    .zeros(8)
    .u64(trade.id)
    .u8(trade.type)
    .letter(trade.auction_type)
    .u8(trade.flags)
    .u8(trade.hidden)
    .letter(trade.qualifier);
}

void gtp_encoder::statistics(std::uint64_t ns, const gtp::statistics& statistics) {
  gtp_message{*out_, 77, type_of('w')}
    .u64(ns)
    .u64(statistics.instrument)
    .u16(gtp::london)
    .u64(statistics.volume)
    .u64(statistics.volume_on_book)
    .u64(word_of(statistics.vwap))
    .u64(word_of(statistics.vwap_on_book))
    .u32(statistics.trades)
    .u32(statistics.trades_on_book)
    .u64(word_of(statistics.turnover))
    .u64(word_of(statistics.turnover_on_book));
}

void gtp_encoder::statistics_update(std::uint64_t ns, const gtp::statistics_update& update) {
  gtp_message{*out_, 50, type_of('j')}
    .u64(ns)
    .u64(update.instrument)
    .u16(gtp::london)
    .u16(update.kind)
    .price(update.price)
    .u64(update.size)
    .letter(update.auction_type)
    .u64(update.imbalance)
    .letter(update.imbalance_side)
    .letter(update.origin);
}

void gtp_encoder::trade_summary(std::uint64_t ns, const gtp::trade_summary& summary) {
  gtp_message{*out_, 94, type_of('W')}
    .u64(ns)
    .u64(summary.instrument)
    .u16(gtp::london)
    .u64(summary.transaction_ns)
    .price(summary.far_price)
    .u64(summary.total)
    .u64(summary.hidden)
    .u64(0)
    .letter(summary.passive_side)
    .u64(summary.bid_size)
    .price(summary.bid)
    .u64(summary.ask_size)
    .price(summary.ask);
}

void gtp_encoder::unknown(std::uint64_t ns, std::uint8_t type, std::size_t length) {
  gtp_message{*out_, length, type}.u64(ns).zeros(length - 11);
}

void gtp_encoder::login_request(std::string_view comp_id) {
  gtp_message{*out_, 11, 0x01}.text(comp_id, 8);
}

void gtp_encoder::login_response(char status) {
  gtp_message{*out_, 4, 0x02}.letter(status);
}

void gtp_encoder::replay_request(std::uint32_t first, std::uint32_t count, std::uint32_t id) {
  gtp_message{*out_, 15, 0x03}.u32(first).u32(count).u32(id);
}

void gtp_encoder::replay_response(std::uint32_t first, std::uint32_t count, char status, std::uint32_t id) {
  gtp_message{*out_, 16, 0x04}.u32(first).u32(count).letter(status).u32(id);
}

void gtp_encoder::recovery_request(const gtp::recovery_request& request) {
  gtp_message{*out_, 30, 0x81}
    .u8(request.level)
    .u64(request.instrument)
    .text(request.segment, 6)
    .u8(code_of(request.of))
    .u16(request.venue)
    .u8(request.type)
    .u32(request.from)
    .u32(request.id);
}

void gtp_encoder::recovery_response(std::uint32_t sequence, std::uint32_t count, char status, std::uint32_t id) {
  gtp_message{*out_, 16, 0x82}.u32(sequence).u32(count).letter(status).u32(id);
}

void gtp_encoder::complete(std::uint32_t id, char trading_status) {
  gtp_message{*out_, 8, 0x83}.u32(id).letter(trading_status);
}

} // namespace tickplant::sim::lse
