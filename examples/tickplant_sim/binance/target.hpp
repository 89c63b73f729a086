// Takes a request target ("/stream?streams=a/b&timeUnit=MICROSECOND") apart. Pure.
#pragma once

#include "tickplant_sim/binance/control.hpp"

#include <map>
#include <optional>

namespace tickplant::sim::binance {

struct request_target {
  std::string path; // percent-decoded
  std::map<std::string, std::string, std::less<>> query;

  /// The decoded value, or an empty text.
  std::string_view value(std::string_view key) const;
};

/// Nothing for broken percent-encoding.
std::optional<request_target> parse_target(std::string_view target);

struct stream_request {
  subscriptions initial;
  bool microseconds = false;
};

/// What a WebSocket target asks for: /ws, /ws/<stream>[/<stream>..], /stream, /stream?streams=<stream>[/<stream>..].
/// Nothing for other paths and for more streams than a connection may have.
std::optional<stream_request> parse_stream_target(std::string_view target);

} // namespace tickplant::sim::binance
