#include "runtime/telemetry/tracer.hpp"

#include "runtime/telemetry/log.hpp"
#include "runtime/telemetry/sampler.hpp"
#include "runtime/telemetry/tracer_worker.hpp"

#include <algorithm>

namespace tickplant::telemetry {

namespace {

std::optional<otlp_target> target_of(const tracer_options& options) {
  using namespace std::chrono_literals;
  if (options.otlp.empty()) return std::nullopt;
  if (const auto fault = fault_of_collector(options.otlp); !fault.empty()) {
    log(level::error, "telemetry", "traces are off: " + public_url(options.otlp) + ": " + fault);
    return std::nullopt;
  }
  return otlp_target{options.otlp, options.service, options.node, options.version,
                     std::clamp<std::chrono::milliseconds>(options.timeout, 1ms, tracer::most_timeout)};
}

bool is_span(const span_record& span) noexcept {
  return span.name != nullptr && span.trace_id != trace_id{} && span.span_id != span_id{} &&
         span.attribute_count <= span_record::max_attributes;
}

} // namespace

tracer::tracer(const tracer_options& options)
  : worker_(std::make_unique<worker>(std::clamp(options.queue, 64u, 65'536u))) {
  configure(options);
}

tracer::~tracer() {
  is_on_ = false;
}

void tracer::configure(const tracer_options& options) {
  auto target = target_of(options);
  const bool is_on = target.has_value();
  worker_->set_target(std::move(target));
  is_on_ = is_on;
  threshold_ = is_on ? telemetry::sample_threshold(options.sample) : 0;
  slow_ns_ = is_on && options.slow_ns != 0 ? options.slow_ns : never_slow;
}

void tracer::record(const span_record& span) noexcept {
  if (is_on()) worker_->record(span);
}

bool tracer::flush(std::chrono::milliseconds within) {
  return worker_->flush(within);
}

tracer_counters tracer::counters() const noexcept {
  return worker_->counters();
}

void tracer::worker::record(const span_record& span) noexcept {
  if (!is_span(span))
    rejected_.fetch_add(1, std::memory_order_relaxed);
  else if (queue_.push(span))
    recorded_.fetch_add(1, std::memory_order_relaxed);
  else
    dropped_.fetch_add(1, std::memory_order_relaxed);
}

} // namespace tickplant::telemetry
