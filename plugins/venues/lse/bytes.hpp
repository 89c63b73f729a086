// The one field of LSE's protocols that the SDK's bytes.hpp does not read: sign-and-magnitude numbers. Pure; callers
// check bounds.
#pragma once

#include <tickplant/bytes.hpp>

namespace tickplant::lse {

/// The top bit is the sign, the others the magnitude (MIT303, data types): not two's complement.
inline int64_t signed_magnitude(const uint8_t* at) {
  const uint64_t raw = sdk::le64(at);
  const auto magnitude = static_cast<int64_t>(raw & INT64_MAX);
  return raw >> 63 ? -magnitude : magnitude;
}

} // namespace tickplant::lse
