// Builds GTP messages for the tests, from the published field tables.
#pragma once

#include "feed_builder.hpp"

namespace tickplant::lse::testing::gtp_feed {

inline constexpr uint64_t stamp = morning + 5'000, traded = morning + 4'000;

/// A GTP message: its two bytes of length come in front, and the type.
class message : public fields {
public:
  explicit message(uint8_t type) { number(type, 1); }
  operator bytes() const {
    const size_t size = raw().size() + 2;
    bytes all(size, 0);
    all[0] = static_cast<uint8_t>(size);
    all[1] = static_cast<uint8_t>(size >> 8);
    std::copy(raw().begin(), raw().end(), all.begin() + 2);
    return all;
  }
  message& n(uint64_t value, int size) { return number(value, size), *this; }
  message& p(int64_t value) { return price(value), *this; }
  message& t(std::string value, size_t size) { return text(std::move(value), size), *this; }
  message& c(char value) { return letter(value), *this; }
};

inline message stamped(char type) {
  return message(static_cast<uint8_t>(type)).n(stamp, 8);
}
inline bytes system_event(char code) {
  return stamped('S').c(code).n(1, 2);
}
inline bytes directory(uint64_t id, const std::string& isin, const std::string& segment = "SET1",
                       const std::string& currency = "GBX") {
  return stamped('p')
    .n(id, 8)
    .t(isin, 12)
    .n(8, 1)
    .n(1, 2)
    .t("", 11)
    .t("", 2)
    .n(0, 24)
    .t(segment, 6)
    .n(0, 23)
    .t(currency, 3)
    .n(0, 38);
}
inline bytes status(uint64_t id, char code, uint8_t book = 3, const std::string& end = "      ") {
  return stamped('H').n(id, 8).n(1, 2).c(code).n(0, 1).t(end, 6).n(book, 1);
}
inline bytes add(uint64_t id, uint64_t order, char side, uint64_t shares, int64_t price, uint8_t book = 3,
                 uint8_t type = 0) {
  return stamped('F')
    .n(order, 8)
    .c(side)
    .n(shares * 100'000'000, 8)
    .n(id, 8)
    .p(price)
    .n(traded, 8)
    .n(1, 2)
    .n(book, 1)
    .t("FIRM", 11)
    .n(type, 1)
    .t("", 10);
}
inline bytes modify(uint64_t id, uint64_t order, uint64_t shares, int64_t price, uint64_t old_shares, int64_t old_price,
                    uint8_t flags = 0, uint8_t book = 3) {
  return stamped('U')
    .n(order, 8)
    .n(id, 8)
    .c('B')
    .n(flags, 1)
    .n(book, 1)
    .n(shares * 100'000'000, 8)
    .p(price)
    .n(0, 8)
    .n(1, 2)
    .p(old_price)
    .n(old_shares * 100'000'000, 8)
    .n(traded, 8);
}
inline bytes remove(uint64_t id, uint64_t order, uint64_t old_shares, int64_t old_price, uint8_t book = 3) {
  return stamped('D')
    .n(order, 8)
    .n(id, 8)
    .c('B')
    .n(book, 1)
    .n(1, 2)
    .p(old_price)
    .n(old_shares * 100'000'000, 8)
    .n(traded, 8);
}
inline bytes clear(uint64_t id, uint8_t book = 3) {
  return stamped('y').n(1, 2).n(id, 8).n(book, 1);
}
inline bytes trade(uint64_t id, uint64_t shares, int64_t price, uint64_t trade_id, uint8_t type = 0, uint8_t flags = 0,
                   uint8_t hidden = 1, uint64_t at = traded) {
  return stamped('P')
    .n(at, 8)
    .n(1, 2)
    .n(shares * 100'000'000, 8)
    .n(id, 8)
    .p(price)
    .n(0, 8)
    .n(trade_id, 8)
    .n(type, 1)
    .c(type == 1 ? 'C' : ' ')
    .n(flags, 1)
    .n(hidden, 1)
    .c(' ');
}

// ---- what GTP servers answer ----

inline bytes login_response(char code) {
  return unit(0, {message(0x02).c(code)});
}
inline bytes replay_response(uint32_t first, uint32_t count, char code, uint32_t request) {
  return unit(0, {message(0x04).n(first, 4).n(count, 4).c(code).n(request, 4)});
}
inline bytes recovery_response(uint32_t includes, uint32_t count, char code, uint32_t request) {
  return unit(0, {message(0x82).n(includes, 4).n(count, 4).c(code).n(request, 4)});
}
inline bytes complete(uint32_t request, char code = ' ') {
  return unit(0, {message(0x83).n(request, 4).c(code)});
}

} // namespace tickplant::lse::testing::gtp_feed
