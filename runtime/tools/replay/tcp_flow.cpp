#include "runtime/tools/replay/tcp_flow.hpp"

namespace tickplant::replay {

tcp_flow::state tcp_flow::take(const record& segment, std::vector<uint8_t>& out) {
  if (segment.is_truncated) return state::broken;
  if (!has_begun_) {
    has_begun_ = true;
    next_ = (uint64_t{1} << 32) + segment.tcp.sequence + (segment.tcp.is_start ? 1 : 0);
  }
  // The nearest position with this sequence number, before or behind the next one.
  uint64_t at = next_ + static_cast<uint64_t>(static_cast<int64_t>(
                          static_cast<int32_t>(segment.tcp.sequence - static_cast<uint32_t>(next_))));
  if (segment.tcp.is_start) ++at;
  const uint8_t* data = segment.data;
  size_t size = segment.size;
  if (segment.tcp.is_end && !end_) end_ = at + size;
  if (at < next_) { // sent again, perhaps with more behind it
    const uint64_t known = next_ - at;
    if (known > size) size = 0;
    data += size == 0 ? 0 : known;
    size -= size == 0 ? 0 : static_cast<size_t>(known);
    at = next_;
  }
  if (at == next_) {
    out.insert(out.end(), data, data + size);
    next_ += size;
  } else if (size > 0) {
    auto& kept = held_[at];
    if (kept.size() < size) {
      held_bytes_ += size - kept.size();
      kept.assign(data, data + size);
    }
    if (held_bytes_ > most_held_bytes || held_.size() > most_held_segments) return state::broken;
  }
  return advance(out);
}

tcp_flow::state tcp_flow::advance(std::vector<uint8_t>& out) {
  while (!held_.empty() && held_.begin()->first <= next_) {
    const auto first = held_.extract(held_.begin());
    const auto& bytes = first.mapped();
    held_bytes_ -= bytes.size();
    const uint64_t known = next_ - first.key();
    if (known >= bytes.size()) continue;
    out.insert(out.end(), bytes.begin() + static_cast<std::ptrdiff_t>(known), bytes.end());
    next_ += bytes.size() - known;
  }
  return end_ && *end_ <= next_ ? state::ended : state::open;
}

} // namespace tickplant::replay
