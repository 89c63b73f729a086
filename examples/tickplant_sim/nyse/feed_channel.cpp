#include "tickplant_sim/nyse/feed_channel.hpp"

namespace tickplant::sim::nyse {

feed_channel::feed_channel(boost::asio::io_context& io, const std::array<datagram_line_options, 2>& lines,
                           const boost::asio::ip::address_v4& multicast_interface, std::size_t store_bytes,
                           const run_state& state)
  : lines_{datagram_line{io, lines[0], multicast_interface, state},
           datagram_line{io, lines[1], multicast_interface, state}},
    store_{store_bytes} {
  packet_.begin(delivery::original, 1);
}

void feed_channel::keep(std::span<const std::uint8_t> message) {
  store_.append(message);
  ++messages_;
  ++by_type_[static_cast<std::uint16_t>(message[2] | message[3] << 8)];
}

void feed_channel::append(std::span<const std::uint8_t> messages, delivery flag, std::int64_t unix_ns) {
  flush(unix_ns);
  packet_.begin(flag, last_sequence() + 1);
  for (auto message = first_message(messages); !message.empty(); message = first_message(messages)) {
    messages = messages.subspan(message.size());
    if (!packet_.fits(message)) {
      send_packet(unix_ns);
      packet_.begin(flag, last_sequence() + 1);
    }
    packet_.add(message);
    keep(message);
  }
}

void feed_channel::flush(std::int64_t unix_ns) {
  if (packet_.count() == 0) return;
  send_packet(unix_ns);
  packet_.begin(delivery::original, last_sequence() + 1);
}

void feed_channel::heartbeat(std::int64_t unix_ns) {
  flush(unix_ns);
  packet_.begin(delivery::heartbeat, last_sequence() + 1);
  send_packet(unix_ns);
  packet_.begin(delivery::original, last_sequence() + 1);
}

void feed_channel::reset(std::span<const std::uint8_t> message, delivery flag, int repeats, std::int64_t unix_ns) {
  flush(unix_ns);
  store_.clear();
  keep(message);
  for (int i = 0; i < repeats; ++i) {
    packet_.begin(flag, 1);
    packet_.add(message);
    send_packet(unix_ns);
  }
  packet_.begin(delivery::original, last_sequence() + 1);
}

void feed_channel::poll() {
  const auto now = std::chrono::steady_clock::now();
  for (auto& line : lines_) line.poll(now);
}

void feed_channel::release_all() {
  for (auto& line : lines_) line.release_all();
}

void feed_channel::send_packet(std::int64_t unix_ns) {
  ++packets_;
  const auto now = std::chrono::steady_clock::now();
  const auto bytes = packet_.bytes(unix_ns);
  for (auto& line : lines_) line.send(bytes, now);
}

} // namespace tickplant::sim::nyse
