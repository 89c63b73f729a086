#include "runtime/telemetry/log_limiter.hpp"

#include "runtime/telemetry/clean_text.hpp"

#include <algorithm>

namespace tickplant::telemetry {

namespace {

constexpr auto window = std::chrono::seconds{1};
// Enough to tell causes apart, and a bound for the table's memory.
constexpr size_t most_text = 240, most_component = 80;

} // namespace

std::string fold_digits(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  bool in_digits = false;
  for (const char c : text) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit)
      folded += c;
    else if (!in_digits)
      folded += '#';
    in_digits = is_digit;
  }
  return folded;
}

bool log_limiter::pass(uint64_t tag, std::string_view component, std::string_view text, clock::time_point now) {
  sum_up(now);
  if (rate_ == 0) return true;
  auto& found = find_or_make(tag, component, text, now);
  if (now - found.since >= window) {
    tell(found);
    found.since = now;
    found.passed = 0;
  }
  if (found.passed < rate_) {
    ++found.passed;
    found.text = cut_utf8(text, most_text);
    return true;
  }
  ++found.more;
  next_sum_ = std::min(next_sum_, found.since + window);
  return false;
}

void log_limiter::sum_up(clock::time_point now, bool all) {
  if (!all && now < next_sum_) return;
  next_sum_ = clock::time_point::max();
  for (auto& each : causes_) {
    if (each.more == 0) continue;
    if (all || now - each.since >= window)
      tell(each);
    else
      next_sum_ = std::min(next_sum_, each.since + window);
  }
}

void log_limiter::tell(cause& about) {
  if (about.more == 0) return;
  const auto more = about.more;
  about.more = 0;
  tell_(about.tag, about.component, about.text, more);
}

log_limiter::cause& log_limiter::find_or_make(uint64_t tag, std::string_view component, std::string_view text,
                                              clock::time_point now) {
  component = cut_utf8(component, most_component);
  auto key = std::to_string(tag) + '\n' + std::string{component} + '\n' + fold_digits(cut_utf8(text, most_text));
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    causes_.splice(causes_.end(), causes_, found->second);
    return causes_.back();
  }
  if (causes_.size() == most_causes) {
    tell(causes_.front());
    by_key_.erase(causes_.front().key);
    causes_.pop_front();
  }
  causes_.push_back({std::move(key), std::string{component}, {}, tag, now, 0, 0});
  auto& made = causes_.back();
  by_key_.emplace(made.key, std::prev(causes_.end()));
  return made;
}

} // namespace tickplant::telemetry
