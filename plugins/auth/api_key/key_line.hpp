// One key as the settings hold it, and the line of a keys file that says it. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::api_key {

using digest = std::array<uint8_t, 32>; // SHA-256 of the key's whole text

struct stored_key {
  std::string id, subject, tier, tenant;
  digest sha256{};
  int64_t expires_ns = INT64_MIN; // wall clock; INT64_MIN: never
  std::vector<std::string> entitlements;
};

/// 1 to 32 of a-z, 0-9 and '-'.
bool is_key_id(std::string_view text);
/// 64 hex digits.
std::optional<digest> parse_digest(std::string_view text);
/// "2027-01-31" (its first second) or "2027-01-31T12:00:00Z"; nanoseconds since 1970 UTC.
std::optional<int64_t> parse_time(std::string_view text);

/// The words of a key; empty ones are not given. Answers what is wrong, or nothing.
struct key_words {
  std::string_view id, sha256, subject, tier, tenant, expires, entitlements;
};
std::string read_words(const key_words& words, stored_key& to);

/// A line of a keys file without comment. Answers what is wrong, or nothing.
std::string read_line(std::string_view line, stored_key& to);

/// The id of "tpk_<id>_<secret>" if the text has that form; nothing otherwise.
std::optional<std::string_view> id_of(std::string_view key_text);

} // namespace tickplant::api_key
