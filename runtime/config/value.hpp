// The texts of single values and what they mean, both ways. Pure; nothing where a text means nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::config {

struct endpoint {
  std::string address; // numeric, without brackets
  uint16_t port = 0;
};

/// "true", "false".
std::optional<bool> to_flag(std::string_view text);
/// "65536", "64KiB", "1MiB", "1GiB"; bytes.
std::optional<uint64_t> to_bytes(std::string_view text);
/// "0.001" or "1/1000"; 0 to 1.
std::optional<double> to_fraction(std::string_view text);
/// "127.0.0.1:80", "[::1]:80".
std::optional<endpoint> to_endpoint(std::string_view text);

std::string duration_text(std::chrono::nanoseconds time);
std::string fraction_text(double value);
std::string endpoint_text(const std::string& address, uint16_t port);
/// As a YAML scalar: in quotation marks where YAML would read something else.
std::string quoted(const std::string& text);
/// "[a, b]"
std::string list_text(const std::vector<std::string>& texts);

/// 1 to 32 of a-z, 0-9, _ and -.
bool is_name(const std::string& text);
/// The same with capital letters, and not digits alone.
bool is_listener_name(const std::string& text);
/// A numeric IP address, without brackets.
bool is_address(const std::string& text);
/// `*`, `https://app.example.com`, `https://*.example.com`, `http://localhost:*`, `http://[::1]:3000`.
bool is_origin_pattern(const std::string& text);
/// `http://host...` or `https://host...` without blanks.
bool is_http_url(const std::string& text);

/// Whether a plugin's setting of this name is a secret: its last part is `secret`, `password` or `token`, or ends in
/// `_secret`, `_password`, `_token` or `_key`. Numbers at the end are entries of a list and do not count.
bool is_secret_setting(std::string_view key);
/// Whether a plugin's setting names a file: its last part ends in `_file`.
bool is_file_setting(std::string_view key);
/// What is shown instead of a secret; an empty one is shown as it is.
std::string redacted(const std::string& secret);

} // namespace tickplant::config
