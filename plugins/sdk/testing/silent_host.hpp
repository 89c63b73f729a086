// A host that says yes to everything and does nothing, for benchmarks and for tests of what a plugin itself allocates.
// Its context is a counter of events that the caller keeps, or nullptr.
#pragma once

#include <tickplant/venue.hpp>

namespace tickplant::sdk::testing {

inline tp_venue_host silent_host() {
  tp_venue_host host{};
  host.struct_size = sizeof host;
  host.abi_minor = TP_ABI_MINOR;
  host.emit = [](tp_ctx* seen, uint32_t, const tp_event*, size_t count) -> int32_t {
    if (seen) *reinterpret_cast<uint64_t*>(seen) += count;
    return TP_OK;
  };
  host.define = [](tp_ctx*, const tp_instrument*) -> int32_t { return 1; };
  host.retire = [](tp_ctx*, uint32_t) {};
  host.stream = [](tp_ctx*, const tp_stream*) {};
  host.text = [](tp_ctx*, tp_str) -> uint32_t { return 1; };
  host.line_open = [](tp_ctx*, const tp_line_spec*) -> int32_t { return TP_OK; };
  host.line_close = [](tp_ctx*, uint32_t) {};
  host.send = [](tp_ctx*, uint32_t, uint32_t, const uint8_t*, size_t) -> int32_t { return TP_OK; };
  host.http_get = [](tp_ctx*, const tp_http_request*) -> int32_t { return TP_OK; };
  host.set_timer = [](tp_ctx*, uint32_t, uint64_t) {};
  host.count = [](tp_ctx*, uint32_t, uint64_t) {};
  host.log = [](tp_ctx*, int32_t, tp_str) {};
  host.complain = [](tp_ctx*, tp_str, tp_str) {};
  host.zone_offset = [](tp_ctx*, tp_str, uint64_t) -> int64_t { return 0; };
  host.random = [](tp_ctx*) -> uint64_t { return 1; };
  return host;
}

/// The host's services as the plugin sees them; `table` and `events` are the caller's.
inline venue_host silent_services(const tp_venue_host& table, uint64_t* events = nullptr) {
  return {&table, reinterpret_cast<tp_ctx*>(events)};
}

} // namespace tickplant::sdk::testing
