// What the system says of this process, read at a scrape: a few files of /proc. Any thread.
#pragma once

#include "runtime/telemetry/metrics.hpp"

#include <cstdint>
#include <string_view>

namespace tickplant::telemetry {

/// 0 where the system does not say.
struct process_state {
  uint64_t resident_bytes = 0, descriptors = 0, max_descriptors = 0, threads = 0;
  double cpu_seconds = 0, start_seconds = 0; ///< start: since 1970
};
process_state read_process();

/// The families process_* and build_info.
void add_process(metrics_text& to, const process_state& now, std::string_view version);

} // namespace tickplant::telemetry
