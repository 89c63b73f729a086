#include "runtime/telemetry/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <memory>

namespace tickplant::telemetry {

namespace {

constexpr std::array<std::string_view, 5> names{"debug", "info", "warning", "error", "off"};

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("tickplant", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
    made->flush_on(spdlog::level::warn);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum to_spdlog(level at) {
  switch (at) {
    case level::debug: return spdlog::level::debug;
    case level::info: return spdlog::level::info;
    case level::warning: return spdlog::level::warn;
    case level::error: return spdlog::level::err;
    case level::off: return spdlog::level::off;
  }
  return spdlog::level::info;
}

} // namespace

std::string_view name_of(level at) {
  return names[static_cast<size_t>(at)];
}

bool parse_level(std::string_view name, level& at) {
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) {
      at = static_cast<level>(i);
      return true;
    }
  return false;
}

void set_log_level(level at) {
  logger().set_level(to_spdlog(at));
}

bool is_logged(level at) {
  return logger().should_log(to_spdlog(at));
}

void log(level at, std::string_view component, std::string_view text) {
  // The text is an argument, never the format: it may hold what came from outside.
  logger().log(to_spdlog(at), "{}: {}", component, text);
}

} // namespace tickplant::telemetry
