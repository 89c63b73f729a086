#include "runtime/net/venue/address.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace tickplant::net::venue {

namespace {

struct scheme_entry {
  std::string_view name;
  scheme kind;
  uint16_t port; // 0: must be given
};

constexpr std::array<scheme_entry, 8> schemes{{
  {"udp", scheme::udp, 0},
  {"tcp", scheme::tcp, 0},
  {"tls", scheme::tls, 0},
  {"ws", scheme::ws, 80},
  {"wss", scheme::wss, 443},
  {"http", scheme::http, 80},
  {"https", scheme::https, 443},
  {"file", scheme::file, 0},
}};

const scheme_entry& entry_of(scheme kind) {
  return schemes[static_cast<size_t>(kind)];
}

bool has_target(scheme kind) {
  return kind == scheme::ws || kind == scheme::wss || kind == scheme::http || kind == scheme::https;
}

constexpr std::string_view hex_digits = "0123456789ABCDEF";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// Names, IPv4 and IPv6 literals only: whatever else would end up in headers and TLS names.
bool is_host_character(char c, bool bracketed) {
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.') return true;
  return bracketed ? c == ':' || c == '%' : c == '-' || c == '_';
}

std::optional<std::string> decode_path(std::string_view text, std::string& fault) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0 || high + low == 0) {
      fault = "'%' in a file address must be followed by two hexadecimal digits, not 00";
      return std::nullopt;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

// Symbols may hold letters beyond ASCII, and lists in queries quotes: what a request line cannot carry is escaped.
std::string encode_target(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || std::string_view{"\"<>\\^`{|}"}.find(c) != std::string_view::npos) {
      out += '%';
      out += hex_digits[byte >> 4];
      out += hex_digits[byte & 15];
    } else {
      out += c;
    }
  }
  return out;
}

bool parse_host(std::string_view& rest, address& out, std::string& fault) {
  const bool bracketed = rest.starts_with('[');
  size_t end = bracketed ? rest.find(']') : rest.find_first_of(":/?#");
  if (bracketed && end == std::string_view::npos) {
    fault = "']' is missing after the IPv6 address";
    return false;
  }
  if (end == std::string_view::npos) end = rest.size();
  const auto host = rest.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end);
  if (host.empty() || host.size() > 253) {
    fault = host.empty() ? "the host is missing" : "the host is longer than 253 characters";
    return false;
  }
  for (const char c : host) {
    if (is_host_character(c, bracketed)) continue;
    fault = c == '@' ? "a user name is not allowed: use headers" : "the host holds a character that no host name has";
    return false;
  }
  out.host = host;
  rest.remove_prefix(bracketed ? end + 1 : end);
  return true;
}

bool parse_port(std::string_view& rest, address& out, std::string& fault) {
  out.port = entry_of(out.kind).port;
  if (!rest.starts_with(':')) {
    if (out.port) return true;
    fault = "the port is missing (" + std::string{to_text(out.kind)} + "://host:port)";
    return false;
  }
  rest.remove_prefix(1);
  const auto digits = rest.substr(0, rest.find_first_of("/?#"));
  uint32_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0 || port > 65535) {
    fault = "the port is not a number from 1 to 65535";
    return false;
  }
  out.port = static_cast<uint16_t>(port);
  rest.remove_prefix(digits.size());
  return true;
}

bool parse_file(std::string_view rest, address& out, std::string& fault) {
  if (rest.starts_with("localhost/")) rest.remove_prefix(9);
  if (!rest.starts_with('/')) {
    fault = "a file needs an absolute path (file:///path)";
    return false;
  }
  auto path = decode_path(rest, fault);
  if (path) out.target = std::move(*path);
  return path.has_value();
}

} // namespace

std::string_view to_text(scheme s) {
  return entry_of(s).name;
}

std::string address::authority() const {
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string address::host_header() const {
  auto text = authority();
  if (port == entry_of(kind).port) text.resize(text.rfind(':'));
  return text;
}

std::optional<address> parse_address(std::string_view text, std::string& fault) {
  for (const char c : text) {
    if (!is_control(c) && c != ' ') continue;
    fault = "spaces and control characters are not allowed";
    return std::nullopt;
  }
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) {
    fault = "it does not start with scheme://";
    return std::nullopt;
  }
  address out;
  const auto name = text.substr(0, colon);
  bool known = false;
  for (const auto& entry : schemes) {
    if (entry.name != name) continue;
    out.kind = entry.kind;
    known = true;
  }
  if (!known) {
    fault = "the scheme is none of udp, tcp, tls, ws, wss, http, https, file";
    return std::nullopt;
  }
  auto rest = text.substr(colon + 3);
  if (out.kind == scheme::file) return parse_file(rest, out, fault) ? std::optional{out} : std::nullopt;
  if (!parse_host(rest, out, fault) || !parse_port(rest, out, fault)) return std::nullopt;
  if (!has_target(out.kind)) {
    if (rest.empty()) return out;
    fault = "nothing may follow the port";
    return std::nullopt;
  }
  if (rest.find('#') != std::string_view::npos) {
    fault = "'#' is not allowed";
    return std::nullopt;
  }
  if (!rest.empty() && rest.front() != '/' && rest.front() != '?') {
    fault = "a path must follow the host";
    return std::nullopt;
  }
  out.target = rest.starts_with('/') ? encode_target(rest) : "/" + encode_target(rest);
  return out;
}

std::string shown(std::string_view text) {
  constexpr size_t longest = 200;
  std::string out;
  for (const char c : text.substr(0, text.find('?'))) {
    if (out.size() == longest) return out + "...";
    out += is_control(c) ? '.' : c;
  }
  return out;
}

} // namespace tickplant::net::venue
