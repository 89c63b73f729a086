#include "key_line.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace tickplant::api_key {

namespace {

constexpr std::string_view key_prefix = "tpk_";
constexpr size_t secret_length = 43; // 256 bits in base64url
constexpr size_t longest_name = 256;

bool is_id_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}
bool is_secret_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// A fixed number of digits at a place, -1 if there are none.
int digits_at(std::string_view text, size_t at, size_t count) {
  int value = 0;
  const auto* first = text.data() + at;
  if (!std::all_of(first, first + count, [](char c) { return c >= '0' && c <= '9'; })) return -1;
  std::from_chars(first, first + count, value);
  return value;
}

std::string_view next_word(std::string_view& rest) {
  const auto begin = std::min(rest.find_first_not_of(" \t\r"), rest.size());
  const auto end = std::min(rest.find_first_of(" \t\r", begin), rest.size());
  const auto word = rest.substr(begin, end - begin);
  rest.remove_prefix(end);
  return word;
}

} // namespace

bool is_key_id(std::string_view text) {
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), is_id_char);
}

std::optional<digest> parse_digest(std::string_view text) {
  digest result{};
  if (text.size() != 2 * result.size()) return std::nullopt;
  for (size_t i = 0; i < result.size(); ++i) {
    const int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    result[i] = static_cast<uint8_t>(high * 16 + low);
  }
  return result;
}

std::optional<int64_t> parse_time(std::string_view text) {
  namespace chrono = std::chrono;
  const bool has_time = text.size() == 20;
  if ((!has_time && text.size() != 10) || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = digits_at(text, 0, 4), month = digits_at(text, 5, 2), day = digits_at(text, 8, 2);
  const chrono::year_month_day date{chrono::year{year}, chrono::month{static_cast<unsigned>(month)},
                                    chrono::day{static_cast<unsigned>(day)}};
  if (year < 1970 || year > 2200 || month < 0 || day < 0 || !date.ok()) return std::nullopt;
  int64_t seconds = chrono::sys_days{date}.time_since_epoch() / chrono::seconds{1};
  if (has_time) {
    const int hour = digits_at(text, 11, 2), minute = digits_at(text, 14, 2), second = digits_at(text, 17, 2);
    if (text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != 'Z' || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59 || second < 0 || second > 59)
      return std::nullopt;
    seconds += hour * 3600 + minute * 60 + second;
  }
  return seconds * 1'000'000'000;
}

std::string read_words(const key_words& words, stored_key& to) {
  if (!is_key_id(words.id))
    return "'" + std::string{words.id.substr(0, 40)} + "' is no id: wanted 1 to 32 of a-z 0-9 -";
  to.id = words.id;
  const auto sha256 = parse_digest(words.sha256);
  if (!sha256) return "key " + to.id + ": sha256 is not 64 hex digits";
  to.sha256 = *sha256;
  to.subject = words.subject.empty() ? words.id : words.subject;
  to.tier = words.tier;
  to.tenant = words.tenant;
  if (std::max({to.subject.size(), to.tier.size(), to.tenant.size()}) > longest_name)
    return "key " + to.id + ": a name is longer than 256 bytes";
  if (!words.expires.empty()) {
    const auto expires = parse_time(words.expires);
    if (!expires) return "key " + to.id + ": expires is no time: wanted 2027-01-31 or 2027-01-31T12:00:00Z";
    to.expires_ns = *expires;
  }
  for (std::string_view rest = words.entitlements; !rest.empty();) {
    const auto comma = std::min(rest.find(','), rest.size());
    const auto pattern = rest.substr(0, comma);
    if (pattern.empty() || pattern.size() > longest_name || to.entitlements.size() == 256)
      return "key " + to.id + ": entitlements: wanted at most 256 patterns with commas between";
    to.entitlements.emplace_back(pattern);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return {};
}

std::string read_line(std::string_view line, stored_key& to) {
  key_words words;
  size_t count = 0;
  for (std::string_view* const word :
       {&words.id, &words.sha256, &words.subject, &words.tier, &words.tenant, &words.expires, &words.entitlements}) {
    *word = next_word(line);
    if (!word->empty()) ++count;
    if (*word == "-") *word = {};
  }
  if (count < 3) return "wanted at least: id sha256 subject";
  if (!next_word(line).empty()) return "has more than seven words; a comment begins with #";
  return read_words(words, to);
}

std::optional<std::string_view> id_of(std::string_view key_text) {
  if (!key_text.starts_with(key_prefix)) return std::nullopt;
  key_text.remove_prefix(key_prefix.size());
  const auto mark = key_text.find('_');
  if (mark == key_text.npos || !is_key_id(key_text.substr(0, mark))) return std::nullopt;
  const auto secret = key_text.substr(mark + 1);
  if (secret.size() != secret_length || !std::all_of(secret.begin(), secret.end(), is_secret_char)) return std::nullopt;
  return key_text.substr(0, mark);
}

} // namespace tickplant::api_key
