// Builds MITCH messages, GTP messages and units for the tests of this plugin, from the published field tables; and a
// world around one instance: a recording host, lines, services, timers. Shared with nothing else, so that a wrong
// offset in the plugin cannot hide in a common encoder.
#pragma once

#include "venue_session.hpp"

#include <recording_host.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
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

/// One instance with its world.
class world {
public:
  static constexpr uint32_t a_line = 0, b_line = 1;
  using settings_list = std::initializer_list<std::pair<std::string, std::string>>;

  explicit world(settings_list settings) : pairs_(settings) {
    host.now_ns = morning;
    host.zones["Europe/London"] = 3'600ll * 1'000'000'000;
    venue = std::make_unique<venue_session>(pairs_.view(), host.host());
    EXPECT_EQ(venue->start(host.now_ns), TP_OK);
  }
  world()
    : world({{"lines.a", "udp://239.1.1.1:1"},
             {"lines.b", "udp://239.1.1.2:1"},
             {"lines.replay", "tcp://192.0.2.1:1"},
             {"lines.recovery", "tcp://192.0.2.2:1"},
             {"comp_id", "VEC001"},
             {"password", "mit_1234"}}) {}

  /// Hands over one datagram. The bytes behind it are not zero, as in a buffer that is used again.
  void packet(uint32_t line, bytes data, uint32_t flags = 0) {
    const auto size = static_cast<uint32_t>(data.size());
    data.resize(data.size() + TP_PADDING, padding);
    const tp_unit one_unit{data.data(), size, line, host.now_ns, flags, 0};
    EXPECT_EQ(venue->on_units({&one_unit, 1}), TP_OK);
  }
  void a(bytes data) { packet(a_line, std::move(data)); }
  void b(bytes data) { packet(b_line, std::move(data)); }

  /// The line number of the last service line of this name that was opened, nothing if none was.
  std::optional<uint32_t> service(std::string_view name) const {
    for (auto i = host.lines.rbegin(); i != host.lines.rend(); ++i)
      if (i->name == name) return i->line;
    return std::nullopt;
  }
  size_t opened(std::string_view name) const {
    return static_cast<size_t>(std::ranges::count(host.lines, name, &sdk::testing::recorded_line::name));
  }
  void up(std::string_view name) {
    ASSERT_TRUE(service(name)) << name << " was not opened";
    venue->on_line(*service(name), TP_LINE_UP, {}, host.now_ns);
  }
  void down(std::string_view name, uint32_t state = TP_LINE_CLOSED) {
    stream_rest_[std::string{name}].clear();
    venue->on_line(*service(name), state, "closed", host.now_ns);
  }
  /// Bytes of a server; what the plugin leaves comes again with the next ones.
  void answer(std::string_view name, const bytes& data) {
    auto& rest = stream_rest_[std::string{name}];
    rest.insert(rest.end(), data.begin(), data.end());
    bytes padded = rest;
    padded.resize(rest.size() + TP_PADDING, padding);
    const tp_unit one_unit{padded.data(), static_cast<uint32_t>(rest.size()), *service(name), host.now_ns, 0, 0};
    const int64_t used = venue->on_stream(one_unit);
    ASSERT_GE(used, 0);
    ASSERT_LE(used, static_cast<int64_t>(rest.size()));
    rest.erase(rest.begin(), rest.begin() + used);
  }
  /// The connection comes up and the login is accepted.
  void log_in(std::string_view name) {
    up(name);
    answer(name, login_response('A'));
  }

  /// Fires timers up to this long from now.
  void pass(uint64_t duration) {
    const uint64_t until = host.now_ns + duration;
    while (const auto id = host.pop_timer(until)) EXPECT_EQ(venue->on_timer(*id, host.now_ns), TP_OK);
    host.now_ns = until;
  }

  uint64_t counted(std::string_view name) const { return host.counted(venue_session::counters(), name); }
  std::string text(uint64_t handle) const {
    return handle == 0 || handle > host.texts.size() ? "" : host.texts[handle - 1];
  }
  std::vector<uint32_t> states(uint32_t instrument = TP_ALL) const {
    std::vector<uint32_t> list;
    for (const auto& s : host.streams)
      if (s.instrument == instrument) list.push_back(s.state);
    return list;
  }
  std::vector<tp_event> of_kind(uint8_t kind) const {
    std::vector<tp_event> found;
    for (const auto& e : host.events)
      if (e.kind == kind) found.push_back(e);
    return found;
  }
  /// Numbers of the live messages that brought events, each once.
  std::vector<uint64_t> sequences() const {
    std::vector<uint64_t> list;
    for (const auto& e : host.events)
      if (e.sequence != 0 && e.kind != TP_EV_SNAPSHOT_END && (list.empty() || list.back() != e.sequence))
        list.push_back(e.sequence);
    return list;
  }
  /// What was sent on a service, without the unit header; the last one first if asked.
  std::vector<bytes> sent(uint8_t type) const {
    std::vector<bytes> found;
    for (const auto& s : host.sent)
      if (s.bytes.size() > 9 && s.bytes[9] == type) found.emplace_back(s.bytes.begin() + 8, s.bytes.end());
    return found;
  }
  void forget() {
    host.events.clear();
    host.channels.clear();
    host.streams.clear();
    host.sent.clear();
  }

  sdk::testing::recording_host host;
  std::unique_ptr<venue_session> venue;
  uint8_t padding = 0x42;

private:
  sdk::testing::pairs pairs_;
  std::map<std::string, bytes> stream_rest_;
};

/// A group's beginning: time, day start, `count` instruments with ids from 101 on. 2 + count messages.
inline std::vector<bytes> opening(uint32_t count) {
  std::vector<bytes> messages{time_message(8 * 3'600), system_event('O')};
  for (uint32_t i = 0; i < count; ++i) messages.push_back(directory(101 + i, "GB000000000" + std::to_string(i)));
  return messages;
}

} // namespace tickplant::lse::testing
