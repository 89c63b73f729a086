#include "tickplant_sim/message_store.hpp"

#include <algorithm>

namespace tickplant::sim {

void message_store::append(std::span<const std::uint8_t> block) {
  if (chunks_.empty() || chunks_.back().bytes.size() + block.size() > chunk_bytes) {
    chunks_.push_back({next_, {}, {}});
    chunks_.back().bytes.reserve(chunk_bytes);
  }
  auto& last = chunks_.back();
  last.bytes.insert(last.bytes.end(), block.begin(), block.end());
  last.ends.push_back(static_cast<std::uint32_t>(last.bytes.size()));
  held_bytes_ += block.size();
  ++next_;
  while (held_bytes_ > limit_ && chunks_.size() > 1) {
    held_bytes_ -= chunks_.front().bytes.size();
    chunks_.pop_front();
  }
}

std::span<const std::uint8_t> message_store::block(std::uint64_t sequence) const noexcept {
  if (sequence < first_sequence() || sequence >= next_) return {};
  const auto after = std::upper_bound(chunks_.begin(), chunks_.end(), sequence,
                                      [](std::uint64_t wanted, const chunk& c) { return wanted < c.first; });
  const auto& holder = *(after - 1);
  const auto index = static_cast<std::size_t>(sequence - holder.first);
  const std::size_t begin = index == 0 ? 0 : holder.ends[index - 1];
  return std::span{holder.bytes}.subspan(begin, holder.ends[index] - begin);
}

} // namespace tickplant::sim
