// Fields of binary protocols: numbers of either byte order and texts of a fixed size, read and written at any address.
// Pure, and as fast as a plain load. Callers check that the field lies inside its message; texts borrow its bytes.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tickplant::sdk {

namespace detail {

constexpr uint16_t swapped(uint16_t value) {
  return __builtin_bswap16(value);
}
constexpr uint32_t swapped(uint32_t value) {
  return __builtin_bswap32(value);
}
constexpr uint64_t swapped(uint64_t value) {
  return __builtin_bswap64(value);
}

template <std::endian Order, std::unsigned_integral Number>
Number load(const uint8_t* at) {
  Number value;
  std::memcpy(&value, at, sizeof value);
  if constexpr (Order != std::endian::native) value = swapped(value);
  return value;
}

template <std::endian Order, std::unsigned_integral Number>
void store(uint8_t* at, Number value) {
  if constexpr (Order != std::endian::native) value = swapped(value);
  std::memcpy(at, &value, sizeof value);
}

} // namespace detail

/// Big-endian (network byte order), as in ITCH, MoldUDP64 and SoupBinTCP.
inline uint16_t be16(const uint8_t* at) {
  return detail::load<std::endian::big, uint16_t>(at);
}
inline uint32_t be32(const uint8_t* at) {
  return detail::load<std::endian::big, uint32_t>(at);
}
inline uint64_t be64(const uint8_t* at) {
  return detail::load<std::endian::big, uint64_t>(at);
}
inline void put_be16(uint8_t* at, uint16_t value) {
  detail::store<std::endian::big>(at, value);
}
inline void put_be32(uint8_t* at, uint32_t value) {
  detail::store<std::endian::big>(at, value);
}
inline void put_be64(uint8_t* at, uint64_t value) {
  detail::store<std::endian::big>(at, value);
}

/// Little-endian, as in Pillar, MITCH and SBE.
inline uint16_t le16(const uint8_t* at) {
  return detail::load<std::endian::little, uint16_t>(at);
}
inline uint32_t le32(const uint8_t* at) {
  return detail::load<std::endian::little, uint32_t>(at);
}
inline uint64_t le64(const uint8_t* at) {
  return detail::load<std::endian::little, uint64_t>(at);
}
inline void put_le16(uint8_t* at, uint16_t value) {
  detail::store<std::endian::little>(at, value);
}
inline void put_le32(uint8_t* at, uint32_t value) {
  detail::store<std::endian::little>(at, value);
}
inline void put_le64(uint8_t* at, uint64_t value) {
  detail::store<std::endian::little>(at, value);
}

/// An Alpha field: left-aligned, without the blanks on its right.
inline std::string_view alpha(const uint8_t* at, size_t size) {
  while (size > 0 && at[size - 1] == ' ') --size;
  return {reinterpret_cast<const char*>(at), size};
}

/// The same where zero bytes pad as well as blanks do.
inline std::string_view alpha_or_null(const uint8_t* at, size_t size) {
  while (size > 0 && (at[size - 1] == ' ' || at[size - 1] == 0)) --size;
  return {reinterpret_cast<const char*>(at), size};
}

/// A text that ends at its first zero byte, or fills its field; without blanks on its right.
inline std::string_view null_terminated(const uint8_t* at, size_t size) {
  if (const void* end = std::memchr(at, 0, size)) size = static_cast<size_t>(static_cast<const uint8_t*>(end) - at);
  return alpha(at, size);
}

/// FNV-1a, to see whether a message of reference data says something else than the one before. No defence against
/// whoever chooses the bytes.
inline uint64_t fnv1a(const uint8_t* at, size_t size) {
  uint64_t hash = 0xCBF2'9CE4'8422'2325;
  for (size_t i = 0; i < size; ++i) hash = (hash ^ at[i]) * 0x100'0000'01B3;
  return hash;
}

/// Writes an Alpha field: left-aligned, padded with blanks; what does not fit is cut.
inline void put_alpha(uint8_t* at, size_t size, std::string_view text) {
  const size_t length = text.size() < size ? text.size() : size;
  if (length > 0) std::memcpy(at, text.data(), length);
  std::memset(at + length, ' ', size - length);
}

} // namespace tickplant::sdk
