// Big-endian fields and space-padded texts of Nasdaq's protocols. Pure; callers check the bounds.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tickplant::nasdaq {

inline uint16_t be16(const uint8_t* at) {
  uint16_t value;
  std::memcpy(&value, at, sizeof value);
  if constexpr (std::endian::native == std::endian::little) value = __builtin_bswap16(value);
  return value;
}

inline uint32_t be32(const uint8_t* at) {
  uint32_t value;
  std::memcpy(&value, at, sizeof value);
  if constexpr (std::endian::native == std::endian::little) value = __builtin_bswap32(value);
  return value;
}

inline uint64_t be64(const uint8_t* at) {
  uint64_t value;
  std::memcpy(&value, at, sizeof value);
  if constexpr (std::endian::native == std::endian::little) value = __builtin_bswap64(value);
  return value;
}

inline void put_be16(uint8_t* at, uint16_t value) {
  at[0] = static_cast<uint8_t>(value >> 8);
  at[1] = static_cast<uint8_t>(value);
}

inline void put_be64(uint8_t* at, uint64_t value) {
  for (int i = 7; i >= 0; --i, value >>= 8) at[i] = static_cast<uint8_t>(value);
}

/// An Alpha field without the blanks on its right.
inline std::string_view alpha(const uint8_t* at, size_t size) {
  while (size > 0 && at[size - 1] == ' ') --size;
  return {reinterpret_cast<const char*>(at), size};
}

} // namespace tickplant::nasdaq
