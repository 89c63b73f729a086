#include "runtime/telemetry/log_line.hpp"

#include "runtime/telemetry/clean_text.hpp"

#include <cstdio>
#include <ctime>

namespace tickplant::telemetry {

namespace {

constexpr size_t most_text = 4'096;

std::string_view cut(std::string_view text, std::string_view& rest) {
  const auto kept = cut_utf8(text, most_text);
  rest = kept.size() < text.size() ? "..." : "";
  return kept;
}

std::string utc(std::chrono::system_clock::time_point at) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
  const std::time_t seconds = micros / 1'000'000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char begin[32], end[16];
  const size_t size = std::strftime(begin, sizeof begin, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(end, sizeof end, ".%06dZ", static_cast<int>(micros % 1'000'000));
  return std::string{begin, size} + end;
}

bool has_trace(const log_line& line) {
  return line.trace && line.trace->is_valid();
}

} // namespace

std::string format_text(const log_line& line) {
  std::string_view rest;
  const auto text = cut(line.text, rest);
  std::string to;
  append_one_line(to, line.component);
  to += ": ";
  append_one_line(to, text);
  to += rest;
  if (has_trace(line)) to += " [trace " + trace_id_text(line.trace->trace_id) + ']';
  return to;
}

std::string format_json(const log_line& line) {
  std::string_view rest;
  const auto text = cut(line.text, rest);
  std::string to = R"({"ts":")" + utc(line.at) + R"(","level":")";
  to += line.level;
  to += R"(","component":")";
  append_json(to, line.component);
  to += R"(","msg":")";
  append_json(to, text);
  to += rest;
  to += '"';
  if (has_trace(line))
    to += R"(,"trace_id":")" + trace_id_text(line.trace->trace_id) + R"(","span_id":")" +
          span_id_text(line.trace->span_id) + '"';
  to += '}';
  return to;
}

} // namespace tickplant::telemetry
