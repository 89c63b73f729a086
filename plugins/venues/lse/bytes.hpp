// Little-endian fields, blank-padded texts and sign-and-magnitude prices of LSE's protocols. Pure; callers check
// bounds.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tickplant::lse {

static_assert(std::endian::native == std::endian::little, "fields are read as they lie in memory");

inline uint16_t le16(const uint8_t* at) {
  uint16_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

inline uint32_t le32(const uint8_t* at) {
  uint32_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

inline uint64_t le64(const uint8_t* at) {
  uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

inline void put_le16(uint8_t* at, uint16_t value) {
  std::memcpy(at, &value, sizeof value);
}

inline void put_le32(uint8_t* at, uint32_t value) {
  std::memcpy(at, &value, sizeof value);
}

inline void put_le64(uint8_t* at, uint64_t value) {
  std::memcpy(at, &value, sizeof value);
}

/// Left aligned, padded with blanks; what does not fit is cut.
inline void put_alpha(uint8_t* at, size_t size, std::string_view text) {
  std::memset(at, ' ', size);
  std::memcpy(at, text.data(), text.size() < size ? text.size() : size);
}

/// An Alpha field without the blanks, or zero bytes, on its right.
inline std::string_view alpha(const uint8_t* at, size_t size) {
  while (size > 0 && (at[size - 1] == ' ' || at[size - 1] == 0)) --size;
  return {reinterpret_cast<const char*>(at), size};
}

/// The top bit is the sign, the others the magnitude (MIT303, data types): not two's complement.
inline int64_t signed_magnitude(const uint8_t* at) {
  const uint64_t raw = le64(at);
  const auto magnitude = static_cast<int64_t>(raw & INT64_MAX);
  return raw >> 63 ? -magnitude : magnitude;
}

} // namespace tickplant::lse
