// The other end of a client's connection: an IPv4 or IPv6 address and port, in 20 bytes.
#pragma once

#include <array>
#include <cstdint>
#include <string>

struct sockaddr;

namespace tickplant::net {

struct peer_address {
  std::array<uint8_t, 16> bytes{}; ///< IPv4: the first four
  uint16_t port = 0;
  uint8_t family = 0; ///< 4, 6, or 0 = unknown (a socket that is not of the internet)

  /// IPv4 in IPv6 (::ffff:a.b.c.d) becomes IPv4, so that one address is one client whatever the listener.
  static peer_address from(const sockaddr* address);
  /// "192.0.2.1", "2001:db8::1" or "unknown".
  std::string address_text() const;
  /// What all addresses of one host have in common: "192.0.2.1", of IPv6 the first 64 bits ("2001:db8::/64").
  std::string host_text() const;
  /// "192.0.2.1:8081" or "[2001:db8::1]:8081".
  std::string text() const;
  bool is_loopback() const;
  friend bool operator==(const peer_address&, const peer_address&) = default;
};

} // namespace tickplant::net
