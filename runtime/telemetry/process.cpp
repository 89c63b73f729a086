#include "runtime/telemetry/process.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

namespace tickplant::telemetry {

namespace {

double boot_seconds() {
  std::ifstream file{"/proc/stat"};
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  return 0;
}

// proc(5): the second field is the program's name in parentheses and may hold anything, so counting begins behind it.
void read_stat(process_state& to) {
  std::ifstream file{"/proc/self/stat"};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  const size_t name_end = text.rfind(')');
  if (name_end == text.npos) return;
  std::istringstream fields{text.substr(name_end + 1)};
  constexpr int first = 3, utime = 14, stime = 15, threads = 20, start_time = 22, resident = 24;
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  std::string field;
  for (int i = first; i <= resident && fields >> field; ++i) {
    if (i == utime || i == stime) to.cpu_seconds += std::stod(field) / ticks;
    if (i == threads) to.threads = std::stoull(field);
    if (i == start_time) to.start_seconds = boot_seconds() + std::stod(field) / ticks;
    if (i == resident) to.resident_bytes = std::stoull(field) * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  }
}

} // namespace

process_state read_process() {
  process_state now;
  read_stat(now);
  std::error_code gone;
  for (std::filesystem::directory_iterator at{"/proc/self/fd", gone}, end; !gone && at != end; at.increment(gone))
    ++now.descriptors;
  if (now.descriptors > 0) --now.descriptors; // the folder's own
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) now.max_descriptors = limit.rlim_cur;
  return now;
}

void add_process(metrics_text& to, const process_state& now, std::string_view version) {
  to.add(metric::process_resident, now.resident_bytes);
  to.add(metric::process_descriptors, now.descriptors);
  to.add(metric::process_max_descriptors, now.max_descriptors);
  to.add(metric::process_threads, now.threads);
  to.add(metric::process_cpu, now.cpu_seconds);
  to.add(metric::process_start, now.start_seconds);
  to.add(metric::build, {{"version", version}, {"compiler", __VERSION__}}, uint64_t{1});
}

} // namespace tickplant::telemetry
