#include "actors/delivery_trace.hpp"

#include "runtime/telemetry/span.hpp"

namespace tickplant::actors {

delivery_trace::delivery_trace(feed_context& context, plugin::venue_host& host, book::feed& feed, uint32_t units,
                               uint64_t receive_ns)
  : context_(context), host_(host) {
  auto& delivery = context.delivery;
  delivery.units += units;
  if (delivery.start_ns == 0) {
    delivery.receive_ns = receive_ns;
    delivery.start_ns = context.loop.wall_ns();
    delivery.is_traced = context.tracing.sampler.decide(context.tracing.tracer->sample_threshold());
  }
  if (!delivery.is_traced) return;
  // Decoding and applying take turns event by event; only where a trace is made the clock is read around each.
  host.set_emit_filter([&context, &feed](uint32_t channel, std::span<const tp_event> events) {
    auto& stamps = context.delivery;
    if (stamps.apply_start_ns == 0) stamps.apply_start_ns = context.loop.wall_ns();
    const auto answer = feed.emit(channel, events);
    stamps.apply_end_ns = context.loop.wall_ns();
    return answer;
  });
}

delivery_trace::~delivery_trace() {
  auto& delivery = context_.delivery;
  delivery.end_ns = context_.loop.wall_ns();
  if (!delivery.is_traced) return;
  host_.set_emit_filter({});
  if (delivery.apply_span != std::array<uint8_t, 8>{}) return;
  delivery.trace_id = context_.tracing.sampler.new_trace_id();
  delivery.apply_span = context_.tracing.sampler.new_span_id();
}

void record_delivery(feed_context& context, const book::publication_batch& batch) {
  record_delivery(context.tracing, batch.delivery, batch.items.front());
}

void record_delivery(loop_tracing& tracing, const book::delivery_stamps& delivery, const book::publication& item) {
  telemetry::span_record receive;
  receive.name = telemetry::span_name::venue_receive;
  receive.trace_id = delivery.trace_id;
  receive.span_id = tracing.sampler.new_span_id();
  receive.start_ns = delivery.receive_ns;
  receive.end_ns = delivery.start_ns;
  receive.add("venue", item.instrument->venue).add("batch.packets", delivery.units);
  telemetry::span_record decode = receive;
  decode.name = telemetry::span_name::venue_decode;
  decode.parent_id = receive.span_id;
  decode.span_id = tracing.sampler.new_span_id();
  decode.start_ns = delivery.start_ns;
  decode.end_ns = delivery.end_ns;
  telemetry::span_record apply;
  apply.name = telemetry::span_name::book_apply;
  apply.trace_id = delivery.trace_id;
  apply.parent_id = decode.span_id;
  apply.span_id = delivery.apply_span;
  apply.start_ns = delivery.apply_start_ns != 0 ? delivery.apply_start_ns : delivery.start_ns;
  apply.end_ns = delivery.apply_end_ns != 0 ? delivery.apply_end_ns : delivery.end_ns;
  apply.add("venue", item.instrument->venue)
    .add("symbol", item.instrument->symbol)
    .add("venue.sequence", static_cast<int64_t>(item.venue_sequence))
    .add("sequence", static_cast<int64_t>(item.sequence));
  for (const auto* span : {&receive, &decode, &apply}) tracing.tracer->record(*span);
}

void record_recovery(feed_context& context, std::string_view venue, uint32_t channel, uint64_t start_ns,
                     uint64_t end_ns) {
  auto& tracing = context.tracing;
  if (!tracing.is_on()) return;
  telemetry::span_record span;
  span.name = telemetry::span_name::venue_recovery;
  span.trace_id = tracing.sampler.new_trace_id();
  span.span_id = tracing.sampler.new_span_id();
  span.start_ns = start_ns;
  span.end_ns = end_ns;
  span.add("venue", venue).add("channel", channel);
  tracing.tracer->record(span);
}

} // namespace tickplant::actors
