#include "sanitizer_report.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace tickplant::testing {

namespace {

constexpr size_t most_lines = 200; // of a report: stacks of a race and of both its threads' creation

bool begins_report(std::string_view line) {
  constexpr std::array<std::string_view, 3> of_report{"ERROR: ", "WARNING: ", "Sanitizer:DEADLYSIGNAL"};
  if (line.find(": runtime error: ") != line.npos) return true;
  return line.find("Sanitizer") != line.npos &&
         std::any_of(of_report.begin(), of_report.end(), [&](auto part) { return line.find(part) != line.npos; });
}

} // namespace

std::string sanitizer_report(const std::deque<std::string>& lines) {
  auto line = std::find_if(lines.begin(), lines.end(), begins_report);
  std::string text;
  for (size_t count = 0; line != lines.end() && count < most_lines; ++line, ++count) text += *line + '\n';
  return text;
}

} // namespace tickplant::testing
