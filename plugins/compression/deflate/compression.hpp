// permessage-deflate (RFC 7692) with parts that are compressed once for all clients of a group. One instance serves one
// loop and is used by its thread alone; it keeps nothing of a client: every message and every part begins anew.
//
// Groups are windows: group 0 has the largest (`window_bits`), each next one bit less, down to 2^9 bytes. Memory: one
// deflater per group that was agreed with somebody (packing.hpp), and one inflater (unpacking.hpp).
#pragma once

#include "config.hpp"
#include "packing.hpp"
#include "unpacking.hpp"

#include <tickplant/compression.hpp>

#include <array>
#include <memory>

namespace tickplant::deflate {

class compression {
public:
  static void validate(sdk::settings settings, sdk::compression_host host);

  compression(sdk::settings settings, sdk::compression_host host);

  void traits(tp_compression_traits& traits) const;
  int64_t negotiate(std::string_view offers, tp_agreement& agreement, std::span<uint8_t> out);
  int64_t head(uint32_t group, std::span<const uint8_t> in, std::span<uint8_t> out);
  int64_t part(uint32_t group, std::span<const uint8_t> in, std::span<uint8_t> out);
  int64_t seam(uint32_t group, std::span<const uint8_t> in, std::span<uint8_t> out);
  int64_t tail(uint32_t group, std::span<const uint8_t> in, std::span<uint8_t> out);
  int64_t whole(uint32_t group, std::span<const uint8_t> in, std::span<uint8_t> out);
  int64_t unpack(uint32_t group, std::span<const uint8_t> in, std::span<uint8_t> out);

private:
  static constexpr size_t most_groups = most_window_bits - least_window_bits + 1;

  uint32_t group_count() const { return static_cast<uint32_t>(config_.window_bits - least_window_bits + 1); }
  packing& of_group(uint32_t group);

  config config_;
  std::array<std::unique_ptr<packing>, most_groups> packings_; // made when the first client of the group comes
  unpacking unpacking_;
};

} // namespace tickplant::deflate
