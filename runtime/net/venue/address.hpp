// Addresses of lines and requests: scheme://host[:port][/target], or file:///path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tickplant::net::venue {

enum class scheme { udp, tcp, tls, ws, wss, http, https, file };

std::string_view to_text(scheme s);

struct address {
  scheme kind = scheme::tcp;
  std::string host;   ///< without the brackets of an IPv6 address
  uint16_t port = 0;  ///< given, or the scheme's own
  std::string target; ///< ws, http: path and query, never empty; file: the path

  bool is_secure() const { return kind == scheme::tls || kind == scheme::wss || kind == scheme::https; }
  /// host:port, brackets added where needed.
  std::string authority() const;
  /// As `authority`, without the port where it is the scheme's own: the Host header.
  std::string host_header() const;
};

/// `fault` says what is wrong where nothing comes back.
std::optional<address> parse_address(std::string_view text, std::string& fault);

/// Cut before the query, which may hold keys, and shortened: for logs.
std::string shown(std::string_view text);

} // namespace tickplant::net::venue
