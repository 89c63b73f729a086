// A venue_session with the recording host around it: gives frames, answers and timers as the server would.
#pragma once

#include "venue_session.hpp"

#include <recording_host.hpp>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::binance::testing {

using sdk::testing::pairs;
using sdk::testing::recording_host;

/// Bytes followed by exactly the padding that the ABI promises, so that the sanitizer sees any read beyond it.
class padded {
public:
  explicit padded(std::string_view text) : bytes_(new char[text.size() + TP_PADDING]), size_(text.size()) {
    std::memcpy(bytes_.get(), text.data(), text.size());
    std::memset(bytes_.get() + text.size(), '}', TP_PADDING); // "of any value": the worst is one that looks like JSON
  }
  tp_unit unit(uint64_t recv_ns, uint32_t line = 0) const {
    return {
      reinterpret_cast<const uint8_t*>(bytes_.get()), static_cast<uint32_t>(size_), line, recv_ns, TP_UNIT_TEXT, 0};
  }
  std::string_view text() const { return {bytes_.get(), size_}; }

private:
  std::unique_ptr<char[]> bytes_;
  size_t size_;
};

class driver {
public:
  static constexpr uint64_t second = 1'000'000'000;
  static constexpr uint64_t start_ns = 1'700'000'000 * second;

  explicit driver(const pairs& settings) : session(settings.view(), host.host()) {}

  void start() {
    host.now_ns = now();
    session.start(now());
  }
  void line_up(uint32_t line = 0) {
    host.now_ns = now();
    session.on_line(line, TP_LINE_UP, "", now());
  }
  void line_down(uint32_t line, std::string_view why = "1006") {
    host.now_ns = now();
    session.on_line(line, TP_LINE_CLOSED, why, now());
  }
  /// Answers every control request that was sent so far as good, and forgets them.
  void confirm_all() {
    const auto sent = std::exchange(host.sent, {});
    for (const auto& s : sent) {
      const std::string text{s.text()};
      frame(R"({"result":null,"id":)" + text.substr(text.rfind(':') + 1), s.line);
    }
  }
  void frame(std::string_view text, uint32_t line = 0) {
    const padded bytes{text};
    const tp_unit unit = bytes.unit(now(), line);
    host.now_ns = now();
    session.on_units({&unit, 1});
  }
  void answer(uint32_t id, int32_t status, std::string_view body,
              const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    const padded bytes{body};
    std::vector<tp_pair> raw;
    for (const auto& [key, value] : headers) raw.push_back({sdk::to_tp(key), sdk::to_tp(value)});
    tp_http_answer a{};
    a.struct_size = sizeof a;
    a.id = id;
    a.status = status;
    a.headers = raw.data();
    a.header_count = static_cast<uint32_t>(raw.size());
    a.body = sdk::to_tp(bytes.text());
    a.recv_ns = now();
    host.now_ns = now();
    session.on_http(a);
  }
  /// Lets time pass: every timer that falls due meanwhile is fired at its time.
  void pass(uint64_t ns) {
    const uint64_t end = now() + ns;
    while (const auto id = host.pop_timer(end)) {
      clock = host.now_ns;
      session.on_timer(*id, clock);
    }
    clock = host.now_ns = end;
  }
  uint64_t now() const { return clock; }
  uint64_t counted(std::string_view name) const { return host.counted(venue_session::counters(), name); }

  recording_host host;
  uint64_t clock = start_ns;
  venue_session session;
};

} // namespace tickplant::binance::testing
