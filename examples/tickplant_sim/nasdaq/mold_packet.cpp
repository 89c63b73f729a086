#include "tickplant_sim/nasdaq/mold_packet.hpp"

#include <algorithm>
#include <cassert>

namespace tickplant::sim::nasdaq {

session_name make_session_name(std::string_view text) {
  session_name name;
  name.fill(' ');
  std::copy_n(text.begin(), std::min(text.size(), name.size()), name.begin());
  return name;
}

mold_packet::mold_packet(const session_name& session) {
  bytes_.reserve(most_datagram_bytes);
  bytes_.resize(mold_header_bytes);
  std::copy(session.begin(), session.end(), bytes_.begin());
}

void mold_packet::begin(std::uint64_t first_sequence) {
  bytes_.resize(mold_header_bytes);
  for (std::size_t i = 0; i < 8; ++i) bytes_[10 + i] = static_cast<std::uint8_t>(first_sequence >> (56 - 8 * i));
  write_count(0);
}

bool mold_packet::fits(std::span<const std::uint8_t> block) const noexcept {
  return bytes_.size() + block.size() <= most_datagram_bytes;
}

void mold_packet::add(std::span<const std::uint8_t> block) {
  assert(fits(block));
  bytes_.insert(bytes_.end(), block.begin(), block.end());
  write_count(static_cast<std::uint16_t>(count_ + 1));
}

void mold_packet::mark_end_of_session() {
  assert(count_ == 0);
  write_count(end_of_session_count);
}

void mold_packet::write_count(std::uint16_t count) noexcept {
  count_ = count;
  bytes_[18] = static_cast<std::uint8_t>(count >> 8);
  bytes_[19] = static_cast<std::uint8_t>(count);
}

std::span<const std::uint8_t> first_block(std::span<const std::uint8_t> blocks) noexcept {
  if (blocks.size() < 2) return {};
  const std::size_t length = 2u + (static_cast<std::size_t>(blocks[0]) << 8 | blocks[1]);
  return length <= blocks.size() ? blocks.first(length) : std::span<const std::uint8_t>{};
}

} // namespace tickplant::sim::nasdaq
