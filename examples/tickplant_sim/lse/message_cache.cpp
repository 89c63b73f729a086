#include "tickplant_sim/lse/message_cache.hpp"

namespace tickplant::sim::lse {

void message_cache::append(std::span<const std::uint8_t> message) {
  if (chunks_.empty() || chunks_.back()->ends.size() == chunk_messages) {
    chunks_.push_back(std::make_shared<chunk>());
    chunks_.back()->first = next_;
    chunks_.back()->ends.reserve(chunk_messages);
  }
  auto& last = *chunks_.back();
  last.bytes.insert(last.bytes.end(), message.begin(), message.end());
  last.ends.push_back(static_cast<std::uint32_t>(last.bytes.size()));
  ++next_;
  while (chunks_.front()->first + chunk_messages <= first()) chunks_.pop_front();
}

void message_cache::restart() {
  chunks_.clear();
  next_ = 1;
}

std::uint32_t message_cache::first() const noexcept {
  if (chunks_.empty()) return next_;
  return next_ > capacity ? next_ - capacity : 1;
}

bool message_cache::holds(std::uint32_t sequence, std::uint32_t count) const noexcept {
  return count > 0 && sequence >= first() && std::uint64_t{sequence} + count <= next_;
}

message_cache::run message_cache::take(std::uint32_t sequence, std::uint32_t count) const {
  assert(holds(sequence, count));
  run out;
  out.first_ = sequence;
  out.count_ = count;
  for (const auto& one : chunks_)
    if (one->first + one->ends.size() > sequence && one->first < sequence + count) out.chunks_.push_back(one);
  return out;
}

std::span<const std::uint8_t> message_cache::run::message(std::uint32_t sequence) const noexcept {
  assert(sequence >= first_ && sequence - first_ < count_);
  // All chunks but the newest are full.
  const auto& holder = *chunks_[(sequence - chunks_.front()->first) / chunk_messages];
  const auto index = sequence - holder.first;
  const std::size_t begin = index == 0 ? 0 : holder.ends[index - 1];
  return std::span{holder.bytes}.subspan(begin, holder.ends[index] - begin);
}

} // namespace tickplant::sim::lse
