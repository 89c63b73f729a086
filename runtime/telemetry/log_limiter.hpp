// How many lines one cause may write. Time is an argument; not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tickplant::telemetry {

/// What lines have in common: `text` with each run of digits as one '#'.
std::string fold_digits(std::string_view text);

/// Each cause may write `rate` lines in a second that begins with its first line. How many more there were is told
/// once: when the second is over and anything is asked of the limiter, or when the cause makes room for a newer one.
class log_limiter {
public:
  using clock = std::chrono::steady_clock;
  /// `tag` and `text` of the cause's last line that was let pass, and how many like it were not.
  using summary = std::function<void(uint64_t tag, std::string_view component, std::string_view text, uint64_t more)>;
  static constexpr size_t most_causes = 1'024;

  /// `rate` 0: no limit.
  log_limiter(uint32_t rate, summary tell) : rate_(rate), tell_(std::move(tell)) {}

  void set_rate(uint32_t rate) { rate_ = rate; }
  /// Whether the line may be written. Sums up what is over first.
  bool pass(uint64_t tag, std::string_view component, std::string_view text, clock::time_point now);
  /// Sums up the causes whose second is over, or all.
  void sum_up(clock::time_point now, bool all = false);

  size_t causes() const noexcept { return by_key_.size(); }

private:
  struct cause {
    std::string key, component, text;
    uint64_t tag = 0;
    clock::time_point since;
    uint64_t passed = 0, more = 0;
  };
  using causes_list = std::list<cause>;

  void tell(cause& about);
  cause& find_or_make(uint64_t tag, std::string_view component, std::string_view text, clock::time_point now);

  uint32_t rate_;
  summary tell_;
  causes_list causes_; ///< the longest unused first
  std::unordered_map<std::string_view, causes_list::iterator> by_key_;
  clock::time_point next_sum_ = clock::time_point::max(); ///< nothing to sum up before
};

} // namespace tickplant::telemetry
