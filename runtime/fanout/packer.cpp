#include "runtime/fanout/packer.hpp"

namespace tickplant::fanout {

namespace {

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

} // namespace

bool packer::joints(uint32_t group, const printer& print, packed_joints& to) const {
  to.seam.clear();
  to.tail.clear();
  return compression_.seam(group, bytes_of(print.separator()), to.seam) >= 0 &&
         compression_.tail(group, bytes_of(print.tail()), to.tail) >= 0;
}

bool packer::whole(uint32_t group, std::span<const uint8_t> payload, bytes& out) const {
  if (payload.size() < threshold()) return false;
  const size_t before = out.size();
  if (compression_.whole(group, payload, out) <= 0) return false;
  if (out.size() - before < payload.size()) return true;
  out.resize(before);
  return false;
}

} // namespace tickplant::fanout
