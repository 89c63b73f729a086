// The harbour plugin, wrong in one way that FAULT chooses. What is wrong sits between it and the host.
#include "harbour.hpp"

#include <cstdlib>
#include <ctime>

namespace {

enum {
  fault_none,
  fault_silent_gaps,       // loses messages and tells nobody
  fault_crash,             // at a datagram of one byte
  fault_hang,              // at a datagram of two bytes
  fault_undefined,         // emits for an instrument that it never defined
  fault_takes_any_setting, // never complains
  fault_whims,             // looks at the clock
  fault_leak,              // keeps something of every datagram that it cannot read
  fault_storm,             // reconnects without a pause
  fault_hammers,           // says everything to the venue a thousand times once a book was asked for again
  fault_breaks,            // gives up at a datagram that it cannot read
  fault_scale,             // takes every price for ten times what it is, in books and trades alike
  fault_no_end,            // marks no change of a book as the last of its event
  fault_twice,             // counts each trade twice
  fault_no_trades,         // knows of none
  fault_no_directory,      // never says that it has told all symbols
  fault_no_scheme,         // opens lines by addresses without "udp://"
  fault_deaf               // asks nobody for anything, and thinks that it has
};

namespace sdk = tickplant::sdk;

tp_venue_ops good;
uint32_t asked = 0;
tp_venue_host real, bent;

bool is_garbage(const tp_unit& unit) {
  return unit.size < 2 || unit.data[0] != 'H' || unit.data[1] != 'B';
}

void bend(tp_venue_host& host) {
  if (FAULT == fault_silent_gaps)
    host.stream = [](tp_ctx* c, const tp_stream* s) {
      if (s->state != TP_STREAM_LOST) real.stream(c, s);
    };
  if (FAULT == fault_whims)
    host.emit = [](tp_ctx* c, uint32_t channel, const tp_event* events, size_t count) -> int32_t {
      std::vector<tp_event> changed(events, events + count);
      timespec now{};
      ::clock_gettime(CLOCK_MONOTONIC, &now);
      for (auto& e : changed) e.venue_ns = static_cast<uint64_t>(now.tv_nsec);
      return real.emit(c, channel, changed.data(), count);
    };
  if (FAULT == fault_scale || FAULT == fault_no_end || FAULT == fault_twice || FAULT == fault_no_trades)
    host.emit = [](tp_ctx* c, uint32_t channel, const tp_event* events, size_t count) -> int32_t {
      std::vector<tp_event> changed;
      for (auto e : std::span{events, count}) {
        const bool is_trade = e.kind == TP_EV_TRADE;
        if (FAULT == fault_scale && (is_trade || e.kind == TP_EV_LEVEL)) e.price *= 10;
        if (FAULT == fault_no_end && e.kind == TP_EV_LEVEL) e.flags &= static_cast<uint16_t>(~TP_END);
        if (FAULT == fault_no_trades && is_trade) continue;
        changed.push_back(e);
        if (FAULT == fault_twice && is_trade) changed.push_back(e);
      }
      return real.emit(c, channel, changed.data(), changed.size());
    };
  if (FAULT == fault_no_directory)
    host.stream = [](tp_ctx* c, const tp_stream* s) {
      if (s->state != TP_STREAM_DIRECTORY) real.stream(c, s);
    };
  if (FAULT == fault_no_scheme)
    host.line_open = [](tp_ctx* c, const tp_line_spec* spec) -> int32_t {
      auto changed = *spec;
      changed.address = sdk::to_tp(sdk::view(spec->address).substr(6));
      return real.line_open(c, &changed);
    };
  if (FAULT == fault_deaf)
    host.send = [](tp_ctx*, uint32_t, uint32_t, const uint8_t*, size_t) -> int32_t { return TP_OK; };
  if (FAULT == fault_storm)
    host.set_timer = [](tp_ctx* c, uint32_t id, uint64_t after_ns) {
      real.set_timer(c, id, std::min<uint64_t>(after_ns, after_ns == UINT64_MAX ? after_ns : 1'000'000));
    };
  if (FAULT == fault_hammers)
    host.send = [](tp_ctx* c, uint32_t line, uint32_t flags, const uint8_t* bytes, size_t size) -> int32_t {
      for (int i = 0; asked > 1 && i < 1'000; ++i) real.send(c, line, flags, bytes, size);
      return real.send(c, line, flags, bytes, size);
    };
}

int32_t resynchronise(void* self, uint32_t channel, uint32_t instrument, uint64_t now_ns) {
  ++asked;
  return good.resynchronise(self, channel, instrument, now_ns);
}

int32_t create(const tp_config* config, const tp_venue_host* host, tp_ctx* ctx, void** self) {
  real = bent = *host;
  bend(bent);
  return good.create(config, &bent, ctx, self);
}

tp_ctx* last_ctx = nullptr;

/// By the processor's own signal, also in a sanitized build.
__attribute__((no_sanitize("address", "undefined", "thread"))) void crash() {
  *static_cast<volatile int*>(nullptr) = 1;
}

int32_t on_units(void* self, const tp_unit* units, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (FAULT == fault_crash && units[i].size == 1) crash();
    if (FAULT == fault_hang && units[i].size == 2)
      for (volatile bool forever = true; forever;) {
      }
    if (FAULT == fault_leak && is_garbage(units[i])) {
      auto* kept = static_cast<volatile char*>(std::malloc(1'000));
      kept[0] = 1;
    }
    if (FAULT == fault_breaks && is_garbage(units[i])) return TP_E_BROKEN;
  }
  const int32_t answer = good.on_units(self, units, count);
  if (FAULT == fault_undefined) {
    const tp_event e{TP_EV_LEVEL, 0, TP_BID | TP_END, 999, 1, 100, 1, 0, 0, 1, 0};
    real.emit(last_ctx, 0, &e, 1);
  }
  return answer;
}

tp_venue_ops make_ops() {
  good = sdk::make_venue_ops<harbour::venue>();
  auto ops = good;
  ops.create = [](const tp_config* config, const tp_venue_host* host, tp_ctx* ctx, void** self) -> int32_t {
    last_ctx = ctx;
    return create(config, host, ctx, self);
  };
  ops.on_units = on_units;
  ops.resynchronise = resynchronise;
  if (FAULT == fault_takes_any_setting)
    ops.validate = [](const tp_config*, const tp_venue_host*, tp_ctx*) -> int32_t { return TP_OK; };
  return ops;
}

} // namespace

#define TP_BUILD_ID "test"
TP_PLUGIN_OF_KIND("harbour", "1.0.0", TP_KIND_VENUE, tp_event, make_ops)
