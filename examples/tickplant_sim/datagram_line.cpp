#include "tickplant_sim/datagram_line.hpp"

#include "tickplant_sim/fault_summary.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/multicast.hpp>

namespace tickplant::sim {
namespace {

using boost::asio::ip::udp;

udp::socket open_socket(boost::asio::io_context& io, const udp::endpoint& to,
                        const boost::asio::ip::address_v4& multicast_interface) {
  udp::socket socket{io, to.protocol()};
  socket.non_blocking(true);
  socket.set_option(boost::asio::socket_base::send_buffer_size{4 * 1024 * 1024});
  if (to.address().is_multicast()) {
    namespace multicast = boost::asio::ip::multicast;
    socket.set_option(multicast::hops{0});
    socket.set_option(multicast::enable_loopback{true});
    if (to.address().is_v4()) socket.set_option(multicast::outbound_interface{multicast_interface});
  }
  return socket;
}

} // namespace

datagram_line::datagram_line(boost::asio::io_context& io, const datagram_line_options& options,
                             const boost::asio::ip::address_v4& multicast_interface, const run_state& state)
  : socket_{open_socket(io, options.to, multicast_interface)}, to_{options.to}, faults_{options.faults,
                                                                                        options.fault_seed, state} {}

void datagram_line::transmit(std::span<const std::uint8_t> packet) {
  boost::system::error_code error;
  socket_.send_to(boost::asio::buffer(packet.data(), packet.size()), to_, 0, error);
  if (error) ++refused_;
}

void datagram_line::send(std::span<const std::uint8_t> packet, steady_time now) {
  faults_.pass(packet, now, [this](std::span<const std::uint8_t> leaving) { transmit(leaving); });
}

void datagram_line::poll(steady_time now) {
  faults_.poll(now, [this](std::span<const std::uint8_t> leaving) { transmit(leaving); });
}

void datagram_line::release_all() {
  faults_.release_all([this](std::span<const std::uint8_t> leaving) { transmit(leaving); });
}

nlohmann::json datagram_line::summary() const {
  auto out = to_json(faults_.counts());
  out["refused"] = refused_;
  return out;
}

std::string udp_text(const udp::endpoint& endpoint) {
  const auto host = endpoint.address().to_string();
  return "udp://" + (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(endpoint.port());
}

} // namespace tickplant::sim
