// Builds MITCH messages and units from the published field tables, and what MITCH servers answer. Shared with nothing
// but tests, so that a wrong offset in the plugin cannot hide in a common encoder.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace tickplant::lse::testing {

using bytes = std::vector<uint8_t>;

inline constexpr uint64_t ms = 1'000'000, second = 1'000'000'000;
// 12 June 2024 is a Wednesday in summer time: 08:00 in London is 07:00 UTC.
inline constexpr uint64_t midnight = 1'718'146'800ull * second, morning = midnight + 8 * 3'600 * second;
inline constexpr int64_t one = 100'000'000; // a price of 1

/// Fields one after the other, little-endian.
class fields {
public:
  fields& number(uint64_t value, int size) {
    for (; size > 0; --size, value >>= 8) bytes_.push_back(static_cast<uint8_t>(value));
    return *this;
  }
  fields& price(int64_t value) {
    const bool is_negative = value < 0;
    return number(static_cast<uint64_t>(is_negative ? -value : value) | (is_negative ? uint64_t{1} << 63 : 0), 8);
  }
  fields& text(std::string value, size_t size) {
    value.resize(size, ' ');
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return *this;
  }
  fields& letter(char value) { return number(static_cast<uint8_t>(value), 1); }
  const bytes& raw() const { return bytes_; }

private:
  bytes bytes_;
};

/// A MITCH message: its length comes in front.
class mitch_message : public fields {
public:
  explicit mitch_message(uint8_t type) { number(type, 1); }
  operator bytes() const {
    bytes all(raw().size() + 1, static_cast<uint8_t>(raw().size() + 1));
    std::copy(raw().begin(), raw().end(), all.begin() + 1);
    return all;
  }
  // The functions of the base give back the base: these keep the type.
  mitch_message& n(uint64_t value, int size) { return number(value, size), *this; }
  mitch_message& p(int64_t value) { return price(value), *this; }
  mitch_message& t(std::string value, size_t size) { return text(std::move(value), size), *this; }
  mitch_message& c(char value) { return letter(value), *this; }
};

inline mitch_message timed(char type, uint32_t nanosecond = 1'000) {
  return mitch_message(static_cast<uint8_t>(type)).n(nanosecond, 4);
}
inline bytes time_message(uint32_t seconds) {
  return mitch_message('T').n(seconds, 4);
}
inline bytes system_event(char code) {
  return timed('S').c(code);
}
inline bytes directory(uint32_t id, const std::string& isin, const std::string& segment = "SET1",
                       const std::string& currency = "GBX", char status = ' ', int64_t close = 100 * one) {
  return timed('R')
    .n(id, 4)
    .n(0, 2)
    .c(status)
    .t(isin, 12)
    .t("SEDOL", 12)
    .t(segment, 6)
    .t("", 6)
    .t(currency, 3)
    .n(0, 1)
    .t("", 4)
    .p(close);
}
inline bytes symbol_status(uint32_t id, char status, uint8_t flags = 0, const std::string& end = "",
                           const std::string& reason = "", uint8_t book = 1) {
  return timed('H').n(id, 4).n(0, 2).c(status).n(flags, 1).t(reason, 4).n(0, 1).t(end, 8).n(book, 1);
}
inline bytes add(uint32_t id, uint64_t order, char side, uint32_t quantity, int64_t price, uint8_t flags = 0,
                 bool is_long = true) {
  auto m = timed('A').n(order, 8).c(side).n(quantity, 4).n(id, 4).n(0, 2).p(price).n(flags, 1);
  if (is_long) m.t("", 10);
  return m;
}
inline bytes add_attributed(uint32_t id, uint64_t order, char side, uint32_t quantity, int64_t price,
                            const std::string& firm, uint8_t flags = 0) {
  return timed('F').n(order, 8).c(side).n(quantity, 4).n(id, 4).n(0, 2).p(price).t(firm, 11).n(flags, 1);
}
inline bytes deleted(uint64_t order, uint32_t id, uint8_t flags = 0) {
  return timed('D').n(order, 8).n(flags, 1).n(id, 4);
}
inline bytes deleted_short(uint64_t order, uint8_t flags = 0) {
  return timed('D').n(order, 8).n(flags, 1);
}
inline bytes modified(uint64_t order, uint32_t quantity, int64_t price, uint8_t flags) {
  return timed('U').n(order, 8).n(quantity, 4).p(price).n(flags, 1);
}
inline bytes executed(uint64_t order, uint32_t quantity, uint64_t match) {
  return timed('E').n(order, 8).n(quantity, 4).n(match, 8);
}
inline bytes executed_at(uint64_t order, uint32_t quantity, uint32_t left, uint64_t match, char printable,
                         int64_t price) {
  return timed('C').n(order, 8).n(quantity, 4).n(left, 4).n(match, 8).c(printable).p(price);
}
inline bytes trade(uint32_t id, uint32_t quantity, int64_t price, uint64_t match, uint8_t cross = 0,
                   uint8_t sub_book = 0, uint8_t flags = 0) {
  return timed('P').n(quantity, 4).n(id, 4).n(0, 2).p(price).n(match, 8).n(cross, 1).n(sub_book, 1).n(flags, 1);
}
inline bytes auction_trade(uint32_t id, uint32_t quantity, int64_t price, uint64_t match, char auction,
                           uint8_t flags = 0) {
  return timed('Q').n(quantity, 4).n(id, 4).n(0, 2).p(price).n(match, 8).c(auction).n(flags, 1);
}
inline bytes clear(uint32_t id, uint8_t flags = 0) {
  return timed('y').n(id, 4).n(0, 2).n(flags, 1);
}

inline bytes unit(uint64_t sequence, const std::vector<bytes>& messages, char group = 'A', int count = -1) {
  size_t size = 8;
  for (const auto& m : messages) size += m.size();
  fields header;
  header.number(size, 2).number(count < 0 ? messages.size() : static_cast<uint64_t>(count), 1);
  header.letter(group).number(sequence, 4);
  bytes all = header.raw();
  for (const auto& m : messages) all.insert(all.end(), m.begin(), m.end());
  return all;
}
inline bytes heartbeat(uint64_t next, char group = 'A') {
  return unit(next, {}, group);
}
inline bytes operator+(bytes left, const bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// ---- what MITCH servers answer ----

inline bytes login_response(char status) {
  return unit(0, {mitch_message(0x02).c(status)});
}
inline bytes replay_response(uint64_t first, uint16_t count, char status) {
  return unit(0, {mitch_message(0x04).c('A').n(first, 4).n(count, 2).c(status)});
}
inline bytes snapshot_response(char status) {
  return unit(0, {mitch_message(0x82).n(0, 4).n(0, 4).c(status)});
}
inline bytes snapshot_complete(uint64_t sequence, uint32_t id, uint8_t flags = 0) {
  return unit(0, {mitch_message(0x83).n(sequence, 4).t("", 6).n(id, 4).n(flags, 1)});
}
inline bytes segment_complete(const std::string& segment) {
  return unit(0, {mitch_message(0x83).n(0, 4).t(segment, 6).n(0, 4).n(0, 1)});
}

/// A group's beginning: time, day start, `count` instruments with ids from 101 on. 2 + count messages.
inline std::vector<bytes> opening(uint32_t count) {
  std::vector<bytes> messages{time_message(8 * 3'600), system_event('O')};
  for (uint32_t i = 0; i < count; ++i) messages.push_back(directory(101 + i, "GB000000000" + std::to_string(i)));
  return messages;
}

} // namespace tickplant::lse::testing
