// UTF-8 (RFC 3629) checked as it arrives: any split of the same bytes gives the same answer, at the same byte.
#pragma once

#include <cstdint>
#include <span>

namespace tickplant::wire {

class utf8_checker {
public:
  /// False as soon as the bytes so far cannot be the start of valid text; stays false until `reset`.
  bool feed(std::span<const uint8_t> bytes);
  /// Whether the text may end here: no character is unfinished.
  bool complete() const { return missing_ == 0; }
  void reset() { *this = {}; }

private:
  uint8_t missing_ = 0;                    // continuation bytes still wanted; 0xFF: invalid
  uint8_t least_ = 0x80, greatest_ = 0xBF; // range of the next one: excludes overlong forms and surrogates
};

inline bool is_utf8(std::span<const uint8_t> bytes) {
  utf8_checker check;
  return check.feed(bytes) && check.complete();
}

} // namespace tickplant::wire
