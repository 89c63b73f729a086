// One of our programs as a child of the test. It dies with the test, and its output is kept for searching.
#pragma once

#include "deadline.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace tickplant::testing {

/// Starts in the constructor, which throws std::system_error if it cannot. The destructor kills what still runs; with
/// sanitizers it asks it to end first, since leaks are told at an end in order. A sanitizer's report in what the child
/// said fails the test that started it, however the child ended.
/// One thread uses the object; a thread of its own reads standard output and standard error.
class child_process {
public:
  child_process(std::string program, std::vector<std::string> arguments);
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  /// The first line, of either output and since the start, that holds `part`; nullopt when the time is over or the
  /// child has ended without it.
  std::optional<std::string> wait_for_line(const std::string& part, milliseconds within = patience);
  /// Everything said so far, for messages of failed tests. At most the newest 10'000 lines. Of lines that begin like
  /// one of `newest_only` the last one stands for all.
  std::string output(const std::vector<std::string>& newest_only = {}) const;
  /// Lines so far that hold `part`.
  size_t count_lines(const std::string& part) const;
  /// The last line so far that holds `part`, empty if none does.
  std::string newest_line(const std::string& part) const;

  pid_t pid() const { return pid_; }
  bool is_running();
  void send_signal(int number);
  /// The exit code, or minus the number of the signal that ended it; nullopt when it still runs.
  std::optional<int> wait_exit(milliseconds within = patience);
  /// SIGTERM and then wait_exit.
  std::optional<int> stop(milliseconds within = patience);
  /// Resident memory in KiB, 0 once it has ended.
  size_t memory_kib() const;
  /// Files and sockets that it has open.
  size_t open_descriptors() const;

private:
  void read_output(int out, int error);
  void take(std::string& rest, const char* bytes, size_t size);
  void fail_for_report() const;
  bool reap();

  std::string program_;
  pid_t pid_ = -1;
  std::optional<int> exit_;
  mutable std::mutex lock_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  bool is_silent_ = false; // both outputs are at their end
  std::thread reader_;
};

} // namespace tickplant::testing
