#include "tickplant_sim/lse/unit.hpp"

namespace tickplant::sim::lse {

std::optional<unit_header> read_unit_header(std::span<const std::uint8_t> bytes) noexcept {
  if (bytes.size() < unit_header_bytes) return std::nullopt;
  unit_header header;
  header.length = static_cast<std::uint16_t>(bytes[0] | bytes[1] << 8);
  header.count = bytes[2];
  header.group = static_cast<char>(bytes[3]);
  for (std::size_t i = 0; i < 4; ++i) header.sequence |= static_cast<std::uint32_t>(bytes[4 + i]) << (8 * i);
  return header;
}

unit_writer::unit_writer(char group) {
  bytes_.reserve(most_unit_bytes);
  bytes_.resize(unit_header_bytes);
  set_group(group);
  begin(0);
}

void unit_writer::begin(std::uint32_t sequence) {
  bytes_.resize(unit_header_bytes);
  bytes_[0] = unit_header_bytes;
  bytes_[1] = 0;
  bytes_[2] = 0;
  for (std::size_t i = 0; i < 4; ++i) bytes_[4 + i] = static_cast<std::uint8_t>(sequence >> (8 * i));
}

bool unit_writer::fits(std::span<const std::uint8_t> message) const noexcept {
  return count() < most_unit_messages && bytes_.size() + message.size() <= most_unit_bytes;
}

void unit_writer::add(std::span<const std::uint8_t> message) {
  assert(fits(message));
  bytes_.insert(bytes_.end(), message.begin(), message.end());
  bytes_[0] = static_cast<std::uint8_t>(bytes_.size());
  bytes_[1] = static_cast<std::uint8_t>(bytes_.size() >> 8);
  ++bytes_[2];
}

void append_unnumbered_units(const message_buffer& messages, char group, byte_buffer& out) {
  unit_writer unit{group};
  const auto leave = [&] { out.insert(out.end(), unit.bytes().begin(), unit.bytes().end()); };
  for (std::size_t i = 0; i < messages.count(); ++i) {
    if (!unit.fits(messages.message(i))) {
      leave();
      unit.begin(0);
    }
    unit.add(messages.message(i));
  }
  if (unit.count() > 0) leave();
}

void append_admin_units(const message_buffer& messages, char group, byte_buffer& out) {
  unit_writer unit{group};
  for (std::size_t i = 0; i < messages.count(); ++i) {
    unit.begin(0);
    unit.add(messages.message(i));
    out.insert(out.end(), unit.bytes().begin(), unit.bytes().end());
  }
}

} // namespace tickplant::sim::lse
