// Addresses as they are written on the command line: "udp://127.0.0.1:26400", "127.0.0.1:26500", "[::1]:0".
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tickplant::sim {

struct host_and_port {
  boost::asio::ip::address host;
  std::uint16_t port = 0;
};

/// `scheme` ("udp") may stand in front. Throws `std::invalid_argument` saying what is wrong; names are not looked up.
host_and_port parse_endpoint(std::string_view text, std::string_view scheme);

/// The address given by an option. Port 0 is only possible where the simulator listens. Throws `std::invalid_argument`
/// naming the option.
template <class Endpoint>
Endpoint endpoint_option(std::string_view option, const std::string& text, std::string_view scheme, bool listens) {
  host_and_port parsed;
  try {
    parsed = parse_endpoint(text, scheme);
  } catch (const std::invalid_argument& e) {
    throw std::invalid_argument(std::string{option} + " " + e.what());
  }
  if (parsed.port == 0 && !listens)
    throw std::invalid_argument(std::string{option} + " '" + text +
                                "': a line is sent, not listened to, so its port must be given");
  return Endpoint{parsed.host, parsed.port};
}

} // namespace tickplant::sim
