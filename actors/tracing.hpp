// What each loop needs for traces: the process's tracer and a sampler of its own.
#pragma once

#include "runtime/book/publication.hpp"
#include "runtime/telemetry/histogram.hpp"
#include "runtime/telemetry/sampler.hpp"
#include "runtime/telemetry/tracer.hpp"

namespace tickplant::actors {

struct loop_tracing {
  telemetry::tracer* tracer = nullptr; // null: no traces
  telemetry::sampler sampler;
  bool is_on() const { return tracer && tracer->is_on(); }
};

/// How old a batch's changes are. Pictures for newcomers are left out: what they show may be of any age.
inline void observe_ages(telemetry::histogram& into, const book::publication_batch& batch, uint64_t wall_ns) {
  for (const auto& item : batch.items)
    if (!item.is_snapshot && item.receive_ns != 0 && wall_ns > item.receive_ns)
      into.observe_ns(wall_ns - item.receive_ns);
}

} // namespace tickplant::actors
