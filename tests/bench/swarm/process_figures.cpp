#include "process_figures.hpp"

#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

namespace tickplant::load {

namespace {

// proc(5), stat: fields behind the name, which stands in brackets and may hold anything; 14 and 15 are the ticks.
std::optional<double> ticks_of(const std::string& folder) {
  std::ifstream file{folder + "stat"};
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const size_t end = line.rfind(')');
  if (end == std::string::npos) return std::nullopt;
  std::istringstream rest{line.substr(end + 1)};
  std::string skipped;
  for (int field = 3; field < 14; ++field) rest >> skipped;
  double user = 0, system = 0;
  if (!(rest >> user >> system)) return std::nullopt;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

// Exact to the nanosecond where the process has a CPU clock that we may read (clock_getcpuclockid(3)).
std::optional<double> clock_of(pid_t process) {
  clockid_t clock{};
  timespec used{};
  if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return std::nullopt;
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

} // namespace

std::optional<process_figures> figures_of(pid_t process) {
  const std::string folder = "/proc/" + std::to_string(process) + "/";
  auto seconds = clock_of(process);
  if (!seconds) seconds = ticks_of(folder);
  if (!seconds) return std::nullopt;
  process_figures figures;
  figures.cpu_seconds = *seconds;
  std::ifstream status{folder + "status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) figures.memory_kib = std::stoull(line.substr(6));
  return figures;
}

} // namespace tickplant::load
