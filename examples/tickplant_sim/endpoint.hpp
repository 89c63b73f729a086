// Addresses as they are written on the command line: "udp://127.0.0.1:26400", "127.0.0.1:26500", "[::1]:0".
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <string_view>

namespace tickplant::sim {

struct host_and_port {
  boost::asio::ip::address host;
  std::uint16_t port = 0;
};

/// `scheme` ("udp") may stand in front. Throws `std::invalid_argument` saying what is wrong; names are not looked up.
host_and_port parse_endpoint(std::string_view text, std::string_view scheme);

} // namespace tickplant::sim
