// What a stream connection asks for by its target ("/stream?streams=a/b&timeUnit=MICROSECOND"). Pure.
#pragma once

#include "tickplant_sim/binance/control.hpp"
#include "tickplant_sim/request_target.hpp"

namespace tickplant::sim::binance {

struct stream_request {
  subscriptions initial;
  bool microseconds = false;
};

/// What a WebSocket target asks for: /ws, /ws/<stream>[/<stream>..], /stream, /stream?streams=<stream>[/<stream>..],
/// each also behind /public and /market. Nothing for other paths and for more streams than a connection may have.
std::optional<stream_request> parse_stream_target(std::string_view target);

} // namespace tickplant::sim::binance
