// Which of two groups of lines a venue is started with: the primary, or the backup where it has one. The primary is
// left after failures in a row, or when the breaker opens; the way back is a choice of the configuration. No clock.
#pragma once

#include "runtime/supervision/policy.hpp"

#include <cstdint>
#include <string_view>

namespace tickplant::supervision {

enum class line_group : uint8_t { primary, backup };
std::string_view name_of(line_group group);

/// When the backup is left for the primary: at the next restart whatever its cause, after a time of health, or only
/// when an operator says so (or the backup fails as often as the primary did).
enum class way_back : uint8_t { restart, after, by_operator };

struct group_rules {
  bool has_backup = false;
  uint32_t failures = 2; // in a row, of the group in use
  way_back back = way_back::restart;
  nanoseconds after = std::chrono::minutes{10};
};

class line_groups {
public:
  explicit line_groups(group_rules rules) : rules_(rules) {}

  /// The group of the next start, asked once per start.
  line_group choose();
  /// The venue ended on the group in use, `failed` or in order.
  void ended(bool failed);
  /// The breaker opened: what comes next is tried on the other group, if there is one.
  void gave_up();
  /// It has been well for `time` on the group in use; whether it is to be restarted on the primary.
  bool is_return_due(nanoseconds time) const;
  /// The venue is well: what failed before does not count any more.
  void forget_failures() { failures_ = 0; }
  /// An operator's choice, for the next start. False: there is no such group.
  bool use(line_group group);

  line_group in_use() const { return in_use_; }
  bool has_backup() const { return rules_.has_backup; }
  uint64_t switches() const { return switches_; }

private:
  void change(line_group to);

  group_rules rules_;
  line_group in_use_ = line_group::primary, next_ = line_group::primary;
  uint32_t failures_ = 0;
  uint64_t switches_ = 0;
};

} // namespace tickplant::supervision
