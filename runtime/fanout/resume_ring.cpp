#include "runtime/fanout/resume_ring.hpp"

#include <algorithm>
#include <bit>

namespace tickplant::fanout {

namespace {
constexpr size_t least_entries = 8, least_levels = 16;
}

void resume_ring::set_bound(size_t bytes_allowed) {
  bound_ = std::max(bytes_allowed, least_bytes);
  // What is held beyond a smaller bound goes, the oldest first, until it fits in half as much memory.
  while (bytes() > bound_ && (entries_.size() > least_entries || levels_.size() > least_levels)) {
    const bool is_entries = entries_.size() * sizeof(line_entry) >= levels_.size() * sizeof(tp_level);
    if (is_entries ? entries_.size() <= least_entries : levels_.size() <= least_levels) break;
    const size_t to = (is_entries ? entries_.size() : levels_.size()) / 2;
    while (!is_empty() && (is_entries ? next_ - first_ > to : held_levels() > to)) drop_oldest();
    if (is_entries)
      grow_entries(to);
    else
      grow_levels(to);
  }
}

std::span<const tp_level> resume_ring::levels_of(const line_entry& entry) const {
  const size_t count = size_t{entry.bids} + entry.asks;
  if (count == 0) return {};
  const size_t begin = entry.levels & (levels_.size() - 1);
  if (begin + count <= levels_.size()) return std::span{levels_}.subspan(begin, count);
  joined_.clear();
  for (size_t i = 0; i < count; ++i) joined_.push_back(levels_[(entry.levels + i) & (levels_.size() - 1)]);
  return joined_;
}

uint64_t resume_ring::after(uint64_t sequence) const {
  uint64_t low = first_, high = next_;
  // Nearly everybody has all but the newest few.
  for (uint64_t step = 1; low < high; step *= 2) {
    const uint64_t probe = high - std::min(step, high - low);
    if (at(probe).sequence <= sequence) {
      low = probe + 1;
      break;
    }
    high = probe;
  }
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    if (at(middle).sequence <= sequence)
      low = middle + 1;
    else
      high = middle;
  }
  return high;
}

bool resume_ring::is_full(size_t count) const {
  if (is_empty()) return false;
  const bool lacks_entry = next_ - first_ == entries_.size() && !can_grow(entries_.size() * sizeof(line_entry));
  const bool lacks_levels = count > levels_.size() - held_levels() && !can_grow(levels_.size() * sizeof(tp_level));
  return lacks_entry || lacks_levels;
}

void resume_ring::push(line_entry entry, std::span<const tp_level> bids, std::span<const tp_level> asks) {
  const size_t count = bids.size() + asks.size();
  if (next_ - first_ == entries_.size()) {
    if (entries_.empty())
      grow_entries(least_entries);
    else if (can_grow(entries_.size() * sizeof(line_entry)))
      grow_entries(entries_.size() * 2);
    else
      drop_oldest();
  }
  while (count > levels_.size() - held_levels()) {
    const size_t larger = std::max(levels_.size() * 2, std::bit_ceil(std::max(count, least_levels)));
    if (is_empty() || can_grow((larger - levels_.size()) * sizeof(tp_level)))
      grow_levels(larger);
    else
      drop_oldest();
  }
  entry.levels = level_next_;
  entry.bids = static_cast<uint32_t>(bids.size());
  entry.asks = static_cast<uint32_t>(asks.size());
  for (const auto& level : bids) put(level);
  for (const auto& level : asks) put(level);
  entries_[next_++ & (entries_.size() - 1)] = entry;
}

void resume_ring::clear() {
  first_ = next_;
  level_first_ = level_next_;
}

void resume_ring::drop_oldest() {
  const auto& oldest = at(first_);
  level_first_ = oldest.levels + oldest.bids + oldest.asks;
  ++first_;
}

void resume_ring::grow_entries(size_t to) {
  std::vector<line_entry> made(to);
  for (uint64_t i = first_; i != next_; ++i) made[i & (to - 1)] = at(i);
  entries_.swap(made);
}

void resume_ring::grow_levels(size_t to) {
  std::vector<tp_level> made(to);
  for (uint64_t i = level_first_; i != level_next_; ++i) made[i & (to - 1)] = levels_[i & (levels_.size() - 1)];
  levels_.swap(made);
}

} // namespace tickplant::fanout
