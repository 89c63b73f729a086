// Drives a venue plugin with calls that the fuzzer's input chooses: units on any line, stream bytes, answers, timers.
#pragma once

#include "recording_host.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace tickplant::tests {

/// What a server of a TCP line has sent already when the fuzzer's bytes begin; for its first connection.
struct stream_start {
  std::string line;
  std::vector<uint8_t> bytes;
};

/// The unread bytes of the TCP lines, by the ABI's rule: what is not consumed comes again with more behind it.
class driven_streams {
public:
  void add(const tp_venue_ops& ops, void* self, uint32_t line, const uint8_t* data, size_t size, uint64_t now_ns) {
    auto& unread = unread_[line];
    unread.insert(unread.end(), data, data + size);
    for (int calls = 0; !unread.empty() && calls < 64; ++calls) {
      auto readable = unread;
      readable.resize(unread.size() + TP_PADDING);
      const tp_unit unit{readable.data(), static_cast<uint32_t>(unread.size()), line, now_ns, TP_UNIT_BINARY, 0};
      const int64_t used = ops.on_stream(self, &unit);
      if (used < 0) return unread.clear();
      if (static_cast<uint64_t>(used) > unread.size()) __builtin_trap(); // it consumed what it was not given
      unread.erase(unread.begin(), unread.begin() + used);
      if (used == 0) break;
    }
    constexpr size_t largest_unit = 70'000;
    if (unread.size() > largest_unit) unread.clear();
  }
  void forget(uint32_t line) { unread_.erase(line); }

private:
  std::map<uint32_t, std::vector<uint8_t>> unread_;
};

inline void drive(const tp_venue_ops& ops, const sdk::testing::pairs& settings, const uint8_t* data, size_t size,
                  const std::vector<stream_start>& starts = {}) {
  sdk::testing::recording_host host;
  void* self = nullptr;
  if (ops.create(settings.config(), &host.table, host.ctx(), &self) != TP_OK || self == nullptr) return;
  host.now_ns = 1'600'000'000'000'000'000;
  ops.start(self, host.now_ns);
  driven_streams streams;
  for (const auto& line : std::vector{host.lines}) {
    ops.on_line(self, line.line, TP_LINE_UP, {}, host.now_ns);
    for (const auto& [name, sent] : starts)
      if (line.name == name) streams.add(ops, self, line.line, sent.data(), sent.size(), host.now_ns);
  }
  std::vector<uint8_t> bytes;
  while (size >= 3) {
    const uint8_t what = data[0];
    const size_t length = std::min<size_t>(data[1] * 8u, size - 2);
    bytes.assign(data + 2, data + 2 + length);
    bytes.resize(length + TP_PADDING);
    data += 2 + length;
    size -= 2 + length;
    host.now_ns += 1'000'000;
    const auto* const chosen = host.lines.empty() ? nullptr : &host.lines[what % host.lines.size()];
    const uint32_t line = chosen ? chosen->line : 0;
    const bool is_stream = chosen && chosen->kind == TP_LINE_TCP && ops.on_stream;
    const tp_unit unit{bytes.data(), static_cast<uint32_t>(length), line, host.now_ns, TP_UNIT_TEXT, 0};
    switch (what >> 5) {
      case 0:
      case 1:
      case 2:
      case 3:
        if (is_stream)
          streams.add(ops, self, line, bytes.data(), length, host.now_ns);
        else
          ops.on_units(self, &unit, 1);
        break;
      case 4:
        if (const auto id = host.pop_timer(UINT64_MAX)) ops.on_timer(self, *id, host.now_ns);
        break;
      case 5:
        if (!host.requests.empty()) {
          const auto id = host.requests.back().id;
          host.requests.pop_back();
          const tp_http_answer answer{
            sizeof answer, id, what & 1 ? 200 : 429, 0, nullptr, {reinterpret_cast<const char*>(bytes.data()), length},
            host.now_ns};
          ops.on_http(self, &answer);
        }
        break;
      case 6:
        streams.forget(line);
        ops.on_line(self, line, data[-1] & 1 ? TP_LINE_UP : TP_LINE_FAILED, {}, host.now_ns);
        break;
      case 7: ops.resynchronise(self, 0, what & 1 ? TP_ALL : 0, host.now_ns); break;
    }
    host.events.clear();
    host.channels.clear();
    host.logs.clear();
    host.sent.clear();
  }
  ops.stop(self, host.now_ns);
  ops.destroy(self);
}

} // namespace tickplant::tests
