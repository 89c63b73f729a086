// Builds ITCH 5.0 messages and MoldUDP64 packets for the tests of this plugin, from the published field tables; and a
// world around one instance: a recording host, lines, timers. Shared with nothing else, so that a wrong offset in the
// plugin cannot hide in a common encoder.
#pragma once

#include "venue_session.hpp"

#include <recording_host.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::nasdaq::testing {

using bytes = std::vector<uint8_t>;

class itch {
public:
  itch(char type, uint16_t locate, uint64_t time = 34'200'000'000'000) {
    text(std::string(1, type), 1).number(locate, 2).number(7, 2).number(time, 6);
  }
  itch& number(uint64_t value, int size) {
    for (; size > 8; --size) bytes_.push_back(0);
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) bytes_.push_back(static_cast<uint8_t>(value >> shift));
    return *this;
  }
  itch& text(std::string value, size_t size) {
    value.resize(size, ' ');
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return *this;
  }
  operator bytes() const { return bytes_; }

private:
  bytes bytes_;
};

inline bytes system_event(char code) {
  return itch('S', 0).text({code}, 1);
}
inline bytes directory(uint16_t locate, const std::string& symbol, char authenticity = 'P') {
  return itch('R', locate)
    .text(symbol, 8)
    .text("Q", 1)
    .text("N", 1)
    .number(100, 4)
    .text("N", 1)
    .text("C", 1)
    .text("Z", 2)
    .text({authenticity}, 1)
    .text("N", 1)
    .text("N", 1)
    .text("1", 1)
    .text("N", 1)
    .number(0, 4)
    .text("N", 1);
}
inline bytes trading_action(uint16_t locate, char state, const std::string& reason = "") {
  return itch('H', locate).text("X", 8).text({state}, 1).text(" ", 1).text(reason, 4);
}
inline bytes add(uint16_t locate, uint64_t order, char side, uint32_t shares, uint32_t price) {
  return itch('A', locate).number(order, 8).text({side}, 1).number(shares, 4).text("X", 8).number(price, 4);
}
inline bytes add_attributed(uint16_t locate, uint64_t order, char side, uint32_t shares, uint32_t price) {
  return itch('F', locate)
    .number(order, 8)
    .text({side}, 1)
    .number(shares, 4)
    .text("X", 8)
    .number(price, 4)
    .text("MPID", 4);
}
inline bytes executed(uint16_t locate, uint64_t order, uint32_t shares, uint64_t match) {
  return itch('E', locate).number(order, 8).number(shares, 4).number(match, 8);
}

inline bytes mold(const std::string& session, uint64_t sequence, const std::vector<bytes>& messages, int count = -1) {
  bytes packet;
  const auto number = [&](uint64_t value, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) packet.push_back(static_cast<uint8_t>(value >> shift));
  };
  for (size_t i = 0; i < 10; ++i) packet.push_back(i < session.size() ? static_cast<uint8_t>(session[i]) : ' ');
  number(sequence, 8);
  number(count < 0 ? messages.size() : static_cast<uint64_t>(count), 2);
  for (const auto& m : messages) {
    number(m.size(), 2);
    packet.insert(packet.end(), m.begin(), m.end());
  }
  return packet;
}
inline bytes heartbeat(const std::string& session, uint64_t next) {
  return mold(session, next, {});
}
inline bytes end_of_session(const std::string& session, uint64_t next) {
  return mold(session, next, {}, 0xFFFF);
}

inline bytes soup(char type, const bytes& payload = {}) {
  bytes packet{static_cast<uint8_t>((payload.size() + 1) >> 8), static_cast<uint8_t>(payload.size() + 1),
               static_cast<uint8_t>(type)};
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}
inline bytes padded(const std::string& text, size_t size) { // on the left
  bytes result(size - text.size(), ' ');
  result.insert(result.end(), text.begin(), text.end());
  return result;
}
inline bytes joined(const std::vector<bytes>& parts) {
  bytes all;
  for (const auto& each : parts) all.insert(all.end(), each.begin(), each.end());
  return all;
}
inline bytes soup_accepted(const std::string& session, uint64_t sequence) {
  return soup('A', joined({padded(session, 10), padded(std::to_string(sequence), 20)}));
}
/// Messages as sequenced packets.
inline bytes soup_data(const std::vector<bytes>& messages) {
  bytes all;
  for (const auto& each : messages) {
    const bytes packet = soup('S', each);
    all.insert(all.end(), packet.begin(), packet.end());
  }
  return all;
}
inline bytes end_of_snapshot(uint64_t next) {
  return joined({{'G'}, padded(std::to_string(next), 20)});
}

inline constexpr uint64_t noon = 1'700'000'000'000'000'000; // some trading day
inline constexpr uint64_t ms = 1'000'000, second = 1'000'000'000;
inline const std::string session_a = "TST0000001", session_b = "TST0000002";

/// One instance with its world. A history of messages can be set, from which requests are answered.
class world {
public:
  using setting_list = std::vector<std::pair<std::string, std::string>>;
  world(std::initializer_list<std::pair<std::string, std::string>> settings) : world(setting_list{settings}) {}
  explicit world(const setting_list& settings) : pairs_(settings) {
    host.now_ns = noon;
    venue = std::make_unique<venue_session>(pairs_.view(), host.host());
    EXPECT_EQ(venue->start(host.now_ns), TP_OK);
  }
  world()
    : world({{"lines.a", "udp://239.1.1.1:26400"},
             {"lines.b", "udp://239.1.1.2:26400"},
             {"lines.rerequest", "udp://192.0.2.9:18000"}}) {}

  /// Hands over one datagram. The bytes behind it are not zero, as in a buffer that is used again.
  void packet(uint32_t line, bytes data, uint32_t flags = 0) {
    const auto size = static_cast<uint32_t>(data.size());
    data.resize(data.size() + TP_PADDING, padding);
    const tp_unit unit{data.data(), size, line, host.now_ns, flags, 0};
    EXPECT_EQ(venue->on_units({&unit, 1}), TP_OK);
  }
  void a(bytes data) { packet(line_set::a, std::move(data)); }
  void b(bytes data) { packet(line_set::b, std::move(data)); }
  void answer(bytes data, uint32_t server = 0) { packet(line_set::first_server + server, std::move(data)); }

  /// The other side of a TCP line: comes up, sends (as one read; what is not consumed comes again), goes down.
  void connect(uint32_t line) {
    rest[line].clear();
    EXPECT_EQ(venue->on_line(line, TP_LINE_UP, {}, host.now_ns), TP_OK);
  }
  void stream(uint32_t line, const bytes& data) {
    auto& unread = rest[line];
    unread.insert(unread.end(), data.begin(), data.end());
    for (int calls = 0; !unread.empty() && calls < 1'000; ++calls) {
      bytes readable = unread;
      readable.resize(unread.size() + TP_PADDING, padding);
      const tp_unit unit{readable.data(), static_cast<uint32_t>(unread.size()), line, host.now_ns, TP_UNIT_BINARY, 0};
      const auto closed = host.closed_lines.size();
      const int64_t used = venue->on_stream(unit);
      ASSERT_GE(used, 0);
      ASSERT_LE(static_cast<size_t>(used), unread.size());
      if (host.closed_lines.size() > closed) return unread.clear();
      unread.erase(unread.begin(), unread.begin() + used);
      if (used == 0) return;
    }
  }
  void disconnect(uint32_t line) { EXPECT_EQ(venue->on_line(line, TP_LINE_CLOSED, "gone", host.now_ns), TP_OK); }
  size_t opened(uint32_t line) const {
    size_t times = 0;
    for (const auto& each : host.lines) times += each.line == line;
    return times;
  }
  std::string last_sent(uint32_t line) const {
    std::string text;
    for (const auto& each : host.sent)
      if (each.line == line) text = each.text();
    return text;
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
  std::vector<uint64_t> sequences() const {
    std::vector<uint64_t> list;
    for (const auto& e : host.events)
      if (e.sequence != 0 && e.kind != TP_EV_SNAPSHOT_END) list.push_back(e.sequence);
    return list;
  }

  /// What a request asks for.
  static std::pair<uint64_t, uint32_t> asked(const sdk::testing::recorded_send& sent) {
    uint64_t from = 0;
    for (size_t i = 10; i < 18; ++i) from = from << 8 | sent.bytes.at(i);
    return {from, static_cast<uint32_t>(sent.bytes.at(18) << 8 | sent.bytes.at(19))};
  }
  /// Answers every request sent so far out of `history` (message 1 first), at most `most` messages a packet.
  void serve(const std::vector<bytes>& history, size_t most = 3) {
    for (int rounds = 0; rounds < 100'000 && !host.sent.empty(); ++rounds) {
      const auto sent = host.sent.front();
      host.sent.erase(host.sent.begin());
      const auto [from, count] = asked(sent);
      std::vector<bytes> part;
      for (uint64_t n = from; n < from + count && n <= history.size() && part.size() < most; ++n)
        part.push_back(history[n - 1]);
      if (!part.empty()) answer(mold(session_a, from, part), sent.line - line_set::first_server);
    }
  }

  sdk::testing::recording_host host;
  std::unique_ptr<venue_session> venue;
  uint8_t padding = 0x42;
  std::map<uint32_t, bytes> rest; // unread, of each TCP line

private:
  sdk::testing::pairs pairs_;
};

/// A session's beginning: day start, `symbols` instruments, start of system hours.
inline std::vector<bytes> opening(uint16_t symbols) {
  std::vector<bytes> messages{system_event('O')};
  for (uint16_t i = 1; i <= symbols; ++i) messages.push_back(directory(i, "SYM" + std::to_string(i)));
  messages.push_back(system_event('S'));
  return messages;
}

} // namespace tickplant::nasdaq::testing
