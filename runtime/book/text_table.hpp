// Interned texts of one venue: reasons, condition letters, participants. Bounded; handles are never reused, since
// events and orders carry them.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tickplant::book {

class text_table {
public:
  explicit text_table(size_t most) : most_(most) {}

  /// The handle of a text, the same for the same text; 0 for an empty or overlong one, and when the table is full.
  uint32_t intern(std::string_view text) {
    if (text.empty() || text.size() > longest) return 0;
    if (const auto known = handles_.find(text); known != handles_.end()) return known->second;
    if (texts_.size() >= most_) return 0;
    const std::string& kept = texts_.emplace_back(text);
    const auto handle = static_cast<uint32_t>(texts_.size());
    handles_.emplace(kept, handle); // the key looks into the deque, whose texts do not move
    return handle;
  }

  /// Empty for 0 and for handles that were never given.
  std::string_view text_of(uint32_t handle) const {
    return handle == 0 || handle > texts_.size() ? std::string_view{} : texts_[handle - 1];
  }

private:
  static constexpr size_t longest = 1024;
  size_t most_;
  std::deque<std::string> texts_;
  std::unordered_map<std::string_view, uint32_t> handles_;
};

} // namespace tickplant::book
