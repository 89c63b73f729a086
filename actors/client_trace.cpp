#include "actors/client_trace.hpp"

#include "runtime/telemetry/span.hpp"

namespace tickplant::actors {

namespace {

/// The span that was recorded, for what follows; nothing if the client's context is not to be used.
std::optional<telemetry::trace_context> join(gateway_context& context, const char* name, std::string_view trace_parent,
                                             uint64_t start_ns, std::string_view peer) {
  const auto parent = telemetry::parse_traceparent(trace_parent);
  if (!parent || !parent->is_sampled()) return std::nullopt;
  auto& tracing = context.tracing;
  telemetry::span_record span;
  span.name = name;
  span.what = telemetry::span_record::kind::server;
  span.trace_id = parent->trace_id;
  span.parent_id = parent->span_id;
  span.span_id = tracing.sampler.new_span_id();
  span.start_ns = start_ns;
  span.end_ns = context.loop.wall_ns();
  if (!peer.empty()) span.add("peer", peer);
  span.add("loop", context.number);
  tracing.tracer->record(span);
  return telemetry::trace_context{span.trace_id, span.span_id, telemetry::trace_context::sampled};
}

} // namespace

void join_handshake(gateway_context& context, fanout::client_key, const client_opening& opening) {
  join(context, "connection.open", opening.trace_parent, opening.asked_ns, opening.peer);
}

void join_request(gateway_context& context, fanout::client_key client, std::string_view trace_parent,
                  uint64_t start_ns) {
  const auto made = join(context, "client.request", trace_parent, start_ns, {});
  if (!made) return;
  if (auto* hub = context.hub_now()) hub->trace_next(client, {made->trace_id, made->span_id});
}

} // namespace tickplant::actors
