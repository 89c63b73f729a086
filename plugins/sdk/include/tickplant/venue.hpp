// C++20 wrapper of the venue kind: a class with ordinary member functions becomes a tp_venue_ops table.
//
//   struct my_venue {
//     static constexpr uint32_t order_refs = TP_REFS_DENSE;
//     static std::span<const tp_str> counters();
//     static void validate(tickplant::sdk::settings, tickplant::sdk::venue_host);  // complains, has no effect
//     my_venue(tickplant::sdk::settings, tickplant::sdk::venue_host);              // throws only after complaining
//     int32_t start(uint64_t now_ns);
//     int32_t on_units(std::span<const tp_unit>);
//     int64_t on_stream(const tp_unit&);
//     int32_t on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns);
//     int32_t on_http(const tp_http_answer&);
//     int32_t on_timer(uint32_t id, uint64_t now_ns);
//     int32_t on_interest(std::span<const tp_interest>, uint64_t now_ns);
//     int32_t resynchronise(uint32_t channel, uint32_t instrument, uint64_t now_ns);
//     int32_t stop(uint64_t now_ns);
//   };
//   TP_VENUE_PLUGIN("my", "1.0.0", my_venue)
#pragma once

#include <tickplant/plugin.hpp>
#include <tickplant/venue.h>

#include <new>

namespace tickplant::sdk {

/// The host's services for one instance; a pair of borrowed pointers, valid from `create` to `destroy`. Cheap to copy.
class venue_host {
public:
  venue_host(const tp_venue_host* table, tp_ctx* ctx) : table_(table), ctx_(ctx) {}

  int32_t emit(uint32_t channel, std::span<const tp_event> events) const {
    return table_->emit(ctx_, channel, events.data(), events.size());
  }
  /// Whether the host wants events of this instrument; false also where the definition was refused.
  bool define(const tp_instrument& instrument) const { return table_->define(ctx_, &instrument) == 1; }
  void retire(uint32_t instrument) const { table_->retire(ctx_, instrument); }
  void stream(uint32_t channel, uint32_t instrument, uint32_t state, std::string_view reason = {}, uint64_t from = 0,
              uint64_t to = 0) const {
    const tp_stream s{sizeof(tp_stream), channel, instrument, state, from, to, to_tp(reason)};
    table_->stream(ctx_, &s);
  }
  uint32_t text(std::string_view text) const { return table_->text(ctx_, to_tp(text)); }
  int32_t line_open(const tp_line_spec& spec) const { return table_->line_open(ctx_, &spec); }
  void line_close(uint32_t line) const { table_->line_close(ctx_, line); }
  int32_t send(uint32_t line, uint32_t unit_flags, std::span<const uint8_t> bytes) const {
    return table_->send(ctx_, line, unit_flags, bytes.data(), bytes.size());
  }
  int32_t send_text(uint32_t line, std::string_view text) const {
    return table_->send(ctx_, line, TP_UNIT_TEXT, reinterpret_cast<const uint8_t*>(text.data()), text.size());
  }
  int32_t http_get(const tp_http_request& request) const { return table_->http_get(ctx_, &request); }
  void set_timer(uint32_t id, uint64_t after_ns) const { table_->set_timer(ctx_, id, after_ns); }
  void cancel_timer(uint32_t id) const { table_->set_timer(ctx_, id, UINT64_MAX); }
  void count(uint32_t counter, uint64_t by = 1) const { table_->count(ctx_, counter, by); }
  void log(log_level level, std::string_view text) const {
    table_->log(ctx_, static_cast<int32_t>(level), to_tp(text));
  }
  void complain(std::string_view key, std::string_view problem) const {
    table_->complain(ctx_, to_tp(key), to_tp(problem));
  }
  int64_t zone_offset(std::string_view zone, uint64_t utc_ns) const {
    return table_->zone_offset(ctx_, to_tp(zone), utc_ns);
  }
  uint64_t random() const { return table_->random(ctx_); }

private:
  const tp_venue_host* table_;
  tp_ctx* ctx_;
};

namespace detail {

template <class Venue, class Call>
auto on_venue(void* self, Call&& call) noexcept {
  return on_instance<Venue, venue_host>(self, [&](Venue& venue, venue_host&) { return call(venue); });
}

} // namespace detail

/// The ops table of a venue class. Call once, keep the result in static memory.
template <class Venue>
tp_venue_ops make_venue_ops() {
  using detail::on_venue;
  tp_venue_ops ops{};
  ops.struct_size = sizeof(tp_venue_ops);
  ops.order_refs = Venue::order_refs;
  const std::span<const tp_str> counters = Venue::counters();
  ops.counters = counters.data();
  ops.counter_count = detail::count_of(counters);
  detail::set_life<Venue, venue_host, tp_venue_host>(ops);
  ops.start = [](void* self, uint64_t now_ns) -> int32_t {
    return on_venue<Venue>(self, [&](Venue& v) -> int32_t { return v.start(now_ns); });
  };
  ops.on_units = [](void* self, const tp_unit* units, size_t count) -> int32_t {
    return on_venue<Venue>(self, [&](Venue& v) -> int32_t { return v.on_units({units, count}); });
  };
  ops.on_stream = [](void* self, const tp_unit* unit) -> int64_t {
    return on_venue<Venue>(self, [&](Venue& v) -> int64_t { return v.on_stream(*unit); });
  };
  ops.on_line = [](void* self, uint32_t line, uint32_t state, tp_str why, uint64_t now_ns) -> int32_t {
    return on_venue<Venue>(self, [&](Venue& v) -> int32_t { return v.on_line(line, state, view(why), now_ns); });
  };
  ops.on_http = [](void* self, const tp_http_answer* answer) -> int32_t {
    return on_venue<Venue>(self, [&](Venue& v) -> int32_t { return v.on_http(*answer); });
  };
  ops.on_timer = [](void* self, uint32_t id, uint64_t now_ns) -> int32_t {
    return on_venue<Venue>(self, [&](Venue& v) -> int32_t { return v.on_timer(id, now_ns); });
  };
  ops.on_interest = [](void* self, const tp_interest* list, size_t count, uint64_t now_ns) -> int32_t {
    return on_venue<Venue>(self, [&](Venue& v) -> int32_t { return v.on_interest({list, count}, now_ns); });
  };
  ops.resynchronise = [](void* self, uint32_t channel, uint32_t instrument, uint64_t now_ns) -> int32_t {
    return on_venue<Venue>(self, [&](Venue& v) -> int32_t { return v.resynchronise(channel, instrument, now_ns); });
  };
  ops.stop = [](void* self, uint64_t now_ns) -> int32_t {
    return on_venue<Venue>(self, [&](Venue& v) -> int32_t { return v.stop(now_ns); });
  };
  return ops;
}

} // namespace tickplant::sdk

/// The plugin's one exported symbol. TP_BUILD_ID comes from tp_add_plugin().
#define TP_VENUE_PLUGIN(NAME, VERSION, VENUE)                                                                          \
  TP_PLUGIN_OF_KIND(NAME, VERSION, TP_KIND_VENUE, tp_event, ::tickplant::sdk::make_venue_ops<VENUE>)
