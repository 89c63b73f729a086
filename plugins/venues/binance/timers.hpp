// Numbers of the timers that an instance sets with its host.
#pragma once

#include <cstdint>

namespace tickplant::binance {

enum timer_id : uint32_t {
  timer_tick = 1,
  timer_controls,
  timer_requests,
  timer_directory,
  timer_reconnect,
  timer_hold,
  timer_snapshot = 0x10000 // plus the instrument's number: ask for its snapshot again
};

} // namespace tickplant::binance
