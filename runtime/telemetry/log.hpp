// The server's log: one line per event, with the component it comes from, on standard error. Any thread. Hides spdlog.
#pragma once

#include "runtime/telemetry/trace_context.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::telemetry {

enum class level : int { debug, info, warning, error, off };
enum class log_format : uint8_t { text, json };

/// The level's name in the configuration, and back; false for unknown names.
std::string_view name_of(level at);
bool parse_level(std::string_view name, level& at);

/// "venue" stands for itself and for "venue NASDAQ", not for "venues". The longest name that fits counts.
struct component_level {
  std::string component;
  level at = level::info;
};

struct log_options {
  level at = level::info;
  log_format format = log_format::text;
  std::vector<component_level> components = {};
  uint32_t rate = 10; ///< lines per second and cause; a cause is component, level and text without its numbers. 0: all
};

/// Takes effect with the next line.
void configure_log(const log_options& options);
/// The general level alone.
void set_log_level(level at);

/// Whether any component writes lines of this level: one relaxed load.
bool is_logged(level at) noexcept;
bool is_logged(level at, std::string_view component);

/// Writes a line, unless its level is off or its cause has had its share; what was left out is told in one line a
/// second later. `text` may hold anything: it stays one line, and is cut at 4 KiB. A level that is off everywhere costs
/// one load.
void log(level at, std::string_view component, std::string_view text, const trace_context* trace = nullptr);

/// Who asked for what, and what was decided. Never rate-limited, and written at every level but `off`.
void audit(std::string_view component, std::string_view text, const trace_context* trace = nullptr);

/// Tells what was left out and is not told yet, for a quiet moment and for the end.
void flush_log();

struct log_counters {
  std::array<uint64_t, 4> lines{}; ///< written, by level: debug to error
  uint64_t audits = 0;
  uint64_t suppressed = 0; ///< left out for their cause's rate
};
log_counters count_log() noexcept;

} // namespace tickplant::telemetry
