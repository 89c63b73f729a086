#include "tickplant_sim/nyse/recovery_packets.hpp"

namespace tickplant::sim::nyse {
namespace {

void leave(xdp_packet& packet, std::int64_t unix_ns, packet_list& out) {
  const auto bytes = packet.bytes(unix_ns);
  out.emplace_back(bytes.begin(), bytes.end());
}

/// Runs of whole messages that fit a packet behind its 35.
std::vector<std::span<const std::uint8_t>> parts_of(std::span<const std::uint8_t> content) {
  constexpr std::size_t room = most_packet_bytes - packet_header_bytes - 16;
  std::vector<std::span<const std::uint8_t>> parts;
  std::size_t begin = 0, end = 0;
  for (auto message = first_message(content); !message.empty(); message = first_message(content.subspan(end))) {
    if (end + message.size() - begin > room) {
      parts.push_back(content.subspan(begin, end - begin));
      begin = end;
    }
    end += message.size();
  }
  parts.push_back(content.subspan(begin, end - begin));
  return parts;
}

} // namespace

packet_list retransmission_packets(const message_store& store, std::uint32_t begin, std::uint32_t end,
                                   std::int64_t unix_ns) {
  packet_list out;
  xdp_packet packet;
  auto at = begin;
  while (at <= end && !store.block(at).empty()) {
    packet.begin(delivery::retransmission_part, at);
    for (; at <= end; ++at) {
      const auto message = store.block(at);
      if (message.empty() || !packet.fits(message)) break;
      packet.add(message);
    }
    leave(packet, unix_ns, out);
  }
  if (out.size() == 1) out.front()[2] = static_cast<std::uint8_t>(delivery::retransmission_only);
  if (at <= end) out.push_back(unavailable_packet(at, end, unix_ns));
  return out;
}

message_buffer unavailable_packet(std::uint32_t begin, std::uint32_t end, std::int64_t unix_ns) {
  message_buffer message;
  xdp_encoder{message}.unavailable(begin, end, product_id, channel_id);
  xdp_packet packet;
  packet.begin(delivery::unavailable, begin);
  packet.add(message);
  const auto bytes = packet.bytes(unix_ns);
  return {bytes.begin(), bytes.end()};
}

packet_list refresh_packets(market& source, std::size_t i, std::uint32_t last_sequence, refresh_place where,
                            std::uint32_t& next, std::int64_t unix_ns) {
  message_buffer content;
  source.begin_writing(content, unix_ns);
  source.map(i);
  source.tell_state(i, false);
  // Cut into packets first, because each says how many there are.
  const auto parts = parts_of(content);
  const auto total = static_cast<std::uint16_t>(parts.size());
  auto flag = delivery::refresh_part;
  if (where == refresh_place::first) flag = delivery::refresh_start;
  if (where == refresh_place::last) flag = delivery::refresh_end;
  if (where == refresh_place::alone && total == 1) flag = delivery::refresh_only;
  packet_list out;
  xdp_packet packet;
  for (std::uint16_t current = 1; current <= total; ++current) {
    message_buffer header;
    if (current == 1)
      xdp_encoder{header}.refresh_header(current, total, last_sequence, source.symbol_sequence(i));
    else
      xdp_encoder{header}.refresh_header(current, total);
    packet.begin(flag, next);
    packet.add(header);
    auto rest = parts[current - 1u];
    for (auto message = first_message(rest); !message.empty(); message = first_message(rest)) {
      packet.add(message);
      rest = rest.subspan(message.size());
    }
    next += packet.count();
    leave(packet, unix_ns, out);
  }
  return out;
}

} // namespace tickplant::sim::nyse
