// A dialect that prints so little that tests can compare whole frames: elements "AAPL=175.26", joined by ';', in
// "<n#sequence:...>". Client messages: "+AAPL,MSFT", "-AAPL", "@250 +AAPL" (frequency), "%3 +AAPL" (book, 3 levels),
// "$+AAPL" (signals),
// "?" (ping), "!token" (login), "~token" (refresh), "^traceparent +AAPL"; all else is a problem.
#pragma once

#include "runtime/plugin/dialect_host.hpp"
#include "tests/support/test_dialect.hpp"

#include <tickplant/dialect.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::tests {

class plain_dialect {
public:
  static tp_dialect_ops defaults() {
    tp_dialect_ops ops{};
    ops.frame_flags = TP_FRAME_TEXT;
    ops.default_data_types = TP_DATA_QUOTES;
    ops.default_depth = 5;
    ops.default_frequency_ms = 100;
    ops.separator = {";", 1};
    ops.tail = {">", 1};
    return ops;
  }
  static void validate(sdk::settings, sdk::dialect_host) {}
  plain_dialect(sdk::settings, sdk::dialect_host) {}

  void decode(const tp_frame& frame, sdk::request_sink to) {
    std::string_view text{reinterpret_cast<const char*>(frame.data), frame.size};
    tp_request request{};
    request.struct_size = sizeof request;
    request.frequency_ms = request.depth = TP_ABSENT;
    request.client_ms = TP_NONE;
    if (text == "?") {
      request.kind = TP_REQ_PING;
      return to.request(request);
    }
    if (text.starts_with('!') || text.starts_with('~')) {
      request.kind = text.front() == '!' ? TP_REQ_AUTH : TP_REQ_REFRESH;
      request.token = sdk::to_tp(text.substr(1));
      return to.request(request);
    }
    if (text.starts_with('^')) {
      const auto space = text.find(' ');
      request.trace_parent = sdk::to_tp(text.substr(1, space - 1));
      text.remove_prefix(space + 1);
    }
    if (text.starts_with('%')) {
      const auto space = text.find(' ');
      request.data_types = TP_DATA_QUOTES | TP_DATA_ORDER_BOOK;
      request.depth = sdk::to_number<uint32_t>(text.substr(1, space - 1)).value_or(0);
      text.remove_prefix(space + 1);
    }
    if (text.starts_with('$')) {
      request.data_types = TP_DATA_SIGNALS;
      text.remove_prefix(1);
    }
    if (text.starts_with('@')) {
      const auto space = text.find(' ');
      request.frequency_ms = sdk::to_number<uint32_t>(text.substr(1, space - 1)).value_or(0);
      text.remove_prefix(space + 1);
    }
    if (text.empty() || (text.front() != '+' && text.front() != '-'))
      return to.problem(4300, "", "Invalid message format");
    request.kind = text.front() == '+' ? TP_REQ_SUBSCRIBE : TP_REQ_UNSUBSCRIBE;
    std::vector<tp_str> symbols;
    for (text.remove_prefix(1); !text.empty();) {
      const auto comma = std::min(text.find(','), text.size());
      symbols.push_back(sdk::to_tp(text.substr(0, comma)));
      text.remove_prefix(std::min(comma + 1, text.size()));
    }
    request.symbols = symbols.data();
    request.symbol_count = static_cast<uint32_t>(symbols.size());
    to.request(request);
  }
  void envelope(const tp_envelope& e, const tp_variant&, sdk::text_writer& out) {
    out.put('<');
    out.put_number(e.count);
    out.put('#');
    out.put_number(e.sequence);
    out.put(':');
  }
  void element(const tp_element& e, const tp_variant& v, sdk::text_writer& out) {
    ++printed;
    out.put(sdk::view(e.symbol));
    out.put('=');
    out.put_decimal(e.price, e.shown_exponent);
    if (v.data_types & TP_DATA_ORDER_BOOK) {
      out.put('/');
      out.put_number(e.bid_count + e.ask_count);
    }
    if (e.leg_count == 0) return;
    for (const auto leg : {e.bid_leg, e.ask_leg}) {
      out.put('@');
      out.put(leg < e.leg_count ? sdk::view(e.legs[leg].venue) : std::string_view{"-"});
    }
  }
  void reply(const tp_reply& r, sdk::text_writer& out) {
    static constexpr std::string_view names[] = {"",      "welcome", "subscribed", "unsubscribed", "heartbeat",
                                                 "pong",  "error",   "status",     "slow",         "shutdown",
                                                 "hello", "no",      "expiring",   "signal"};
    out.put(names[r.kind]);
    if (r.kind == TP_REPLY_WELCOME && r.needs_auth) out.put(" login");
    if (r.subject.size != 0) {
      out.put(' ');
      out.put(sdk::view(r.subject));
    }
    if (r.kind == TP_REPLY_ERROR || r.kind == TP_REPLY_AUTH_FAILED) {
      out.put(' ');
      out.put_number(r.code);
      out.put(' ');
      out.put(sdk::view(r.detail));
    }
    if (r.kind == TP_REPLY_SIGNAL) {
      static constexpr std::string_view phases[] = {"", " start ", " change ", " end "};
      const auto& s = *r.signal;
      out.put(phases[s.phase]);
      out.put(sdk::view(s.symbol));
      for (const auto venue : {s.buy_venue, s.sell_venue}) {
        out.put(' ');
        out.put(sdk::view(venue));
      }
      out.put(' ');
      out.put_decimal(s.edge, s.price_exponent);
      if (s.reason.size != 0) {
        out.put(' ');
        out.put(sdk::view(s.reason));
      }
    }
    for (uint32_t i = 0; i < r.result_count; ++i) {
      out.put(' ');
      out.put(sdk::view(r.results[i].symbol.size ? r.results[i].symbol : r.results[i].asked));
      out.put(r.results[i].code ? '!' : '0' + static_cast<char>(r.results[i].status));
    }
  }

  static inline uint64_t printed = 0;
};

inline std::unique_ptr<plugin::dialect_host> make_plain_dialect() {
  return make_test_dialect<plain_dialect>("plain");
}

} // namespace tickplant::tests
