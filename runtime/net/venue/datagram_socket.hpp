// Opens UDP sockets: receive buffer, stamps, drop counts, binding and joining.
#pragma once

#include <boost/asio/ip/udp.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

namespace tickplant::net::venue {

/// Closes a file descriptor that nobody took over.
class descriptor {
public:
  explicit descriptor(int number = -1) : number_(number) {}
  ~descriptor() { reset(); }
  descriptor(descriptor&& other) noexcept : number_(other.release()) {}
  descriptor& operator=(descriptor&& other) noexcept {
    reset();
    number_ = other.release();
    return *this;
  }
  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }
  void reset() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

private:
  int number_;
};

struct datagram_socket_request {
  boost::asio::ip::udp::endpoint where; ///< group, local address, or the peer
  bool is_peer = false;
  std::string from_interface;                    ///< local address or name; group: joined there; peer: sent from there
  std::vector<boost::asio::ip::address> sources; ///< group: source-specific joins
  uint32_t receive_buffer = 0;
};

struct opened_datagram_socket {
  class descriptor descriptor;
  uint32_t receive_buffer = 0; ///< granted
  std::string fault;           ///< empty: it is open
};

opened_datagram_socket open_datagram_socket(const datagram_socket_request& request);

/// 0 where no interface has this name or address.
unsigned interface_index(std::string_view name_or_address);

} // namespace tickplant::net::venue
