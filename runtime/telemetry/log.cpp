#include "runtime/telemetry/log.hpp"

#include "runtime/telemetry/log_limiter.hpp"
#include "runtime/telemetry/log_line.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>

namespace tickplant::telemetry {

namespace {

constexpr std::array<std::string_view, 5> names{"debug", "info", "warning", "error", "off"};

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

bool stands_for(std::string_view name, std::string_view component) {
  if (!component.starts_with(name)) return false;
  if (component.size() == name.size() || name.empty()) return true;
  const char next = component[name.size()];
  return !((next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || (next >= '0' && next <= '9') || next == '_');
}

// The lowest level that any component writes. Beside the writer, so that a line that is off costs one load.
constinit std::atomic<int> lowest_level{static_cast<int>(level::info)};

bool may_log(level at) noexcept {
  return static_cast<int>(at) >= lowest_level.load(std::memory_order_relaxed) && at != level::off;
}

class writer {
public:
  writer() : out_{"tickplant", std::make_shared<spdlog::sinks::stderr_color_sink_mt>()} {
    out_.set_level(spdlog::level::trace); // what is written is decided here
    out_.flush_on(spdlog::level::warn);
    apply(log_options{});
  }

  void configure(const log_options& options) {
    std::lock_guard guard{lock_};
    apply(options);
  }
  void set_level(level at) {
    std::lock_guard guard{lock_};
    auto options = options_;
    options.at = at;
    apply(options);
  }

  bool is_logged(level at, std::string_view component) {
    std::lock_guard guard{lock_};
    return at >= level_of(component);
  }

  void line(level at, std::string_view component, std::string_view text, const trace_context* trace) {
    std::lock_guard guard{lock_};
    if (at < level_of(component)) return;
    if (!limiter_.pass(static_cast<uint64_t>(at), component, text, log_limiter::clock::now()))
      ++suppressed_;
    else
      write(at, name_of(at), component, text, trace);
  }
  void audit(std::string_view component, std::string_view text, const trace_context* trace) {
    std::lock_guard guard{lock_};
    if (options_.at == level::off) return;
    ++audits_;
    write(level::info, "audit", component, text, trace);
  }
  void flush() {
    std::lock_guard guard{lock_};
    limiter_.sum_up(log_limiter::clock::now(), true);
    out_.flush();
  }

  log_counters counters() const noexcept {
    log_counters counted;
    for (size_t i = 0; i < lines_.size(); ++i) counted.lines[i] = lines_[i].load(std::memory_order_relaxed);
    counted.audits = audits_.load(std::memory_order_relaxed);
    counted.suppressed = suppressed_.load(std::memory_order_relaxed);
    return counted;
  }

private:
  void apply(const log_options& options) {
    options_ = options;
    limiter_.set_rate(options.rate);
    level lowest = options.at;
    for (const auto& each : options.components) lowest = std::min(lowest, each.at);
    lowest_level.store(static_cast<int>(lowest), std::memory_order_relaxed);
    out_.set_pattern(options.format == log_format::json ? "%v" : "%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
  }

  level level_of(std::string_view component) const {
    level at = options_.at;
    size_t longest = 0;
    for (const auto& each : options_.components)
      if (each.component.size() >= longest && stands_for(each.component, component)) {
        longest = each.component.size();
        at = each.at;
      }
    return at;
  }

  void sum_up(level at, std::string_view component, std::string_view text, uint64_t more) {
    write(at, name_of(at), component, std::to_string(more) + " more like: " + std::string{text}, nullptr);
  }

  void write(level at, std::string_view label, std::string_view component, std::string_view text,
             const trace_context* trace) {
    const bool is_audit = label == "audit";
    if (!is_audit) ++lines_[static_cast<size_t>(at)];
    const log_line line{std::chrono::system_clock::now(), label, component, text, trace};
    std::string formatted = options_.format == log_format::json ? format_json(line) : format_text(line);
    if (is_audit && options_.format == log_format::text) formatted.insert(0, "audit ");
    // An argument, never the format: it may hold what came from outside.
    out_.log(to_spdlog(at), "{}", formatted);
  }

  std::mutex lock_;
  spdlog::logger out_;
  log_options options_;
  log_limiter limiter_{0, [this](uint64_t tag, std::string_view component, std::string_view text, uint64_t more) {
                         sum_up(static_cast<level>(tag), component, text, more);
                       }};
  std::array<std::atomic<uint64_t>, 4> lines_{};
  std::atomic<uint64_t> audits_{0}, suppressed_{0};
};

// Never destroyed: threads may log until the very end of the process.
writer& the_writer() {
  static auto* const instance = new writer;
  return *instance;
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

void configure_log(const log_options& options) {
  the_writer().configure(options);
}

void set_log_level(level at) {
  the_writer().set_level(at);
}

bool is_logged(level at) noexcept {
  return may_log(at);
}

bool is_logged(level at, std::string_view component) {
  return may_log(at) && the_writer().is_logged(at, component);
}

void log(level at, std::string_view component, std::string_view text, const trace_context* trace) {
  if (may_log(at)) the_writer().line(at, component, text, trace);
}

void audit(std::string_view component, std::string_view text, const trace_context* trace) {
  the_writer().audit(component, text, trace);
}

void flush_log() {
  the_writer().flush();
}

log_counters count_log() noexcept {
  return the_writer().counters();
}

} // namespace tickplant::telemetry
