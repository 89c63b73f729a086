// Drives a venue plugin with calls that the fuzzer's input chooses: units on any line, stream bytes, answers, timers.
#pragma once

#include "recording_host.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace tickplant::tests {

inline void drive(const tp_venue_ops& ops, const sdk::testing::pairs& settings, const uint8_t* data, size_t size) {
  sdk::testing::recording_host host;
  void* self = nullptr;
  if (ops.create(settings.config(), &host.table, host.ctx(), &self) != TP_OK || self == nullptr) return;
  host.now_ns = 1'600'000'000'000'000'000;
  ops.start(self, host.now_ns);
  for (const auto& line : host.lines) ops.on_line(self, line.line, TP_LINE_UP, {}, host.now_ns);
  std::vector<uint8_t> bytes;
  while (size >= 3) {
    const uint8_t what = data[0];
    const size_t length = std::min<size_t>(data[1] * 8u, size - 2);
    bytes.assign(data + 2, data + 2 + length);
    bytes.resize(length + TP_PADDING);
    data += 2 + length;
    size -= 2 + length;
    host.now_ns += 1'000'000;
    const auto* chosen = host.lines.empty() ? nullptr : &host.lines[what % host.lines.size()];
    const auto line = chosen ? chosen->line : 0u;
    const bool is_stream = chosen && chosen->kind == TP_LINE_TCP;
    const tp_unit unit{bytes.data(), static_cast<uint32_t>(length), line, host.now_ns, TP_UNIT_TEXT, 0};
    switch (what >> 5) {
      case 0:
      case 1:
      case 2:
      case 3:
        if (is_stream && ops.on_stream)
          ops.on_stream(self, &unit);
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
      case 6: ops.on_line(self, line, data[-1] & 1 ? TP_LINE_UP : TP_LINE_FAILED, {}, host.now_ns); break;
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
