#include "tickplant_sim/nasdaq/mold_publisher.hpp"

namespace tickplant::sim::nasdaq {
namespace {

using clock = std::chrono::steady_clock;

} // namespace

mold_publisher::mold_publisher(boost::asio::io_context& io, const std::array<datagram_line_options, 2>& lines,
                               const session_name& session, message_store& store,
                               const boost::asio::ip::address_v4& multicast_interface, const run_state& state)
  : lines_{datagram_line{io, lines[0], multicast_interface, state},
           datagram_line{io, lines[1], multicast_interface, state}},
    store_{store}, packet_{session} {
  packet_.begin(store_.next_sequence());
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
  for (auto& line : lines_) line.release_all();
}

void mold_publisher::change_session(const session_name& session) {
  end_of_session();
  store_.clear();
  packet_ = mold_packet{session};
  packet_.begin(store_.next_sequence());
}

void mold_publisher::poll() {
  const auto now = clock::now();
  for (auto& line : lines_) line.poll(now);
}

void mold_publisher::send_packet() {
  ++packets_;
  const auto now = clock::now();
  for (auto& line : lines_) line.send(packet_.bytes(), now);
  packet_.begin(store_.next_sequence());
}

} // namespace tickplant::sim::nasdaq
