// One deadline per client, in steps of a coarse clock: setting, moving and clearing cost a few writes, a step costs
// what is due in it. Deadlines further away than the wheel are looked at once per round by its owner, who sets them
// again.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace tickplant::net {

class timer_wheel {
public:
  /// Steps that the wheel reaches ahead.
  static constexpr uint32_t span = 511;

  timer_wheel() { heads_.fill(none); }

  /// Puts `index` at the step `due` (at least one and at most `span` steps from now), wherever it was before.
  void set(uint32_t index, uint32_t due);
  void clear(uint32_t index);
  /// Moves the clock; the indexes of all steps passed are taken out and appended to `due`.
  void advance(uint32_t now, std::vector<uint32_t>& due);
  uint32_t now() const { return now_; }
  /// The step that `index` waits for, UINT32_MAX if none.
  uint32_t due_of(uint32_t index) const;

private:
  static constexpr uint32_t none = UINT32_MAX;
  struct link {
    uint32_t previous = none, next = none, due = none;
  };
  std::array<uint32_t, span + 1> heads_;
  std::vector<link> links_;
  uint32_t now_ = 0;
};

} // namespace tickplant::net
