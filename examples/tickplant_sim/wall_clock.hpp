// Time of day for message fields. Intervals are measured with the steady clock instead.
#pragma once

#include <chrono>
#include <cstdint>

namespace tickplant::sim {

inline std::int64_t unix_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

} // namespace tickplant::sim
