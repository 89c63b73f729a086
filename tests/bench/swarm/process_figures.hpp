// What a process has used, from its CPU clock and /proc.
#pragma once

#include <cstdint>
#include <optional>

#include <sys/types.h>

namespace tickplant::load {

struct process_figures {
  double cpu_seconds = 0;  ///< user and system, all threads, since its start; of the process's clock
  uint64_t memory_kib = 0; ///< resident
};

/// nullopt when there is no such process, or it may not be looked at.
std::optional<process_figures> figures_of(pid_t process);

} // namespace tickplant::load
