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
  for (const auto& packet : retransmission_packets(store, begin, end, unix_ns)) enqueue(packet, due);
}

void retransmission_line::tell_unavailable(std::uint32_t begin, std::uint32_t end, steady_time due,
                                           std::int64_t unix_ns) {
  enqueue(unavailable_packet(begin, end, unix_ns), due);
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
  for (const auto& packet : refresh_packets(source, i, last_sequence, where, next_, unix_ns)) enqueue(packet, due);
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
