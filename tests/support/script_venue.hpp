// A venue plugin without an exchange: two instruments whose orders the test places. An instance that starts late, or is
// asked to resynchronise, gives a snapshot of the orders placed so far.
#pragma once

#include "runtime/plugin/loader.hpp"

#include <tickplant/venue.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::tests {

/// The exchange's side: what was placed, in order. One a process; tests clear it.
struct script_exchange {
  struct placed {
    uint32_t instrument;
    uint16_t side;
    int64_t price, quantity;
    bool is_trade = false; // a print, no order
  };
  std::vector<placed> orders;
  uint32_t asked = 0;        // times that it was to resynchronise
  uint32_t instances = 0;    // plugin instances created
  bool has_snapshots = true; // false: resynchronise is refused
  bool breaks_on_next_unit = false;
  bool breaks_at_start = false;
  bool opens_a_line = false;       // a live one, number 1
  bool is_silent_start = false;    // it says nothing of its books at the start
  bool answers_nothing = false;    // resynchronise says that it will, and nothing comes
  bool answers_one_by_one = false; // a channel by a snapshot of each instrument
  std::vector<std::string> lines;  // setting `lines` of each instance
  std::vector<uint32_t> retires_on_next_unit, defines_on_next_unit;
  std::vector<uint32_t> unlisted; // an instance that starts does not define them
  std::vector<tp_stream> streams_on_next_unit;

  static script_exchange& get() {
    static script_exchange one;
    return one;
  }
};

class script_venue {
public:
  static constexpr uint32_t order_refs = TP_REFS_DENSE;
  static constexpr std::array<std::string_view, 2> symbols{"AAPL", "MSFT"};

  static std::span<const tp_str> counters() {
    static const tp_str names[] = {sdk::to_tp("messages.order")};
    return names;
  }
  static void validate(sdk::settings, sdk::venue_host) {}
  script_venue(sdk::settings settings, sdk::venue_host host) : host_(host) {
    ++script_exchange::get().instances;
    script_exchange::get().lines.emplace_back(settings.find("lines").value_or("primary"));
  }

  int32_t start(uint64_t) {
    if (script_exchange::get().breaks_at_start) return TP_E_BROKEN;
    if (script_exchange::get().opens_a_line) open_line();
    const auto& unlisted = script_exchange::get().unlisted;
    for (uint32_t i = 0; i < symbols.size(); ++i)
      if (std::find(unlisted.begin(), unlisted.end(), i) == unlisted.end()) define(i);
    host_.stream(0, TP_ALL, TP_STREAM_DIRECTORY);
    if (script_exchange::get().is_silent_start) return TP_OK;
    if (script_exchange::get().orders.empty())
      host_.stream(0, TP_ALL, TP_STREAM_LIVE, {}, 1);
    else
      snapshot(TP_ALL);
    return TP_OK;
  }
  int32_t on_units(std::span<const tp_unit> units) {
    if (std::exchange(script_exchange::get().breaks_on_next_unit, false)) return TP_E_BROKEN;
    for (const auto number : std::exchange(script_exchange::get().retires_on_next_unit, {})) host_.retire(number);
    for (const auto number : std::exchange(script_exchange::get().defines_on_next_unit, {})) define(number);
    for (const auto& s : std::exchange(script_exchange::get().streams_on_next_unit, {}))
      host_.stream(s.channel, s.instrument, s.state, std::string_view{s.reason.data, s.reason.size}, s.from, s.to);
    for (const auto& unit : units)
      if (unit.size > 0) emit_order(unit.size - 1, 0); // a unit's length is the number of its order
    host_.count(0, units.size());
    return TP_OK;
  }
  int64_t on_stream(const tp_unit& unit) { return unit.size; }
  int32_t on_line(uint32_t, uint32_t, std::string_view, uint64_t) { return TP_OK; }
  int32_t on_http(const tp_http_answer&) { return TP_OK; }
  int32_t on_timer(uint32_t, uint64_t) { return TP_OK; }
  int32_t on_interest(std::span<const tp_interest>, uint64_t) { return TP_OK; }
  int32_t resynchronise(uint32_t, uint32_t instrument, uint64_t) {
    ++script_exchange::get().asked;
    if (!script_exchange::get().has_snapshots) return TP_E_LIMIT;
    if (script_exchange::get().answers_nothing) return TP_OK;
    if (script_exchange::get().answers_one_by_one && instrument == TP_ALL)
      for (uint32_t i = 0; i < symbols.size(); ++i) snapshot(i);
    else
      snapshot(instrument);
    return TP_OK;
  }
  int32_t stop(uint64_t) { return TP_OK; }

private:
  void open_line() {
    tp_line_spec spec{};
    spec.struct_size = sizeof spec;
    spec.line = 1;
    spec.kind = TP_LINE_UDP_GROUP;
    spec.role = TP_ROLE_LIVE;
    spec.max_unit = 1'500;
    spec.address = sdk::to_tp("udp://127.0.0.1:1");
    host_.line_open(spec);
  }
  void define(uint32_t number) {
    tp_instrument definition{};
    definition.struct_size = sizeof definition;
    definition.number = number;
    definition.parent = TP_ALL;
    definition.book = TP_BOOK_ORDERS;
    definition.price_exponent = -2;
    definition.price_step = 1;
    definition.quantity_step = definition.lot = definition.previous_close = TP_NONE;
    definition.symbol = sdk::to_tp(symbols[number]);
    host_.define(definition);
  }
  void emit_order(size_t index, uint16_t flags) {
    const auto& order = script_exchange::get().orders[index];
    tp_event event{};
    event.kind = order.is_trade ? TP_EV_TRADE : TP_EV_ADD;
    event.flags = static_cast<uint16_t>(order.side | TP_END | flags | (order.is_trade ? TP_PRINT : 0));
    event.instrument = order.instrument;
    (order.is_trade ? event.ref : event.order) = index + 1;
    event.price = order.price;
    event.quantity = order.quantity;
    event.sequence = index + 1;
    event.venue_ns = index + 1;
    host_.emit(0, {&event, 1});
  }
  void mark(uint8_t kind, uint32_t instrument, uint64_t sequence) {
    tp_event event{};
    event.kind = kind;
    event.flags = TP_SNAPSHOT | TP_END;
    event.instrument = instrument;
    event.sequence = sequence;
    host_.emit(0, {&event, 1});
  }
  void snapshot(uint32_t instrument) {
    const auto& orders = script_exchange::get().orders;
    mark(TP_EV_SNAPSHOT_BEGIN, instrument, 0);
    for (size_t i = 0; i < orders.size(); ++i)
      if (instrument == TP_ALL || orders[i].instrument == instrument) emit_order(i, TP_SNAPSHOT);
    mark(TP_EV_SNAPSHOT_END, instrument, orders.size());
  }

  sdk::venue_host host_;
};

inline plugin::venue_plugin script_plugin() {
  plugin::plugin_info info;
  info.name = "script";
  info.version = "1";
  info.kind = TP_KIND_VENUE;
  return {info, sdk::make_venue_ops<script_venue>()};
}

} // namespace tickplant::tests
