// How a line looks. Pure. Inside of runtime/telemetry.
#pragma once

#include "runtime/telemetry/log.hpp"

#include <chrono>

namespace tickplant::telemetry {

struct log_line {
  std::chrono::system_clock::time_point at;
  std::string_view level, component, text;
  const trace_context* trace = nullptr;
};

/// "venue NASDAQ: text [trace 0af7...]", without time and level.
std::string format_text(const log_line& line);
/// {"ts":"2026-01-02T03:04:05.123456Z","level":...,"component":...,"msg":...,"trace_id":...,"span_id":...}
std::string format_json(const log_line& line);

} // namespace tickplant::telemetry
