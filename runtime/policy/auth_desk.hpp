// Where credentials wait for their policy: a few worker threads, a bounded number of open questions, a deadline for
// each. Network loops submit and go on; the answer comes once, on a thread of the desk or of the plugin. With
// principal_table the one place of runtime/policy that has locks, threads and a clock: a policy may take milliseconds,
// or never answer, and a loop may do neither.
#pragma once

#include "runtime/plugin/auth_host.hpp"
#include "runtime/policy/principal.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

namespace tickplant::policy {

struct auth_desk_options {
  uint32_t threads = 2;                      // workers; at least 1
  uint32_t most_open = 1024;                 // questions without an answer, waiting and asked together
  std::chrono::milliseconds farewell{2'000}; // what stop() waits for workers that are inside a policy
};

/// Since the desk was made.
struct auth_desk_counts {
  uint64_t submitted = 0;   // taken in
  uint64_t turned_away = 0; // not taken in: full, or stopped
  uint64_t accepted = 0;
  std::map<int32_t, uint64_t> refused; // by code; timeouts among them
  uint64_t timed_out = 0;
  uint64_t faults = 0; // callbacks that threw
  uint32_t open = 0;   // now
  uint32_t most_open = 0;
  uint32_t busy = 0; // workers inside a policy, now; all of them for long: a policy hangs
};

class auth_desk {
public:
  using callback = std::function<void(auth_outcome)>;

  explicit auth_desk(auth_desk_options options);
  /// As stop().
  ~auth_desk();
  auth_desk(const auth_desk&) = delete;
  auth_desk& operator=(const auth_desk&) = delete;

  /// Asks `host` about `given`. False: the desk is full or stopped, and `done` is never called; refuse with 4104
  /// OVERLOADED. True: `done` is called exactly once, never from inside submit, but perhaps before it returns, on
  /// another thread: with the policy's answer; with 4104 if no worker was free within `patience`; with 4202 if the
  /// policy had not answered by then; with 4200 if the desk is stopped first. The secret is overwritten after the
  /// check. The desk keeps `host` as long as it needs it, and lets go of it on a thread of its own. Any thread.
  /// `patience` is cut to 1 hour.
  bool submit(std::shared_ptr<plugin::auth_host> host, credential given, std::chrono::nanoseconds patience,
              callback done);

  /// Answers what is open with 4200 and ends the threads. A worker that a policy does not let go within `farewell` is
  /// left behind, with the policy. Again: nothing.
  void stop();

  auth_desk_counts counts() const;

private:
  struct core;
  std::shared_ptr<core> core_; // shared with the threads and with answers still to come
};

} // namespace tickplant::policy
