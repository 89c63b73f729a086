// Little-endian fields and padded texts of the Pillar feeds. Pure; callers check the bounds.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tickplant::nyse {

static_assert(std::endian::native == std::endian::little, "Pillar is little-endian, and so is every machine we run on");

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

/// A text field up to its first NULL, without blanks on its right.
inline std::string_view text_of(const uint8_t* at, size_t size) {
  size_t length = 0;
  while (length < size && at[length] != 0) ++length;
  while (length > 0 && at[length - 1] == ' ') --length;
  return {reinterpret_cast<const char*>(at), length};
}

} // namespace tickplant::nyse
