// Takes finished spans from any thread and brings them to a collector; what the collector does never slows a producer.
#pragma once

#include "runtime/telemetry/span.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

namespace tickplant::telemetry {

struct tracer_options {
  std::string otlp;                  ///< the collector's base URL, "http://127.0.0.1:4318"; empty: off
  std::string service = "tickplant"; ///< service.name
  std::string node;                  ///< service.instance.id
  std::string version;               ///< service.version
  double sample = 0;                 ///< share of updates, 0 to 1
  uint64_t slow_ns = 0;              ///< updates that took at least so long are kept whatever `sample` says; 0: none
  uint32_t queue = 4'096;            ///< spans that wait at most; read once, by the constructor
  std::chrono::milliseconds timeout{1'000}; ///< for one POST; 1 ms to 1.5 s
};

/// Plain numbers since the start. recorded = exported + failed_export + what still waits.
struct tracer_counters {
  uint64_t recorded = 0;      ///< taken into the queue
  uint64_t exported = 0;      ///< the collector has them
  uint64_t dropped_queue = 0; ///< came to a full queue
  uint64_t failed_export = 0; ///< no collector, it refused them, or it was too slow
  uint64_t rejected = 0;      ///< no span: without a name or an id
};

/// One per process, owned by the server. All members may be called by any thread. A thread of its own sends; a
/// collector that fails is asked again after 100 ms, doubled up to 5 s, while spans wait in the queue.
class tracer {
public:
  /// The destructor's longest wait, and a POST's: one that has begun cannot be called back.
  static constexpr std::chrono::milliseconds most_shutdown{2'000}, most_timeout{1'500};

  /// With an `otlp` that is no URL the tracer is off and says so in the log; see fault_of_collector.
  explicit tracer(const tracer_options& options);
  /// Sends what waits, for at most `most_shutdown`.
  ~tracer();
  tracer(const tracer&) = delete;
  tracer& operator=(const tracer&) = delete;

  /// Takes over new options while spans flow. Spans taken before go to the collector that was set then.
  void configure(const tracer_options& options);

  /// One relaxed load each. When off: false, 0 and the largest number, so that nothing is sampled and nothing is slow.
  bool is_on() const noexcept { return is_on_.load(std::memory_order_relaxed); }
  uint64_t sample_threshold() const noexcept { return threshold_.load(std::memory_order_relaxed); }
  uint64_t slow_ns() const noexcept { return slow_ns_.load(std::memory_order_relaxed); }

  /// Never blocks, never allocates; nothing happens when off.
  void record(const span_record& span) noexcept;

  /// Sends what was recorded before the call, by the options of the last `configure`; without success it is counted as
  /// failed. False: not settled in time.
  bool flush(std::chrono::milliseconds within);

  tracer_counters counters() const noexcept;

private:
  static constexpr uint64_t never_slow = std::numeric_limits<uint64_t>::max();
  class worker;

  std::atomic<bool> is_on_{false};
  std::atomic<uint64_t> threshold_{0}, slow_ns_{never_slow};
  std::unique_ptr<worker> worker_;
};

} // namespace tickplant::telemetry
