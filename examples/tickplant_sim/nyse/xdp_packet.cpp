#include "tickplant_sim/nyse/xdp_packet.hpp"

#include <cassert>

namespace tickplant::sim::nyse {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

void put(std::uint8_t* at, std::uint32_t value, std::size_t bytes) noexcept {
  for (std::size_t i = 0; i < bytes; ++i) at[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

} // namespace

xdp_packet::xdp_packet() {
  bytes_.reserve(most_packet_bytes);
  bytes_.resize(packet_header_bytes);
}

void xdp_packet::begin(delivery flag, std::uint32_t first_sequence) {
  bytes_.resize(packet_header_bytes);
  count_ = 0;
  first_sequence_ = first_sequence;
  bytes_[2] = static_cast<std::uint8_t>(flag);
}

void xdp_packet::add(std::span<const std::uint8_t> message) {
  assert(fits(message));
  bytes_.insert(bytes_.end(), message.begin(), message.end());
  ++count_;
}

std::span<const std::uint8_t> xdp_packet::bytes(std::int64_t unix_ns) noexcept {
  put(&bytes_[0], static_cast<std::uint32_t>(bytes_.size()), 2);
  bytes_[3] = count_;
  put(&bytes_[4], first_sequence_, 4);
  put(&bytes_[8], static_cast<std::uint32_t>(unix_ns / second_ns), 4);
  put(&bytes_[12], static_cast<std::uint32_t>(unix_ns % second_ns), 4);
  return bytes_;
}

} // namespace tickplant::sim::nyse
