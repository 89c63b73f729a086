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

// A run that many have is packed once.
const bytes& hub_core::part_of(const hub::line_piece& one, const client& c) {
  const auto& how = packings_[c.packing];
  auto& run = one.log->packed();
  const uint64_t to = one.from + one.count;
  if (run.packing == c.packing && run.stamp == how.stamp && run.from == one.from && run.to == to) return run.text;
  run.packing = c.packing;
  run.stamp = how.stamp;
  run.from = one.from;
  run.to = to;
  run.text.clear();
  how.pack->part(how.group, text_of(one).subspan(how.print->separator().size()), run.text);
  ++counters_.packed_parts;
  return run.text;
}

// Into packed_, with room for a header in front; `plain` is what the whole payload takes uncompressed. `shared` answers
// what was packed for all that have a piece, null if it is this client's alone.
template <class Part, class Shared>
bool hub_core::pack_pieces(const client& c, const Part& part, std::span<const uint8_t> envelope, size_t plain,
                           Shared&& shared) {
  const auto& how = packings_[c.packing];
  if (plain < how.pack->threshold()) return false;
  packed_.resize(wire::max_header_size);
  if (!how.pack->head(how.group, envelope, packed_)) return false;
  bool is_first = true;
  for (const auto& one : part.pieces) {
    if (!is_first) packed_.insert(packed_.end(), how.joints.seam.begin(), how.joints.seam.end());
    is_first = false;
    if (const bytes* text = shared(one)) {
      if (text->empty()) return false; // the plugin failed: everybody gets this as it is
      packed_.insert(packed_.end(), text->begin(), text->end());
    } else if (!how.pack->part(how.group, text_of(one).subspan(c.print->separator().size()), packed_)) {
      return false;
    }
  }
  packed_.insert(packed_.end(), how.joints.tail.begin(), how.joints.tail.end());
  return packed_.size() - wire::max_header_size < plain;
}

bool hub_core::pack(const client& c, const hub::gathered& part, std::span<const uint8_t> envelope, size_t plain) {
  if (c.packing == none) return false;
  return pack_pieces(c, part, envelope, plain, [&](const hub::piece& one) {
    return one.fragment ? &part_of(*one.fragment, c.packing) : nullptr;
  });
}

bool hub_core::pack(const client& c, const hub::gathered_entries& part, std::span<const uint8_t> envelope,
                    size_t plain) {
  if (c.packing == none) return false;
  return pack_pieces(c, part, envelope, plain,
                     [&](const hub::line_piece& one) { return one.log ? &part_of(one, c) : nullptr; });
}

} // namespace tickplant::fanout
