// Builds Pillar messages and packets for the tests of this plugin, from the published field tables; and a world around
// one instance: a recording host, lines, timers, a request server. Shared with nothing else, so that a wrong offset in
// the plugin cannot hide in a common encoder.
#pragma once

#include "venue_session.hpp"

#include <recording_host.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace tickplant::nyse::testing {

using bytes = std::vector<uint8_t>;

inline constexpr uint64_t ms = 1'000'000, second = 1'000'000'000;
inline constexpr uint32_t noon_s = 1'700'067'600; // 12:00 in New York, 15 November 2023
inline constexpr uint64_t noon = noon_s * second;

/// A message: its size is filled in at the end.
class pillar {
public:
  explicit pillar(uint16_t type) { number(0, 2).number(type, 2); }
  pillar& number(uint64_t value, int size) {
    for (; size > 0; --size, value >>= 8) bytes_.push_back(static_cast<uint8_t>(value));
    return *this;
  }
  pillar& text(std::string value, size_t size, char pad = '\0') {
    value.resize(size, pad);
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return *this;
  }
  operator bytes() const {
    bytes done = bytes_;
    done[0] = static_cast<uint8_t>(done.size());
    done[1] = static_cast<uint8_t>(done.size() >> 8);
    return done;
  }

private:
  bytes bytes_;
};

/// Head of the messages 100 to 104 and 110 to 114.
inline pillar data(uint16_t type, uint32_t index, uint32_t symbol_number, uint32_t ns = 5) {
  return pillar(type).number(ns, 4).number(index, 4).number(symbol_number, 4);
}
/// Head of the messages 105, 106 and 34.
inline pillar timed(uint16_t type, uint32_t index, uint32_t symbol_number, uint32_t ns = 5) {
  return pillar(type).number(noon_s, 4).number(ns, 4).number(index, 4).number(symbol_number, 4);
}

inline bytes reset(uint32_t time_s = noon_s, uint32_t ns = 0, uint8_t product = 11, uint8_t channel = 1) {
  return pillar(1).number(time_s, 4).number(ns, 4).number(product, 1).number(channel, 1);
}
inline bytes seconds(uint32_t time_s, uint32_t partition = 3) {
  return pillar(2).number(partition, 4).number(0, 4).number(time_s, 4);
}
inline bytes mapping(uint32_t index, const std::string& symbol, uint8_t scale = 4, char kind = 'C',
                     uint8_t partition = 3) {
  return pillar(3)
    .number(index, 4)
    .text(symbol, 11)
    .number(0, 1)
    .number(1, 2)
    .number(partition, 1)
    .text("N", 1)
    .number(scale, 1)
    .text({kind}, 1)
    .number(100, 2)
    .number(123'400, 4)
    .number(7, 4)
    .number(0, 1)
    .text("Y", 1)
    .number(100, 2)
    .number(1, 2)
    .number(0, 2);
}
inline bytes symbol_clear(uint32_t index, uint32_t next_number) {
  return pillar(32).number(noon_s, 4).number(1, 4).number(index, 4).number(next_number, 4);
}
inline bytes status(uint32_t index, uint32_t symbol_number, char code, char halt, char market, char short_sale = '~',
                    uint32_t price1 = 0, uint32_t price2 = 0) {
  return timed(34, index, symbol_number)
    .text({code}, 1)
    .text({halt}, 1)
    .number(0, 4)
    .number(price1, 4)
    .number(price2, 4)
    .text(" ", 1)
    .number(0, 4)
    .number(0, 4)
    .text({short_sale}, 1)
    .text({market}, 1)
    .number(0, 1);
}
inline bytes add(uint32_t index, uint32_t symbol_number, uint64_t order, char side, uint32_t shares, uint32_t price,
                 const std::string& firm = "     ") {
  return data(100, index, symbol_number)
    .number(order, 8)
    .number(price, 4)
    .number(shares, 4)
    .text({side}, 1)
    .text(firm, 5)
    .number(0, 1);
}
inline bytes modify(uint32_t index, uint32_t symbol_number, uint64_t order, uint32_t shares, uint32_t price,
                    uint8_t lost = 0) {
  return data(101, index, symbol_number)
    .number(order, 8)
    .number(price, 4)
    .number(shares, 4)
    .number(lost, 1)
    .text("B", 1)
    .number(0, 1);
}
inline bytes erased(uint32_t index, uint32_t symbol_number, uint64_t order) {
  return data(102, index, symbol_number).number(order, 8).number(0, 1);
}
inline bytes executed(uint32_t index, uint32_t symbol_number, uint64_t order, uint32_t trade, uint32_t shares,
                      uint32_t price, uint8_t printable = 1, const std::string& conditions = "@   ") {
  return data(103, index, symbol_number)
    .number(order, 8)
    .number(trade, 4)
    .number(price, 4)
    .number(shares, 4)
    .number(printable, 1)
    .number(0, 1)
    .text(conditions, 4);
}
inline bytes replaced(uint32_t index, uint32_t symbol_number, uint64_t order, uint64_t to, uint32_t shares,
                      uint32_t price) {
  return data(104, index, symbol_number)
    .number(order, 8)
    .number(to, 8)
    .number(price, 4)
    .number(shares, 4)
    .number(0, 1)
    .number(0, 1);
}
inline bytes imbalance(uint32_t index, uint32_t symbol_number, bool is_old = false) {
  auto m = timed(105, index, symbol_number)
             .number(1'000'000, 4)
             .number(500, 4)
             .number(300, 4)
             .number(7, 4)
             .number(930, 2)
             .text("M", 1)
             .text("S", 1)
             .number(1'010'000, 4)
             .number(1'020'000, 4)
             .number(0, 4)
             .number(0, 4)
             .number(1'100'000, 4)
             .number(900'000, 4)
             .number(1, 1)
             .number(0, 1)
             .number(2, 1);
  if (!is_old) m.number(44, 4).text("B", 1).number(0, 1);
  return m;
}
inline bytes add_refresh(uint32_t index, uint32_t symbol_number, uint64_t order, char side, uint32_t shares,
                         uint32_t price) {
  return timed(106, index, symbol_number)
    .number(order, 8)
    .number(price, 4)
    .number(shares, 4)
    .text({side}, 1)
    .text("     ", 5)
    .number(0, 1);
}
inline bytes hidden_trade(uint32_t index, uint32_t symbol_number, uint32_t trade, uint32_t shares, uint32_t price,
                          uint8_t printable = 1) {
  return data(110, index, symbol_number)
    .number(trade, 4)
    .number(price, 4)
    .number(shares, 4)
    .number(printable, 1)
    .text("@  I", 4);
}
inline bytes cross(uint32_t index, uint32_t symbol_number, uint32_t id, uint32_t shares, uint32_t price, char kind) {
  return data(111, index, symbol_number).number(id, 4).number(price, 4).number(shares, 4).text({kind}, 1);
}
inline bytes summary(uint32_t index) {
  return pillar(223)
    .number(noon_s, 4)
    .number(9, 4)
    .number(index, 4)
    .number(1'100'000, 4)
    .number(900'000, 4)
    .number(950'000, 4)
    .number(0, 4)
    .number(12'345, 4);
}
inline bytes refresh_head(uint16_t current, uint16_t total) {
  return pillar(35).number(current, 2).number(total, 2);
}
inline bytes refresh_head(uint16_t current, uint16_t total, uint32_t last, uint32_t last_of_symbol) {
  return pillar(35).number(current, 2).number(total, 2).number(last, 4).number(last_of_symbol, 4);
}
inline bytes unavailable(uint32_t from, uint32_t to, uint8_t product = 11, uint8_t channel = 1) {
  return pillar(31).number(from, 4).number(to, 4).number(product, 1).number(channel, 1);
}
inline bytes response(uint32_t request, char status, uint32_t from = 0, uint32_t to = 0, uint8_t channel = 1) {
  return pillar(11)
    .number(request, 4)
    .number(from, 4)
    .number(to, 4)
    .text("TEST", 10)
    .number(11, 1)
    .number(channel, 1)
    .text({status}, 1);
}

inline bytes packet_of(uint8_t flag, uint32_t sequence, const std::vector<bytes>& messages, uint64_t send_ns = noon,
                       int count = -1) {
  bytes packet(16, 0);
  for (const auto& m : messages) packet.insert(packet.end(), m.begin(), m.end());
  const auto put = [&](size_t at, uint64_t value, int size) {
    for (; size > 0; --size, value >>= 8) packet[at++] = static_cast<uint8_t>(value);
  };
  put(0, packet.size(), 2);
  put(2, flag, 1);
  put(3, count < 0 ? messages.size() : static_cast<uint64_t>(count), 1);
  put(4, sequence, 4);
  put(8, send_ns / second, 4);
  put(12, send_ns % second, 4);
  return packet;
}

/// One instance with its world.
class world {
public:
  explicit world(std::initializer_list<std::pair<std::string, std::string>> settings) : pairs_(settings) {
    host.now_ns = noon;
    venue = std::make_unique<venue_session>(pairs_.view(), host.host());
    EXPECT_EQ(venue->start(host.now_ns), TP_OK);
  }
  world()
    : world({{"lines.a", "udp://239.1.1.1:1"},
             {"lines.b", "udp://239.1.1.2:1"},
             {"lines.request", "tcp://192.0.2.9:1"},
             {"lines.retransmission", "udp://239.1.1.3:1"},
             {"lines.refresh", "udp://239.1.1.4:1"},
             {"lines.summary", "udp://239.1.1.5:1"},
             {"source_id", "TEST"}}) {}

  static uint32_t line(line_role role, size_t place = 0) { return line_set::number(place, role); }

  /// Hands over one datagram. The bytes behind it are not zero, as in a buffer that is used again.
  void packet(uint32_t number, bytes content, uint32_t flags = 0) {
    const auto size = static_cast<uint32_t>(content.size());
    content.resize(content.size() + TP_PADDING, padding);
    const tp_unit unit{content.data(), size, number, host.now_ns, flags, 0};
    EXPECT_EQ(venue->on_units({&unit, 1}), TP_OK);
  }
  void live(size_t which, uint32_t sequence, const std::vector<bytes>& messages, uint8_t flag = 11) {
    packet(line(which == 0 ? line_role::a : line_role::b), packet_of(flag, sequence, messages, host.now_ns));
  }
  void a(uint32_t sequence, const std::vector<bytes>& messages, uint8_t flag = 11) {
    live(0, sequence, messages, flag);
  }
  void b(uint32_t sequence, const std::vector<bytes>& messages, uint8_t flag = 11) {
    live(1, sequence, messages, flag);
  }
  void both(uint32_t sequence, const std::vector<bytes>& messages, uint8_t flag = 11) {
    a(sequence, messages, flag);
    b(sequence, messages, flag);
  }
  void heartbeat(uint32_t next) { a(next, {}, 1); }
  void retransmit(uint32_t sequence, const std::vector<bytes>& messages, uint8_t flag = 15) {
    packet(line(line_role::retransmission), packet_of(flag, sequence, messages, host.now_ns));
  }
  void refresh(uint8_t flag, uint32_t sequence, const std::vector<bytes>& messages) {
    packet(line(line_role::refresh), packet_of(flag, sequence, messages, host.now_ns));
  }
  void connect() { EXPECT_EQ(venue->on_line(request_line::line, TP_LINE_UP, {}, host.now_ns), TP_OK); }
  void disconnect() { EXPECT_EQ(venue->on_line(request_line::line, TP_LINE_CLOSED, "gone", host.now_ns), TP_OK); }
  /// Bytes of the request server; how many were consumed.
  int64_t server(bytes content) {
    const auto size = static_cast<uint32_t>(content.size());
    content.resize(content.size() + TP_PADDING, padding);
    return venue->on_stream({content.data(), size, request_line::line, host.now_ns, 0, 0});
  }
  void answer(uint32_t to, char code) { server(packet_of(11, 1, {response(to, code)}, host.now_ns)); }

  /// Fires timers up to this long from now.
  void pass(uint64_t duration) {
    const uint64_t until = host.now_ns + duration;
    for (int bound = 0; bound < 1'000'000; ++bound) {
      const auto id = host.pop_timer(until);
      if (!id) break;
      EXPECT_EQ(venue->on_timer(*id, host.now_ns), TP_OK);
    }
    host.now_ns = until;
  }

  /// A channel from its start with symbols 1 to `symbols`, each with one status: messages 1 to 1 + 2 * symbols.
  uint32_t open(uint32_t symbols) {
    both(1, {reset()}, 12);
    uint32_t next = 2;
    std::vector<bytes> messages;
    for (uint32_t i = 1; i <= symbols; ++i) messages.push_back(mapping(i, "SYM" + std::to_string(i)));
    for (uint32_t i = 1; i <= symbols; ++i) messages.push_back(status(i, 1, 'O', '~', 'O'));
    for (const auto& m : messages) both(next++, {m});
    return next;
  }

  struct request {
    uint32_t type = 0, number = 0, from = 0, to = 0, index = 0;
    uint8_t product = 0, channel = 0;
    std::string source;
  };
  /// What was sent to the request server and not looked at before.
  std::vector<request> requests() {
    std::vector<request> list;
    for (const auto& sent : host.sent) {
      const auto at = [&](size_t place, int size) {
        uint32_t value = 0;
        for (int i = size - 1; i >= 0; --i) value = value << 8 | sent.bytes.at(16 + place + static_cast<size_t>(i));
        return value;
      };
      request r;
      r.type = at(2, 2);
      r.number = sent.bytes[4];
      EXPECT_EQ(sent.bytes.size(), 16u + at(0, 2));
      EXPECT_EQ(sent.bytes[2], 11);
      EXPECT_EQ(sent.bytes[3], 1);
      const size_t source = r.type == 10 ? 12u : r.type == 12 ? 4u : 8u;
      if (r.type == 10) {
        r.from = at(4, 4);
        r.to = at(8, 4);
      } else if (r.type != 12) {
        r.index = at(4, 4);
      }
      for (size_t i = 0; i < 10 && at(source + i, 1) != 0; ++i) r.source += static_cast<char>(at(source + i, 1));
      if (r.type != 12) {
        r.product = static_cast<uint8_t>(at(source + 10, 1));
        r.channel = static_cast<uint8_t>(at(source + 11, 1));
      }
      list.push_back(r);
    }
    host.sent.clear();
    return list;
  }

  uint64_t counted(std::string_view name) const { return host.counted(venue_session::counters(), name); }
  std::string text(uint64_t handle) const {
    return handle == 0 || handle > host.texts.size() ? "" : host.texts[handle - 1];
  }
  uint32_t instrument(const std::string& symbol) const {
    for (const auto& [number, known] : host.instruments)
      if (known.symbol == symbol) return number;
    return UINT32_MAX;
  }
  /// States told, but for DIRECTORY, which comes with the first order.
  std::vector<uint32_t> states(uint32_t instrument_number = TP_ALL) const {
    std::vector<uint32_t> list;
    for (const auto& s : host.streams)
      if (s.instrument == instrument_number && s.state != TP_STREAM_DIRECTORY) list.push_back(s.state);
    return list;
  }
  uint32_t last_state() const {
    for (auto s = host.streams.rbegin(); s != host.streams.rend(); ++s)
      if (s->state != TP_STREAM_DIRECTORY) return s->state;
    return 0;
  }
  bool told(uint32_t state) const {
    for (const auto& s : host.streams)
      if (s.state == state) return true;
    return false;
  }
  std::vector<uint64_t> sequences() const {
    std::vector<uint64_t> list;
    for (const auto& e : host.events)
      if (e.sequence != 0 && (e.flags & TP_SNAPSHOT) == 0) list.push_back(e.sequence);
    return list;
  }
  std::vector<uint8_t> kinds() const {
    std::vector<uint8_t> list;
    for (const auto& e : host.events) list.push_back(e.kind);
    return list;
  }
  void forget() {
    host.events.clear();
    host.channels.clear();
    host.streams.clear();
    host.sent.clear();
    host.logs.clear();
  }

  sdk::testing::recording_host host;
  std::unique_ptr<venue_session> venue;
  uint8_t padding = 0x42;

private:
  sdk::testing::pairs pairs_;
};

} // namespace tickplant::nyse::testing
