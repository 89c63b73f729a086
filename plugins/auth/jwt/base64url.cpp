#include "base64url.hpp"

#include <array>
#include <cstdint>

namespace tickplant::jwt {

namespace {

constexpr auto values = [] {
  std::array<int8_t, 256> table{};
  table.fill(-1);
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (size_t i = 0; i < letters.size(); ++i) table[static_cast<uint8_t>(letters[i])] = static_cast<int8_t>(i);
  return table;
}();

} // namespace

std::optional<std::string> base64url_decoded(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string result;
  result.reserve(text.size() * 3 / 4);
  uint32_t bits = 0;
  int have = 0;
  for (const char c : text) {
    const int value = values[static_cast<uint8_t>(c)];
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<uint32_t>(value);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    result += static_cast<char>((bits >> have) & 0xFF);
  }
  if ((bits & ((1u << have) - 1)) != 0) return std::nullopt;
  return result;
}

} // namespace tickplant::jwt
