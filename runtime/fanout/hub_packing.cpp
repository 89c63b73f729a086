// Compressed frames: each element is packed once per variant and group, when the first client of the group needs it.
#include "runtime/fanout/hub_core.hpp"
#include "runtime/wire/rfc6455.hpp"

#include <algorithm>

namespace tickplant::fanout {

uint32_t hub_core::packing_of(const packer& pack, const printer& print, uint32_t group) {
  uint32_t free = none;
  for (uint32_t i = 0; i < packings_.size(); ++i) {
    const auto& p = packings_[i];
    if (p.clients == 0)
      free = std::min(free, i);
    else if (p.pack == &pack && p.print == &print && p.group == group)
      return i;
  }
  if (free == none) {
    if (packings_.size() >= max_packings) return none;
    free = static_cast<uint32_t>(packings_.size());
    packings_.emplace_back();
  }
  auto& p = packings_[free];
  p.pack = &pack;
  p.print = &print;
  p.group = group;
  p.stamp = ++packing_stamps_; // what an earlier packing of this place left in the fragments is void
  return pack.joints(group, print, p.joints) ? free : none;
}

const bytes& hub_core::part_of(printed_fragment& fragment, uint32_t number) {
  const auto& how = packings_[number];
  if (number >= fragment.parts.size()) fragment.parts.resize(number + 1);
  auto& part = fragment.parts[number];
  if (part.serial == fragment.serial && part.stamp == how.stamp) return part.text;
  part.serial = fragment.serial;
  part.stamp = how.stamp;
  part.text.clear();
  how.pack->part(how.group, std::span{fragment.text}.subspan(how.print->separator().size()), part.text);
  ++counters_.packed_parts;
  return part.text;
}

// Into packed_, with room for a header in front; `plain` is what the whole payload takes uncompressed.
bool hub_core::pack_frame(const client& c, const hub::gathered& part, std::span<const uint8_t> envelope, size_t plain) {
  if (c.packing == none) return false;
  const auto& how = packings_[c.packing];
  if (plain < how.pack->threshold()) return false;
  packed_.resize(wire::max_header_size);
  if (!how.pack->head(how.group, envelope, packed_)) return false;
  bool is_first = true;
  for (const auto& one : part.pieces) {
    if (!is_first) packed_.insert(packed_.end(), how.joints.seam.begin(), how.joints.seam.end());
    is_first = false;
    if (!one.fragment) {
      const auto element = text_of(one).subspan(c.print->separator().size());
      if (!how.pack->part(how.group, element, packed_)) return false;
      continue;
    }
    const auto& shared = part_of(*one.fragment, c.packing);
    if (shared.empty()) return false; // the plugin failed: everybody gets this element as it is
    packed_.insert(packed_.end(), shared.begin(), shared.end());
  }
  packed_.insert(packed_.end(), how.joints.tail.begin(), how.joints.tail.end());
  return packed_.size() - wire::max_header_size < plain;
}

// The same for entries of lines: a run that many have is packed once.
bool hub_core::pack_entries(const client& c, const hub::gathered_entries& part, std::span<const uint8_t> envelope,
                            size_t plain) {
  if (c.packing == none) return false;
  const auto& how = packings_[c.packing];
  if (plain < how.pack->threshold()) return false;
  packed_.resize(wire::max_header_size);
  if (!how.pack->head(how.group, envelope, packed_)) return false;
  bool is_first = true;
  for (const auto& one : part.pieces) {
    if (!is_first) packed_.insert(packed_.end(), how.joints.seam.begin(), how.joints.seam.end());
    is_first = false;
    const auto text = text_of(one).subspan(c.print->separator().size());
    if (!one.log) {
      if (!how.pack->part(how.group, text, packed_)) return false;
      continue;
    }
    auto& run = one.log->packed();
    const uint64_t to = one.from + one.count;
    if (run.packing != c.packing || run.stamp != how.stamp || run.from != one.from || run.to != to) {
      run.packing = c.packing;
      run.stamp = how.stamp;
      run.from = one.from;
      run.to = to;
      run.text.clear();
      how.pack->part(how.group, text, run.text);
      ++counters_.packed_parts;
    }
    if (run.text.empty()) return false;
    packed_.insert(packed_.end(), run.text.begin(), run.text.end());
  }
  packed_.insert(packed_.end(), how.joints.tail.begin(), how.joints.tail.end());
  return packed_.size() - wire::max_header_size < plain;
}

} // namespace tickplant::fanout
