#include "tickplant_sim/lse/unit_publisher.hpp"

namespace tickplant::sim::lse {
namespace {

using clock = std::chrono::steady_clock;

} // namespace

unit_publisher::unit_publisher(boost::asio::io_context& io, const std::array<datagram_line_options, 2>& lines,
                               std::array<char, 2> groups, protocol name, channel parts,
                               const boost::asio::ip::address_v4& multicast_interface, const run_state& state)
  : lines_{datagram_line{io, lines[0], multicast_interface, state},
           datagram_line{io, lines[1], multicast_interface, state}},
    groups_{groups}, protocol_{name}, channel_{parts}, unit_{groups[0]} {
  unit_.begin(channel_.cache.next());
}

void unit_publisher::append(const message_buffer& messages) {
  const std::size_t type_at = protocol_ == protocol::gtp ? 2 : 1;
  for (std::size_t i = 0; i < messages.count(); ++i) {
    const auto message = messages.message(i);
    if (!unit_.fits(message)) flush();
    unit_.add(message);
    if (protocol_ == protocol::gtp && message[type_at] == 'P') channel_.trades.append(channel_.cache.next(), message);
    channel_.cache.append(message);
    ++by_type_[message[type_at]];
    ++messages_;
  }
}

void unit_publisher::flush() {
  if (unit_.count() > 0) send_unit();
}

void unit_publisher::heartbeat() {
  flush();
  send_unit();
}

void unit_publisher::restart() {
  flush();
  channel_.cache.restart();
  channel_.trades.clear();
  unit_.begin(channel_.cache.next());
}

void unit_publisher::poll() {
  const auto now = clock::now();
  for (auto& line : lines_) line.poll(now);
}

void unit_publisher::release_all() {
  for (auto& line : lines_) line.release_all();
}

void unit_publisher::send_unit() {
  ++units_;
  const auto now = clock::now();
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    unit_.set_group(groups_[i]);
    lines_[i].send(unit_.bytes(), now);
  }
  unit_.begin(channel_.cache.next());
}

} // namespace tickplant::sim::lse
