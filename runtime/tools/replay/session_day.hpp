// The day of a capture whose records have no date of their own.
#pragma once

#include <cstdint>
#include <string>

namespace tickplant::replay {

/// Midnight in New York, ns UTC. `date` is "2019-01-30", or empty: taken from a file name like 01302019.NASDAQ_ITCH50,
/// else a Monday long ago.
uint64_t midnight_of(const std::string& date, const std::string& path);

} // namespace tickplant::replay
