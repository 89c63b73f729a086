// The server's log: one line per event, with the component it comes from. Any thread. Hides spdlog.
#pragma once

#include <string>
#include <string_view>

namespace tickplant::telemetry {

enum class level : int { debug, info, warning, error, off };

/// The level's name in the configuration, and back; false for unknown names.
std::string_view name_of(level at);
bool parse_level(std::string_view name, level& at);

/// Lines go to standard error. Call before the first line is written; may be called again.
void set_log_level(level at);
bool is_logged(level at);
void log(level at, std::string_view component, std::string_view text);

} // namespace tickplant::telemetry
