#include "tickplant_sim/nasdaq/mold_publisher.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/multicast.hpp>

namespace tickplant::sim::nasdaq {
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

mold_publisher::mold_publisher(boost::asio::io_context& io, const std::array<mold_line_options, 2>& lines,
                               const session_name& session, message_store& store,
                               const boost::asio::ip::address_v4& multicast_interface)
  : lines_{outgoing_line{open_socket(io, lines[0].to, multicast_interface), lines[0].to,
                         line_faults{lines[0].faults, lines[0].fault_seed}},
           outgoing_line{open_socket(io, lines[1].to, multicast_interface), lines[1].to,
                         line_faults{lines[1].faults, lines[1].fault_seed}}},
    store_{store}, packet_{session} {
  packet_.begin(store_.next_sequence());
}

void mold_publisher::outgoing_line::send(std::span<const std::uint8_t> packet) {
  boost::system::error_code error;
  socket.send_to(boost::asio::buffer(packet.data(), packet.size()), to, 0, error);
  if (error) ++refused;
}

void mold_publisher::append(std::span<const std::uint8_t> blocks) {
  while (true) {
    const auto block = first_block(blocks);
    if (block.empty()) return;
    blocks = blocks.subspan(block.size());
    if (block.size() > longest_message + 2) {
      ++skipped_;
      continue;
    }
    if (!packet_.fits(block)) flush();
    packet_.add(block);
    store_.append(block);
    if (block.size() > 2) ++by_type_[block[2]];
  }
}

void mold_publisher::flush() {
  if (packet_.count() == 0) return;
  send_packet();
}

void mold_publisher::heartbeat() {
  flush();
  send_packet();
}

void mold_publisher::end_of_session() {
  flush();
  packet_.mark_end_of_session();
  send_packet();
  for (auto& line : lines_)
    line.faults.release_all([&line](std::span<const std::uint8_t> packet) { line.send(packet); });
}

void mold_publisher::send_packet() {
  ++packets_;
  for (auto& line : lines_)
    line.faults.pass(packet_.bytes(), [&line](std::span<const std::uint8_t> packet) { line.send(packet); });
  packet_.begin(store_.next_sequence());
}

} // namespace tickplant::sim::nasdaq
