#include "actors/delivery_trace.hpp"
#include "actors/gateway_context.hpp"
#include "runtime/telemetry/span.hpp"

namespace tickplant::actors {

namespace {

telemetry::span_record span_of(const char* name, const fanout::trace_link& parent, telemetry::span_id id,
                               uint64_t start_ns, uint64_t end_ns) {
  telemetry::span_record span;
  span.name = name;
  span.trace_id = parent.trace_id;
  span.parent_id = parent.span_id;
  span.span_id = id;
  span.start_ns = start_ns;
  span.end_ns = end_ns;
  return span;
}

} // namespace

// A late update that nobody sampled: what its delivery left behind becomes the start of a trace.
fanout::trace_link update_traces::begin(const fanout::traced_update& update) {
  auto delivery = update.delivery;
  delivery.trace_id = tracing_.sampler.new_trace_id();
  delivery.apply_span = tracing_.sampler.new_span_id();
  record_delivery(tracing_, delivery, update.state);
  return {delivery.trace_id, delivery.apply_span};
}

fanout::traced_spans update_traces::sent(const fanout::traced_update& update) {
  if (!tracing_.is_on()) return {update.parent, update.encoded};
  fanout::traced_spans spans{update.parent, update.encoded};
  if (!spans.parent.is_set()) spans.parent = begin(update);
  const auto& state = update.state;
  if (!spans.encoded.is_set()) {
    const bool is_measured = update.encode_start_ns != 0;
    auto encode = span_of(telemetry::span_name::hub_encode, spans.parent, tracing_.sampler.new_span_id(),
                          is_measured ? update.encode_start_ns : update.write_start_ns,
                          is_measured ? update.encode_end_ns : update.write_start_ns);
    encode.add("venue", state.instrument->venue)
      .add("symbol", state.instrument->symbol)
      .add("sequence", static_cast<int64_t>(state.sequence))
      .add("conflated", static_cast<int64_t>(update.conflated))
      .add("shared", is_measured ? "no" : "yes");
    tracing_.tracer->record(encode);
    spans.encoded = {spans.parent.trace_id, encode.span_id};
  }
  auto write = span_of(telemetry::span_name::connection_write, spans.encoded, tracing_.sampler.new_span_id(),
                       update.write_start_ns, update.write_end_ns);
  write.add("client", update.client)
    .add("frame.bytes", static_cast<int64_t>(update.bytes))
    .add("symbol", state.instrument->symbol)
    .add("venue.sequence", static_cast<int64_t>(state.venue_sequence));
  tracing_.tracer->record(write);
  return spans;
}

} // namespace tickplant::actors
