#include "runtime/supervision/line_health.hpp"

#include <algorithm>

namespace tickplant::supervision {

namespace {

std::string seconds_of(std::chrono::nanoseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

} // namespace

bool line_health::is_down() const {
  return !lines_.empty() && std::none_of(lines_.begin(), lines_.end(), [](const auto& line) {
    return line.second == line_state::up || line.second == line_state::ended;
  });
}

void line_health::opened(uint32_t line, nanoseconds now) {
  // A file that has ended is no reason to wait for ever where something else is tried.
  std::erase_if(lines_, [](const auto& other) { return other.second == line_state::ended; });
  lines_[line] = line_state::opening;
  if (is_down() && down_since_.count() < 0) down_since_ = now;
}

void line_health::changed(uint32_t line, line_state to, nanoseconds now) {
  const auto found = lines_.find(line);
  if (found == lines_.end()) return;
  found->second = to;
  if (to == line_state::up) {
    // Numbers that failed are free again, and the plugin may never take them up: they must not outlast one that works.
    std::erase_if(lines_, [](const auto& other) { return other.second == line_state::down; });
    heard_at_ = now;
  }
  if (!is_down())
    down_since_ = nanoseconds{-1};
  else if (down_since_.count() < 0)
    down_since_ = now;
}

void line_health::closed(uint32_t line) {
  lines_.erase(line);
  if (!is_down()) down_since_ = nanoseconds{-1};
}

std::string line_health::problem(nanoseconds now) {
  if (was_heard_) heard_at_ = now;
  was_heard_ = false;
  if (limits_.down.count() != 0 && down_since_.count() >= 0 && now - down_since_ >= limits_.down)
    return "no live line has been up for " + seconds_of(now - down_since_);
  const bool has_up =
    std::any_of(lines_.begin(), lines_.end(), [](const auto& line) { return line.second == line_state::up; });
  if (limits_.silent.count() != 0 && has_up && heard_at_.count() >= 0 && now - heard_at_ >= limits_.silent)
    return "nothing has come on any live line for " + seconds_of(now - heard_at_);
  return {};
}

} // namespace tickplant::supervision
