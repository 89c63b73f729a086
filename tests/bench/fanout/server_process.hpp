// A server that is measured, as a child on a core of its own. It dies with us, in whatever way we end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace tickplant::bench {

/// Starts in the constructor; ends by SIGTERM, and SIGKILL after 6 s, in the destructor. Standard output and error go
/// to a file. Throws std::runtime_error.
class server_process {
public:
  /// `core` < 0: on any.
  server_process(const std::vector<std::string>& command, int core, const std::string& log_file);
  ~server_process();
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  pid_t pid() const { return pid_; }
  bool is_running();
  /// Until something accepts at the port. Throws with the end of the log when it ends before, or takes too long.
  void wait_until_it_accepts(uint16_t port, double seconds);

private:
  std::string log_tail() const;

  std::string name_, log_file_;
  pid_t pid_ = -1;
};

/// One that is free on loopback at this moment.
uint16_t free_port();

/// Keeps the calling thread, and those that it starts, on one core; false if there is no such core.
bool stay_on(int core);

} // namespace tickplant::bench
