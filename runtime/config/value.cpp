#include "runtime/config/value.hpp"

#include <tickplant/plugin.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <arpa/inet.h>

namespace tickplant::config {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_digit);
}

bool is_host_pattern(std::string_view host) {
  if (host.starts_with("[") && host.ends_with("]")) return is_address(std::string{host.substr(1, host.size() - 2)});
  if (host.starts_with("*.")) host.remove_prefix(2);
  return !host.empty() && host.front() != '.' && host.back() != '.' && host.find("..") == std::string_view::npos &&
         std::all_of(host.begin(), host.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '-' || c == '.'; });
}

std::string_view last_part(std::string_view key) {
  while (true) {
    const auto dot = key.rfind('.');
    const auto part = dot == std::string_view::npos ? key : key.substr(dot + 1);
    if (dot == std::string_view::npos || part.empty() || !all_digits(part)) return part;
    key = key.substr(0, dot);
  }
}

} // namespace

std::optional<bool> to_flag(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<uint64_t> to_bytes(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, int>, 3> units{{{"KiB", 10}, {"MiB", 20}, {"GiB", 30}}};
  int shift = 0;
  for (const auto& [unit, bits] : units)
    if (text.ends_with(unit)) {
      shift = bits;
      text.remove_suffix(unit.size());
      break;
    }
  const auto number = sdk::to_number<uint64_t>(text);
  if (!number || *number > (UINT64_MAX >> shift)) return std::nullopt;
  return *number << shift;
}

std::optional<double> to_fraction(std::string_view text) {
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto above = sdk::to_number<uint64_t>(text.substr(0, slash));
    const auto below = sdk::to_number<uint64_t>(text.substr(slash + 1));
    if (!above || !below || *below == 0 || *above > *below) return std::nullopt;
    return static_cast<double>(*above) / static_cast<double>(*below);
  }
  double value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (wrong != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value) || value < 0 || value > 1) return std::nullopt;
  return value == 0 ? 0.0 : value; // no negative zero
}

std::optional<endpoint> to_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = sdk::to_number<uint16_t>(text.substr(colon + 1));
  auto address = text.substr(0, colon);
  const bool has_brackets = address.size() > 2 && address.front() == '[' && address.back() == ']';
  if (has_brackets) address = address.substr(1, address.size() - 2);
  const bool is_v6 = address.find(':') != std::string_view::npos;
  if (!port || is_v6 != has_brackets || !is_address(std::string{address})) return std::nullopt;
  return endpoint{std::string{address}, *port};
}

std::string duration_text(std::chrono::nanoseconds time) {
  constexpr std::array<std::pair<const char*, int64_t>, 6> units{{{"h", 3'600'000'000'000},
                                                                  {"m", 60'000'000'000},
                                                                  {"s", 1'000'000'000},
                                                                  {"ms", 1'000'000},
                                                                  {"us", 1'000},
                                                                  {"ns", 1}}};
  if (time.count() == 0) return "0ms";
  for (const auto& [unit, scale] : units)
    if (time.count() % scale == 0) return std::to_string(time.count() / scale) + unit;
  return {};
}

std::string fraction_text(double value) {
  std::array<char, 32> digits;
  const auto [end, wrong] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return wrong == std::errc{} ? std::string{digits.data(), end} : std::string{};
}

std::string endpoint_text(const std::string& address, uint16_t port) {
  const bool is_v6 = address.find(':') != std::string::npos;
  return (is_v6 ? '[' + address + ']' : address) + ':' + std::to_string(port);
}

std::string quoted(const std::string& text) {
  const auto plain = [](char c) {
    return is_lower(c) || is_upper(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '/';
  };
  if (!text.empty() && (is_lower(text[0]) || is_upper(text[0]) || is_digit(text[0]) || text[0] == '/') &&
      std::all_of(text.begin(), text.end(), plain) && text != "null")
    return text;
  std::string made = "\"";
  for (const char c : text) {
    constexpr const char* digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      made.append(1, '\\').append(1, c);
    else if (byte < 0x20 || byte == 0x7f)
      made.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    else
      made += c;
  }
  return made + '"';
}

std::string list_text(const std::vector<std::string>& texts) {
  std::string made = "[";
  for (const auto& text : texts) made += (made.size() > 1 ? ", " : "") + quoted(text);
  return made + ']';
}

bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
    return is_lower(c) || is_digit(c) || c == '_' || c == '-';
  });
}

bool is_listener_name(const std::string& text) {
  return !text.empty() && text.size() <= 32 && !all_digits(text) && std::all_of(text.begin(), text.end(), [](char c) {
    return is_lower(c) || is_upper(c) || is_digit(c) || c == '_' || c == '-';
  });
}

bool is_address(const std::string& text) {
  in6_addr space;
  return inet_pton(AF_INET, text.c_str(), &space) == 1 || inet_pton(AF_INET6, text.c_str(), &space) == 1;
}

bool is_origin_pattern(const std::string& text) {
  if (text == "*") return true;
  std::string_view rest = text;
  if (rest.starts_with("https://"))
    rest.remove_prefix(8);
  else if (rest.starts_with("http://"))
    rest.remove_prefix(7);
  else
    return false;
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos || rest.ends_with("]")) return is_host_pattern(rest);
  const auto port = rest.substr(colon + 1);
  const auto number = sdk::to_number<uint16_t>(port);
  return (port == "*" || (number && *number > 0)) && is_host_pattern(rest.substr(0, colon));
}

bool is_http_url(const std::string& text) {
  const size_t scheme = text.starts_with("http://") ? 7 : text.starts_with("https://") ? 8 : 0;
  return scheme > 0 && text.size() > scheme && text[scheme] != '/' && text[scheme] != ':' &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_secret_setting(std::string_view key) {
  const auto part = last_part(key);
  for (const std::string_view whole : {"secret", "password", "token"})
    if (part == whole) return true;
  for (const std::string_view end : {"_secret", "_password", "_token", "_key"})
    if (part.ends_with(end)) return true;
  return false;
}

bool is_file_setting(std::string_view key) {
  return last_part(key).ends_with("_file");
}

std::string redacted(const std::string& secret) {
  return secret.empty() ? secret : "***";
}

} // namespace tickplant::config
