#include "runtime/telemetry/tracer_worker.hpp"

#include "runtime/telemetry/log.hpp"

#include <algorithm>
#include <utility>

#include <pthread.h>
#include <signal.h>

namespace tickplant::telemetry {

namespace {

using namespace std::chrono_literals;

constexpr size_t most_in_batch = 256;
// Producers wake nobody, as that would be a system call on the hot path: the thread looks by itself.
constexpr auto look_every = 50ms;
constexpr auto first_backoff = 100ms, most_backoff = 5'000ms;

// Signals are for the threads that wait for them; a broken connection is no reason to end (libcurl's threads inherit).
void become_telemetry_thread() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  pthread_setname_np(pthread_self(), "tp-telemetry");
}

} // namespace

tracer::worker::worker(uint32_t queue) : queue_(queue) {
  batch_.reserve(most_in_batch);
  thread_ = std::thread{[this] { run(); }};
}

tracer::worker::~worker() {
  {
    std::lock_guard guard{lock_};
    // A send takes no longer than the timeout, so none may begin in the last part of the time that there is.
    const auto& last = wanted_ ? wanted_ : target_;
    give_up_ = clock::now() + most_shutdown - (last ? last->timeout : 0ms);
    is_closing_ = true;
    wake_.notify_all();
  }
  thread_.join();
}

void tracer::worker::set_target(std::optional<otlp_target> target) {
  std::lock_guard guard{lock_};
  if (target == wanted_) return;
  wanted_ = std::move(target);
  is_changed_ = true;
  wake_.notify_all();
}

bool tracer::worker::flush(std::chrono::milliseconds within) {
  std::unique_lock guard{lock_};
  const uint64_t upto = recorded_;
  ++flushes_;
  wake_.notify_all();
  const bool is_settled = settled_.wait_for(guard, within, [&] { return !is_changed_ && exported_ + failed_ >= upto; });
  --flushes_;
  return is_settled;
}

tracer_counters tracer::worker::counters() const noexcept {
  const auto read = [](const std::atomic<uint64_t>& from) { return from.load(std::memory_order_relaxed); };
  return {read(recorded_), read(exported_), read(dropped_), read(failed_), read(rejected_)};
}

void tracer::worker::run() {
  become_telemetry_thread();
  std::unique_lock guard{lock_};
  for (;;) {
    wait_for_work(guard);
    // A collector that follows none gets what has come in before the thread knew of it.
    if (is_changed_ && !sender_) change_target(guard);
    const bool is_changed = is_changed_, is_closing = is_closing_;
    const bool is_last_chance = is_changed || is_closing || flushes_ != 0;
    guard.unlock();
    send_waiting(is_last_chance);
    guard.lock();
    if (is_closing) break;
    // As seen before the sending: a change since then would take over what was recorded before it.
    if (is_changed) change_target(guard);
    settled_.notify_all();
  }
}

void tracer::worker::wait_for_work(std::unique_lock<std::mutex>& guard) {
  const auto is_called = [this] { return is_changed_ || is_closing_ || flushes_ != 0; };
  if (!sender_)
    wake_.wait(guard, is_called);
  else
    wake_.wait_for(guard, look_every, is_called);
}

void tracer::worker::change_target(std::unique_lock<std::mutex>& guard) {
  is_changed_ = false;
  target_ = wanted_;
  const auto target = target_;
  guard.unlock();
  sender_.reset(); // before the next: the SDK's voice is for one
  if (target) sender_ = std::make_unique<otlp_sender>(*target);
  guard.lock();
  backoff_ = {};
  is_failing_ = false;
}

void tracer::worker::send_waiting(bool is_last_chance) {
  if (!is_last_chance && clock::now() < retry_at_) return;
  // No more than the queue holds, so that busy producers cannot keep the thread from its other duties.
  bool is_lost = false;
  for (size_t taken = 0; taken < queue_.capacity() && take_batch(); taken += batch_.size()) {
    if (is_lost)
      settle(false);
    else
      send_batch();
    if (!is_failing_) continue;
    if (!is_last_chance) return;
    is_lost = true; // one try is enough: the others would fail as slowly
  }
}

bool tracer::worker::take_batch() {
  batch_.clear();
  span_record record;
  while (batch_.size() < most_in_batch && queue_.pop(record)) batch_.push_back(record);
  return !batch_.empty();
}

void tracer::worker::send_batch() {
  bool may_send = sender_ != nullptr;
  {
    std::lock_guard guard{lock_};
    may_send = may_send && (!is_closing_ || clock::now() < give_up_);
  }
  const bool was_sent = may_send && sender_->send(batch_);
  settle(was_sent);
  if (was_sent)
    note_success();
  else
    note_failure();
}

void tracer::worker::settle(bool was_sent) {
  (was_sent ? exported_ : failed_).fetch_add(batch_.size(), std::memory_order_relaxed);
}

void tracer::worker::note_failure() {
  backoff_ = std::clamp<clock::duration>(2 * backoff_, first_backoff, most_backoff);
  retry_at_ = clock::now() + backoff_;
  if (std::exchange(is_failing_, true) || !target_) return;
  log(level::warning, "telemetry",
      "collector " + public_url(target_->base_url) +
        " takes no spans, they are dropped and counted until it does: " + otlp_sender::complaint());
}

void tracer::worker::note_success() {
  backoff_ = {};
  retry_at_ = {};
  if (std::exchange(is_failing_, false) && target_)
    log(level::info, "telemetry", "collector " + public_url(target_->base_url) + " takes spans again");
}

} // namespace tickplant::telemetry
