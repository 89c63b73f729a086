// The feed loop's part of a trace: what a delivery of packets took to receive, decode and apply. Where traces are off
// nothing here is called; where a delivery is not sampled it costs two looks at the clock.
#pragma once

#include "actors/feed_context.hpp"
#include "runtime/plugin/venue_host.hpp"

#include <cstdint>
#include <string_view>

namespace tickplant::actors {

/// Measures one call of the plugin, from construction to destruction, into the context's delivery.
class delivery_trace {
public:
  delivery_trace(feed_context& context, plugin::venue_host& host, book::feed& feed, uint32_t units,
                 uint64_t receive_ns);
  ~delivery_trace();
  delivery_trace(const delivery_trace&) = delete;
  delivery_trace& operator=(const delivery_trace&) = delete;

private:
  feed_context& context_;
  plugin::venue_host& host_;
};

/// Records the three spans of a sampled delivery whose first item went out.
void record_delivery(feed_context& context, const book::publication_batch& batch);
/// The same of any item that has its delivery's stamps; `delivery` tells trace and the span of applying.
void record_delivery(loop_tracing& tracing, const book::delivery_stamps& delivery, const book::publication& item);

/// Records how long a channel was not to be trusted.
void record_recovery(feed_context& context, std::string_view venue, uint32_t channel, uint64_t start_ns,
                     uint64_t end_ns);

} // namespace tickplant::actors
