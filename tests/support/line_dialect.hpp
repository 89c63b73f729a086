// A dialect with all lines that prints everything a client needs in words with blanks between, and a port that takes
// the frames of each client apart again:
//   "STATE 1" or "STATE! 1" (a snapshot), then per element
//   "AAPL epoch sequence previous conflated last b price:size .. a price:size .." of states and changes of the book,
//   "AAPL epoch sequence kind price" of trades, ';' between them;
//   "GAP AAPL/series epoch from to why", "RESUMED AAPL/series epoch from sequence", "RESUME_FAILED .. why", "status
//   .."; "plain " in front where the client has not said HELLO.
#pragma once

#include "runtime/fanout/client_port.hpp"
#include "runtime/plugin/dialect_host.hpp"
#include "tests/support/frame_texts.hpp"
#include "tests/support/test_dialect.hpp"

#include <tickplant/dialect.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::tests {

class line_dialect {
public:
  static tp_dialect_ops defaults() {
    tp_dialect_ops ops{};
    ops.frame_flags = TP_FRAME_TEXT;
    ops.default_data_types = TP_DATA_QUOTES;
    ops.default_depth = 5;
    ops.separator = {";", 1};
    return ops;
  }
  static void validate(sdk::settings, sdk::dialect_host) {}
  line_dialect(sdk::settings, sdk::dialect_host) {}
  void decode(const tp_frame&, sdk::request_sink) {}

  void envelope(const tp_envelope& e, const tp_variant&, sdk::text_writer& out) {
    out.put(series(e.series));
    out.put(e.is_snapshot ? "! " : " ");
    out.put_number(e.count);
    out.put(';');
  }
  void element(const tp_element& e, const tp_variant& v, sdk::text_writer& out) {
    ++printed;
    head(out, e.symbol, e.epoch, e.sequence);
    for (const uint64_t n : {e.previous_sequence, e.conflated}) number(out, n);
    out.put(' ');
    out.put(e.last_price == TP_NONE ? std::string{"-"} : std::to_string(e.last_price));
    levels(out, " b", e.bids, std::min(e.bid_count, v.depth));
    levels(out, " a", e.asks, std::min(e.ask_count, v.depth));
    stamp(out, v, e.tick_ns);
  }
  void trade(const tp_trade& t, const tp_variant& v, sdk::text_writer& out) {
    ++printed;
    head(out, t.symbol, t.epoch, t.sequence);
    number(out, t.kind);
    out.put(' ');
    out.put(t.price == TP_NONE ? std::string{"-"} : std::to_string(t.price));
    stamp(out, v, t.tick_ns);
  }
  void book_delta(const tp_book_delta& d, const tp_variant& v, sdk::text_writer& out) {
    ++printed;
    head(out, d.symbol, d.epoch, d.sequence);
    for (const uint64_t n : {d.previous_sequence, d.conflated}) number(out, n);
    out.put(" -");
    levels(out, " b", d.bids, d.bid_count);
    levels(out, " a", d.asks, d.ask_count);
    stamp(out, v, d.tick_ns);
  }
  void reply(const tp_reply& r, sdk::text_writer& out) {
    const auto word = word_of(r.kind);
    if (word.empty()) return;
    if (!(r.extras & TP_EXTRA_SEQUENCE)) out.put("plain ");
    out.put(word);
    for (uint32_t i = 0; i < r.result_count; ++i) {
      const auto& result = r.results[i];
      out.put(' ');
      out.put(sdk::view(result.symbol));
      if (r.kind == TP_REPLY_STREAM_STATUS) {
        number(out, result.status);
        continue;
      }
      out.put('/');
      out.put(series(result.series));
      for (const uint64_t n : {result.epoch, result.from, result.sequence}) number(out, n);
      if (result.reason.size == 0) continue;
      out.put(' ');
      out.put(sdk::view(result.reason));
    }
    if (r.kind != TP_REPLY_GAP) return;
    out.put(' ');
    out.put(sdk::view(r.detail));
  }

  static inline uint64_t printed = 0;

private:
  static std::string_view word_of(uint32_t kind) {
    switch (kind) {
      case TP_REPLY_GAP: return "GAP";
      case TP_REPLY_RESUMED: return "RESUMED";
      case TP_REPLY_RESUME_FAILED: return "RESUME_FAILED";
      case TP_REPLY_STREAM_STATUS: return "status";
      case TP_REPLY_SLOW_CONSUMER: return "SLOW";
      default: return {};
    }
  }
  static std::string_view series(uint32_t which) {
    return which == TP_SERIES_TRADES ? "TRADES" : which == TP_SERIES_BOOK ? "BOOK" : "STATE";
  }
  static void number(sdk::text_writer& out, uint64_t value) {
    out.put(' ');
    out.put_number(value);
  }
  static void head(sdk::text_writer& out, tp_str symbol, uint64_t epoch, uint64_t sequence) {
    out.put(sdk::view(symbol));
    number(out, epoch);
    number(out, sequence);
  }
  static void stamp(sdk::text_writer& out, const tp_variant& v, uint64_t tick_ns) {
    if (!(v.extras & TP_EXTRA_STAMPS)) return;
    out.put(" @");
    out.put_number(tick_ns);
  }
  static void levels(sdk::text_writer& out, std::string_view name, const tp_level* first, uint32_t count) {
    out.put(name);
    for (uint32_t i = 0; i < count; ++i) {
      out.put(' ');
      out.put(std::to_string(first[i].price));
      out.put(':');
      out.put(std::to_string(first[i].quantity));
    }
  }
};

inline std::unique_ptr<plugin::dialect_host> make_line_dialect() {
  return make_test_dialect<line_dialect>("lines");
}

/// Keeps what each client gets, frame by frame and reply by reply, in their order.
class line_port final : public fanout::client_port {
public:
  std::map<uint32_t, std::vector<std::string>> told;
  std::map<uint32_t, fanout::written> answers; // `filled` turns to `blocked` by itself
  std::map<uint32_t, uint16_t> closed;
  uint64_t writes = 0;

  fanout::written write(fanout::client_key client, std::span<const uint8_t> frames) override {
    const auto found = answers.find(client.index);
    const auto answer = found == answers.end() ? fanout::written::sent : found->second;
    if (answer == fanout::written::blocked || answer == fanout::written::closed) return answer;
    if (answer == fanout::written::filled) found->second = fanout::written::blocked;
    ++writes;
    append_frame_texts(frames, told[client.index]);
    return answer;
  }
  void reply(fanout::client_key client, wire::opcode, std::span<const uint8_t> payload) override {
    told[client.index].emplace_back(reinterpret_cast<const char*>(payload.data()), payload.size());
  }
  void close(fanout::client_key client, uint16_t code, std::string_view) override { closed[client.index] = code; }
  std::vector<std::string> take(uint32_t client) { return std::exchange(told[client], {}); }
};

} // namespace tickplant::tests
