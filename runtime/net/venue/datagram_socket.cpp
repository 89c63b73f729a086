#include "runtime/net/venue/datagram_socket.hpp"

#include <cerrno>
#include <cstring>

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace tickplant::net::venue {

namespace {

using boost::asio::ip::udp;
namespace ip = boost::asio::ip;

std::string last_error(const std::string& doing) {
  return doing + ": " + std::strerror(errno);
}

bool set_option(int socket, int level, int name, int value) {
  return ::setsockopt(socket, level, name, &value, sizeof value) == 0;
}

// The privileged form passes net.core.rmem_max. The kernel doubles what is asked for, to count its own overhead.
uint32_t enlarge_receive_buffer(int socket, uint32_t bytes) {
  const int wanted = static_cast<int>(bytes);
  if (!set_option(socket, SOL_SOCKET, SO_RCVBUFFORCE, wanted)) set_option(socket, SOL_SOCKET, SO_RCVBUF, wanted);
  int granted = 0;
  socklen_t size = sizeof granted;
  ::getsockopt(socket, SOL_SOCKET, SO_RCVBUF, &granted, &size);
  return static_cast<uint32_t>(granted) / 2;
}

bool same_address(const sockaddr* a, const ip::address& wanted) {
  if (!a) return false;
  if (a->sa_family == AF_INET && wanted.is_v4()) {
    const auto bytes = wanted.to_v4().to_bytes();
    return std::memcmp(&reinterpret_cast<const sockaddr_in*>(a)->sin_addr, bytes.data(), bytes.size()) == 0;
  }
  if (a->sa_family == AF_INET6 && wanted.is_v6()) {
    const auto bytes = wanted.to_v6().to_bytes();
    return std::memcmp(&reinterpret_cast<const sockaddr_in6*>(a)->sin6_addr, bytes.data(), bytes.size()) == 0;
  }
  return false;
}

void copy_address(sockaddr_storage& to, const udp::endpoint& from) {
  std::memcpy(&to, from.data(), from.size());
}

// The requests by interface index serve IPv4 and IPv6 alike (RFC 3678, section 5).
std::string join(int socket, const datagram_socket_request& request) {
  const bool v4 = request.where.address().is_v4();
  const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
  // Without this a socket also gets what other sockets of the machine joined.
  set_option(socket, level, v4 ? IP_MULTICAST_ALL : IPV6_MULTICAST_ALL, 0);
  unsigned index = 0;
  if (!request.from_interface.empty()) {
    index = interface_index(request.from_interface);
    if (index == 0)
      return "from_interface '" + request.from_interface + "' is neither a local address nor an interface";
  }
  if (request.sources.empty()) {
    group_req join_request{};
    join_request.gr_interface = index;
    copy_address(join_request.gr_group, request.where);
    if (::setsockopt(socket, level, MCAST_JOIN_GROUP, &join_request, sizeof join_request) != 0)
      return last_error("joining the group");
    return {};
  }
  for (const auto& sender : request.sources) {
    group_source_req join_request{};
    join_request.gsr_interface = index;
    copy_address(join_request.gsr_group, request.where);
    copy_address(join_request.gsr_source, udp::endpoint{sender, 0});
    if (::setsockopt(socket, level, MCAST_JOIN_SOURCE_GROUP, &join_request, sizeof join_request) != 0)
      return last_error("joining the group for sender " + sender.to_string());
  }
  return {};
}

std::string bind_socket(int socket, const datagram_socket_request& request) {
  auto local = request.where;
  if (request.is_peer) {
    local = udp::endpoint{request.where.protocol(), 0};
    if (!request.from_interface.empty()) {
      boost::system::error_code fault;
      local.address(ip::make_address(request.from_interface, fault));
      if (fault || local.protocol() != request.where.protocol())
        return "from_interface '" + request.from_interface + "' is not a local address of the peer's kind";
    }
  } else if (request.where.address().is_multicast() && !set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1)) {
    // Groups reach everybody who joins. Of two sockets on one unicast address only the later would be served, silently.
    return last_error("SO_REUSEADDR");
  }
  // A group is bound too: then nothing else that is sent to the same port arrives here.
  if (::bind(socket, local.data(), static_cast<socklen_t>(local.size())) != 0)
    return last_error("binding " + local.address().to_string() + " port " + std::to_string(local.port()));
  return {};
}

} // namespace

unsigned interface_index(std::string_view name_or_address) {
  const std::string text{name_or_address};
  boost::system::error_code fault;
  const auto wanted = ip::make_address(text, fault);
  if (fault) return ::if_nametoindex(text.c_str());
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return 0;
  unsigned index = 0;
  for (const auto* i = all; i && index == 0; i = i->ifa_next)
    if (same_address(i->ifa_addr, wanted)) index = ::if_nametoindex(i->ifa_name);
  ::freeifaddrs(all);
  return index;
}

opened_datagram_socket open_datagram_socket(const datagram_socket_request& request) {
  opened_datagram_socket out;
  const int family = request.where.address().is_v4() ? AF_INET : AF_INET6;
  descriptor socket{::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (socket.number() < 0) {
    out.fault = last_error("making a socket");
    return out;
  }
  out.receive_buffer = enlarge_receive_buffer(socket.number(), request.receive_buffer);
  // Both are extras: without stamps the wall clock is read once a batch, without the other drops go uncounted.
  set_option(socket.number(), SOL_SOCKET, SO_TIMESTAMPNS, 1);
  set_option(socket.number(), SOL_SOCKET, SO_RXQ_OVFL, 1);
  out.fault = bind_socket(socket.number(), request);
  if (out.fault.empty() && !request.is_peer && request.where.address().is_multicast())
    out.fault = join(socket.number(), request);
  out.descriptor = std::move(socket);
  return out;
}

} // namespace tickplant::net::venue
