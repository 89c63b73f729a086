#include "tickplant_sim/nyse/recovery_lines.hpp"

#include <algorithm>

namespace tickplant::sim::nyse {
namespace {

constexpr int packets_a_poll = 8;

} // namespace

void recovery_line::enqueue(std::span<const std::uint8_t> packet, steady_time due) {
  if (waiting_.size() >= most_waiting) {
    ++dropped_;
    return;
  }
  // Kept in the order of their times, so that an answer that waits does not hold up the others.
  const auto behind = std::upper_bound(waiting_.begin(), waiting_.end(), due,
                                       [](steady_time wanted, const waiting_packet& p) { return wanted < p.due; });
  waiting_.insert(behind, {{packet.begin(), packet.end()}, due});
}

void recovery_line::poll(steady_time now) {
  for (int sent = 0; sent < packets_a_poll && !waiting_.empty() && waiting_.front().due <= now; ++sent) {
    line_.send(waiting_.front().bytes, now);
    waiting_.pop_front();
  }
  line_.poll(now);
}

void retransmission_line::retransmit(const message_store& store, std::uint32_t begin, std::uint32_t end,
                                     steady_time due, std::int64_t unix_ns) {
  std::vector<message_buffer> packets;
  auto at = begin;
  while (at <= end && !store.block(at).empty()) {
    packet_.begin(delivery::retransmission_part, at);
    for (; at <= end; ++at) {
      const auto message = store.block(at);
      if (message.empty() || !packet_.fits(message)) break;
      packet_.add(message);
    }
    const auto bytes = packet_.bytes(unix_ns);
    packets.emplace_back(bytes.begin(), bytes.end());
  }
  if (packets.size() == 1) packets.front()[2] = static_cast<std::uint8_t>(delivery::retransmission_only);
  for (const auto& packet : packets) enqueue(packet, due);
  if (at <= end) tell_unavailable(at, end, due, unix_ns);
}

void retransmission_line::tell_unavailable(std::uint32_t begin, std::uint32_t end, steady_time due,
                                           std::int64_t unix_ns) {
  message_buffer message;
  xdp_encoder{message}.unavailable(begin, end, product_id, channel_id);
  packet_.begin(delivery::unavailable, begin);
  packet_.add(message);
  enqueue(packet_.bytes(unix_ns), due);
}

void retransmission_line::heartbeat(std::uint32_t next_sequence, std::int64_t unix_ns) {
  packet_.begin(delivery::heartbeat, next_sequence);
  send(packet_.bytes(unix_ns), std::chrono::steady_clock::now());
}

void refresh_line::leave(steady_time due, std::int64_t unix_ns) {
  enqueue(packet_.bytes(unix_ns), due);
  next_ += packet_.count();
}

void refresh_line::refresh(market& source, std::size_t i, std::uint32_t last_sequence, place where, steady_time due,
                           std::int64_t unix_ns) {
  message_buffer content;
  source.begin_writing(content, unix_ns);
  source.map(i);
  source.tell_state(i, false);
  // Cut into packets first, because each says how many there are.
  constexpr std::size_t room = most_packet_bytes - packet_header_bytes - 16;
  std::vector<std::span<const std::uint8_t>> parts;
  std::size_t begin = 0, end = 0;
  for (auto message = first_message(content); !message.empty();
       message = first_message(std::span{content}.subspan(end))) {
    if (end + message.size() - begin > room) {
      parts.push_back(std::span{content}.subspan(begin, end - begin));
      begin = end;
    }
    end += message.size();
  }
  parts.push_back(std::span{content}.subspan(begin, end - begin));
  const auto total = static_cast<std::uint16_t>(parts.size());
  auto flag = delivery::refresh_part;
  if (where == place::first) flag = delivery::refresh_start;
  if (where == place::last) flag = delivery::refresh_end;
  if (where == place::alone && total == 1) flag = delivery::refresh_only;
  for (std::uint16_t current = 1; current <= total; ++current) {
    message_buffer header;
    if (current == 1)
      xdp_encoder{header}.refresh_header(current, total, last_sequence, source.symbol_sequence(i));
    else
      xdp_encoder{header}.refresh_header(current, total);
    packet_.begin(flag, next_);
    packet_.add(header);
    auto rest = parts[current - 1u];
    for (auto message = first_message(rest); !message.empty(); message = first_message(rest)) {
      packet_.add(message);
      rest = rest.subspan(message.size());
    }
    leave(due, unix_ns);
  }
}

void refresh_line::tell_mappings(market& source, std::size_t first, std::size_t count, steady_time due,
                                 std::int64_t unix_ns) {
  message_buffer content;
  source.begin_writing(content, unix_ns);
  for (std::size_t i = first; i < first + count; ++i) source.map(i);
  std::span<const std::uint8_t> rest = content;
  bool is_first = true;
  while (!rest.empty()) {
    packet_.begin(delivery::refresh_part, next_);
    for (auto message = first_message(rest); !message.empty() && packet_.fits(message); message = first_message(rest)) {
      packet_.add(message);
      rest = rest.subspan(message.size());
    }
    auto flag = is_first ? delivery::refresh_start : delivery::refresh_part;
    if (rest.empty()) flag = delivery::refresh_end;
    if (count == 1) flag = delivery::refresh_only;
    packet_.set_flag(flag);
    is_first = false;
    leave(due, unix_ns);
  }
}

void refresh_line::heartbeat(std::int64_t unix_ns) {
  packet_.begin(delivery::heartbeat, next_);
  send(packet_.bytes(unix_ns), std::chrono::steady_clock::now());
}

} // namespace tickplant::sim::nyse
