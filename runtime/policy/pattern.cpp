#include "runtime/policy/pattern.hpp"

#include <algorithm>

namespace tickplant::policy {

namespace {

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

} // namespace

bool matches_runs(std::string_view pattern, std::string_view text, bool ignore_case) {
  const auto same = [&](char a, char b) { return ignore_case ? upper(a) == upper(b) : a == b; };
  size_t p = 0, t = 0;
  size_t run = pattern.npos, run_text = 0; // the newest `*`, and where its run ends for now
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      run = p++;
      run_text = t;
    } else if (p < pattern.size() && same(pattern[p], text[t])) {
      ++p;
      ++t;
    } else if (run != pattern.npos) {
      p = run + 1;
      t = ++run_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string pattern_set::problem_of(std::string_view text) {
  if (text.empty()) return "is empty; * stands for everything";
  if (text.size() > longest) return "is longer than " + std::to_string(longest) + " bytes";
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F) return "holds a space or control character";
  if (text.front() == ':' || text.back() == ':') return "has nothing on one side of the colon; wanted VENUE:SYMBOL";
  return {};
}

pattern_set::pattern_set(std::span<const std::string> patterns) {
  for (const auto& text : patterns) {
    if (!problem_of(text).empty()) continue; // an unusable pattern grants nothing
    const auto colon = text.find(':');
    pattern each;
    if (colon != text.npos) each.venue = text.substr(0, colon);
    std::transform(each.venue.begin(), each.venue.end(), each.venue.begin(), upper);
    if (each.venue.find_first_not_of('*') == std::string::npos) each.venue.clear();
    each.symbol = colon == text.npos ? text : text.substr(colon + 1);
    if (each.venue.empty() && each.symbol.find_first_not_of('*') == std::string::npos) all_ = true;
    const bool has_run = each.symbol.find('*') != std::string::npos;
    (has_run ? with_runs_ : plain_).push_back(std::move(each));
  }
  std::sort(plain_.begin(), plain_.end(), [](const pattern& a, const pattern& b) { return a.symbol < b.symbol; });
}

bool pattern_set::matches(std::string_view venue, std::string_view symbol) const {
  if (all_) return true;
  const auto is_venue = [&](const pattern& each) {
    return each.venue.empty() || matches_runs(each.venue, venue, true);
  };
  auto at = std::lower_bound(plain_.begin(), plain_.end(), symbol,
                             [](const pattern& each, std::string_view wanted) { return each.symbol < wanted; });
  for (; at != plain_.end() && at->symbol == symbol; ++at)
    if (is_venue(*at)) return true;
  return std::any_of(with_runs_.begin(), with_runs_.end(),
                     [&](const pattern& each) { return is_venue(each) && matches_runs(each.symbol, symbol); });
}

} // namespace tickplant::policy
