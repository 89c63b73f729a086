// Patterns of instruments: "NASDAQ:A*", "*:BTC*", "AAPL" (any venue). `*` stands for any run of characters, also none.
// Venues are compared without case (they are shown in upper case), symbols with it. Compiled once; matching allocates
// nothing and takes time of at most pattern * text.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::policy {

/// Whether a text with `*` runs matches. Pure, no recursion.
bool matches_runs(std::string_view pattern, std::string_view text, bool ignore_case = false);

class pattern_set {
public:
  static constexpr size_t longest = 256; // bytes of one pattern

  /// Nothing is matched.
  pattern_set() = default;
  explicit pattern_set(std::span<const std::string> patterns);

  /// Empty, or what is wrong with a text as a pattern.
  static std::string problem_of(std::string_view pattern);

  bool matches(std::string_view venue, std::string_view symbol) const;
  bool matches_all() const { return all_; }
  bool empty() const { return !all_ && plain_.empty() && with_runs_.empty(); }

private:
  struct pattern {
    std::string venue, symbol; // venue in upper case; empty: any
  };
  std::vector<pattern> plain_;     // symbols without `*`, in order of them
  std::vector<pattern> with_runs_; // symbols with one
  bool all_ = false;
};

} // namespace tickplant::policy
