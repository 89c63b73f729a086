// Spans as the server makes them, for tests.
#pragma once

#include "runtime/telemetry/sampler.hpp"
#include "runtime/telemetry/tracer.hpp"

#include <string>
#include <string_view>

namespace tickplant::telemetry::testing {

/// Long enough for a busy machine; nothing waits for its end when all is well.
inline constexpr std::chrono::seconds patience{30};

inline constexpr uint64_t noon_ns = 1'750'000'000'123'456'789u;

inline span_record root(sampler& ids, const char* name = span_name::venue_receive) {
  span_record span;
  span.name = name;
  span.trace_id = ids.new_trace_id();
  span.span_id = ids.new_span_id();
  span.start_ns = noon_ns;
  span.end_ns = noon_ns + 1'000;
  return span;
}

inline span_record child(sampler& ids, const span_record& parent, const char* name) {
  auto span = root(ids, name);
  span.trace_id = parent.trace_id;
  span.parent_id = parent.span_id;
  return span;
}

template <class Id>
std::string bytes_of(const Id& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

inline tracer_options options_for(std::string url, std::chrono::milliseconds timeout = tracer::most_timeout) {
  tracer_options options;
  options.otlp = std::move(url);
  options.service = "tickplant-test";
  options.node = "node-7";
  options.version = "1.2.3";
  options.sample = 1;
  options.timeout = timeout;
  return options;
}

} // namespace tickplant::telemetry::testing
