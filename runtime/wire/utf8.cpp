#include "runtime/wire/utf8.hpp"

#include <cstddef>
#include <cstring>

namespace tickplant::wire {

namespace {
constexpr uint8_t invalid = 0xFF;
constexpr uint64_t high_bits = 0x8080808080808080ull;
} // namespace

bool utf8_checker::feed(std::span<const uint8_t> bytes) {
  if (missing_ == invalid) return false;
  const uint8_t* at = bytes.data();
  const uint8_t* const end = at + bytes.size();
  while (at != end) {
    if (missing_ == 0) {
      // Nearly all of it is ASCII: sixteen bytes at a time.
      while (end - at >= 16) {
        uint64_t words[2];
        std::memcpy(words, at, sizeof words);
        if (((words[0] | words[1]) & high_bits) != 0) break;
        at += 16;
      }
      while (at != end && *at < 0x80) ++at;
      if (at == end) return true;
      // RFC 3629, section 4: the second byte's range depends on the first.
      const uint8_t lead = *at++;
      least_ = 0x80, greatest_ = 0xBF;
      if (lead >= 0xC2 && lead <= 0xDF) {
        missing_ = 1;
      } else if (lead >= 0xE0 && lead <= 0xEF) {
        missing_ = 2;
        if (lead == 0xE0) least_ = 0xA0;
        if (lead == 0xED) greatest_ = 0x9F;
      } else if (lead >= 0xF0 && lead <= 0xF4) {
        missing_ = 3;
        if (lead == 0xF0) least_ = 0x90;
        if (lead == 0xF4) greatest_ = 0x8F;
      } else {
        missing_ = invalid;
        return false;
      }
      continue;
    }
    if (*at < least_ || *at > greatest_) {
      missing_ = invalid;
      return false;
    }
    ++at;
    --missing_;
    least_ = 0x80, greatest_ = 0xBF;
  }
  return true;
}

} // namespace tickplant::wire
