#include "runtime/net/client/peer_address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>

namespace tickplant::net {

peer_address peer_address::from(const sockaddr* address) {
  peer_address out;
  if (address == nullptr) return out;
  if (address->sa_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, address, sizeof in);
    std::memcpy(out.bytes.data(), &in.sin_addr, 4);
    out.port = ntohs(in.sin_port);
    out.family = 4;
  } else if (address->sa_family == AF_INET6) {
    sockaddr_in6 in;
    std::memcpy(&in, address, sizeof in);
    out.port = ntohs(in.sin6_port);
    const auto* digits = reinterpret_cast<const uint8_t*>(&in.sin6_addr);
    if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) {
      std::copy_n(digits + 12, 4, out.bytes.begin());
      out.family = 4;
    } else {
      std::copy_n(digits, 16, out.bytes.begin());
      out.family = 6;
    }
  }
  return out;
}

std::string peer_address::address_text() const {
  if (family != 4 && family != 6) return "unknown";
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(family == 4 ? AF_INET : AF_INET6, bytes.data(), text, sizeof text);
  return text;
}

std::string peer_address::host_text() const {
  if (family != 6) return address_text();
  auto network = *this;
  std::fill(network.bytes.begin() + 8, network.bytes.end(), uint8_t{0});
  return network.address_text() + "/64";
}

std::string peer_address::text() const {
  if (family != 4 && family != 6) return "unknown";
  const auto address = address_text();
  return (family == 6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

bool peer_address::is_loopback() const {
  if (family == 4) return bytes[0] == 127;
  const auto zeros = std::count(bytes.begin(), bytes.end() - 1, 0);
  return family == 6 && zeros == 15 && bytes[15] == 1;
}

} // namespace tickplant::net
