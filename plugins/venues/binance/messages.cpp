// From the raw fields of a message to its typed view.
#include "codec.hpp"
#include "decimal.hpp"

namespace tickplant::binance {
namespace {

bool number(const message& m, char key, uint64_t& out) {
  const auto value = parse_id(m[key]);
  if (value) out = *value;
  return value.has_value();
}

/// Times order nothing (venue document, E, "clock"), so one that cannot be read is as good as none.
uint64_t time_or_none(const message& m, char key) {
  return parse_id(m[key]).value_or(0);
}

bool text(const message& m, char key, std::string_view& out) {
  out = m[key];
  return !out.empty();
}

bool maker(const message& m, bool& out) {
  const std::string_view word = m['m'];
  out = word == "true";
  return out || word == "false";
}

} // namespace

bool read(const message& m, depth_update& out, chaining how) {
  out.event_time = time_or_none(m, 'E');
  if (!m.has_levels || !number(m, 'U', out.first) || !number(m, 'u', out.last)) return false;
  if (how == chaining::by_previous) {
    // Ids jump between two events of futures, so U proves nothing (venue document, G, "continuity").
    const auto previous = parse_id(m.previous);
    if (!previous || *previous >= out.last) return false;
    out.first = *previous + 1;
  }
  return out.first > 0 && out.first <= out.last;
}

bool read_picture(const message& m, depth_picture& out) {
  return m.has_levels && number(m, 'u', out.last_update);
}

bool read(const message& m, book_ticker& out) {
  out.event_time = time_or_none(m, 'E');
  return number(m, 'u', out.update) && text(m, 'b', out.bid) && text(m, 'B', out.bid_quantity) &&
         text(m, 'a', out.ask) && text(m, 'A', out.ask_quantity);
}

bool read(const message& m, trade& out) {
  out.time = time_or_none(m, 'T');
  out.of_the_market = !m.has('X') || m['X'] == "MARKET";
  return number(m, 't', out.id) && text(m, 'p', out.price) && text(m, 'q', out.quantity) &&
         maker(m, out.buyer_is_maker);
}

bool read(const message& m, agg_trade& out) {
  out.time = time_or_none(m, 'T');
  return number(m, 'a', out.id) && number(m, 'f', out.first) && number(m, 'l', out.last) && text(m, 'p', out.price) &&
         text(m, 'q', out.quantity) && maker(m, out.buyer_is_maker);
}

bool read(const message& m, depth_picture& out) {
  const auto id = parse_id(m.last_update_id);
  out.last_update = id.value_or(0);
  return id.has_value() && m.has_levels;
}

control_answer read_answer(const message& m) {
  return {parse_id(m.id), m.code.empty(), m.code, m.text};
}

std::string_view symbol_of_stream(std::string_view stream) {
  return stream.substr(0, stream.find('@'));
}

} // namespace tickplant::binance
