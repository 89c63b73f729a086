// The tracer's thread: takes records out of the queue and sends them in batches. Inside of runtime/telemetry only.
#pragma once

#include "runtime/telemetry/otlp_sender.hpp"
#include "runtime/telemetry/record_queue.hpp"
#include "runtime/telemetry/tracer.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace tickplant::telemetry {

class tracer::worker {
public:
  explicit worker(uint32_t queue);
  ~worker();

  /// nullopt: off.
  void set_target(std::optional<otlp_target> target);
  void record(const span_record& span) noexcept;
  bool flush(std::chrono::milliseconds within);
  tracer_counters counters() const noexcept;

private:
  using clock = std::chrono::steady_clock;

  void run();
  void wait_for_work(std::unique_lock<std::mutex>& guard);
  void change_target(std::unique_lock<std::mutex>& guard);
  void send_waiting(bool is_last_chance);
  bool take_batch();
  void send_batch();
  void settle(bool was_sent);
  void note_failure();
  void note_success();

  record_queue<span_record> queue_;
  std::atomic<uint64_t> recorded_{0}, exported_{0}, dropped_{0}, failed_{0}, rejected_{0};

  // The thread's own.
  std::vector<span_record> batch_;
  clock::duration backoff_{};
  clock::time_point retry_at_{};
  bool is_failing_ = false;
  std::unique_ptr<otlp_sender> sender_;

  mutable std::mutex lock_;
  std::condition_variable wake_, settled_;
  // Guarded by lock_.
  std::optional<otlp_target> target_, wanted_;
  bool is_changed_ = false, is_closing_ = false;
  uint32_t flushes_ = 0;        ///< callers that wait
  clock::time_point give_up_{}; ///< when closing: no send begins later

  std::thread thread_; // last: starts when all the rest is there
};

} // namespace tickplant::telemetry
