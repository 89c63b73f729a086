// What the fan-out needs of a compression instance.
#pragma once

#include "runtime/fanout/printer.hpp"
#include "runtime/plugin/compression_host.hpp"

#include <cstdint>
#include <span>

namespace tickplant::fanout {

/// What stands between the elements and behind the last, ready to be copied, for one dialect and group.
struct packed_joints {
  bytes seam, tail;
};

class packer {
public:
  /// `compression` is a created instance that outlives the packer.
  explicit packer(plugin::compression_host& compression) : compression_(compression) {}

  /// Bytes: what is smaller is sent as it is.
  size_t threshold() const { return compression_.threshold(); }

  /// Makes the joints of a dialect's messages; false if the plugin fails, and then nothing of it can be packed.
  bool joints(uint32_t group, const printer& print, packed_joints& to) const;
  /// Each appends to `out` and tells whether the plugin did it; `out` is as before if it did not.
  bool head(uint32_t group, std::span<const uint8_t> envelope, bytes& out) const {
    return compression_.head(group, envelope, out) >= 0;
  }
  bool part(uint32_t group, std::span<const uint8_t> element, bytes& out) const {
    return compression_.part(group, element, out) > 0;
  }

  /// Appends a lone message, such as a reply, in small form. False: send it as it is, because it is below the threshold
  /// or would not get smaller, or because the plugin failed.
  bool whole(uint32_t group, std::span<const uint8_t> payload, bytes& out) const;

private:
  plugin::compression_host& compression_;
};

} // namespace tickplant::fanout
