// The block in front of everything in both directions: u16 length, u8 message count, group letter, u32 number of the
// first message (MIT303 section on the unit header; GTP002 has the same). Admin messages stand alone in their unit.
#pragma once

#include "tickplant_sim/lse/message_buffer.hpp"

#include <optional>

namespace tickplant::sim::lse {

inline constexpr std::size_t unit_header_bytes = 8;
/// Fits every path with the usual Ethernet frame size, headers included.
inline constexpr std::size_t most_unit_bytes = 1400;
inline constexpr std::size_t most_unit_messages = 255;

struct unit_header {
  std::uint16_t length = 0;
  std::uint8_t count = 0;
  char group = ' ';
  std::uint32_t sequence = 0;
};

/// Header of a unit at the beginning of `bytes`, nothing when they are too few for one.
std::optional<unit_header> read_unit_header(std::span<const std::uint8_t> bytes) noexcept;

/// One reusable unit; `bytes` stays valid until the next `begin`.
class unit_writer {
public:
  explicit unit_writer(char group);

  void begin(std::uint32_t sequence);
  bool fits(std::span<const std::uint8_t> message) const noexcept;
  /// Precondition: it fits.
  void add(std::span<const std::uint8_t> message);
  std::size_t count() const noexcept { return bytes_[2]; }
  std::span<const std::uint8_t> bytes() const noexcept { return bytes_; }
  /// The same unit under another group letter, as GTP's secondary line has it.
  void set_group(char group) noexcept { bytes_[3] = static_cast<std::uint8_t>(group); }

private:
  byte_buffer bytes_;
};

/// Appends `messages` to `out` as units that all have number 0, as many to a unit as fit.
void append_unnumbered_units(const message_buffer& messages, char group, byte_buffer& out);
/// Appends every message as a unit of its own with number 0: the form of administrative messages.
void append_admin_units(const message_buffer& messages, char group, byte_buffer& out);

} // namespace tickplant::sim::lse
