// Whose messages were in a hole that nobody can fill: every symbol numbers its own messages, so those behind the hole
// tell what their symbol lost. When the losses found add up to the size of the hole, all other books are proven right.
// Pure.
#pragma once

#include "codec.hpp"
#include "messages.hpp"
#include "symbol_map.hpp"

#include <unordered_map>
#include <utility>

namespace tickplant::nyse {

class hole_proof {
public:
  enum class verdict { open, proven, impossible };

  void begin(sdk::number_range hole) {
    hole_ = hole;
    next_ = hole.to + 1;
    found_ = 0;
    verdict_ = verdict::open;
    seen_.clear();
    touched_.clear();
  }
  bool is_about(sdk::number_range hole) const { return hole_ == hole; }
  /// The number that feed() has to get next: the messages behind the hole in order, without another hole between.
  uint64_t next() const { return next_; }
  verdict result() const { return verdict_; }
  /// Places of the symbols that lost something.
  const std::vector<uint32_t>& touched() const { return touched_; }
  void forget() { hole_ = {0, 0}; }

  void feed(const uint8_t* message, const symbol_map& symbols) {
    ++next_;
    const message_layout& layout = layout_of(type_of(message));
    const bool is_clear = type_of(message) == type::symbol_clear && size_of(message) >= 20;
    if ((!layout.has_symbol_number && !is_clear) || size_of(message) < layout.index_at + 8u) return;
    const uint32_t place = symbols.find(sdk::le32(message + layout.index_at));
    if (place == symbol_map::none) return;
    // A message 32 names the number of the message that comes next.
    const uint32_t number = sdk::le32(message + layout.index_at + 4) - (is_clear ? 1 : 0);
    const auto [known, is_first] = seen_.try_emplace(place, symbols[place].last);
    const uint32_t last = std::exchange(known->second, number);
    if (is_first && last == 0) return; // nothing is known of this symbol: no proof, no disproof
    const uint32_t expected = last + (is_clear ? 0 : 1);
    if (number < expected) {
      verdict_ = verdict::impossible;
      return;
    }
    if (number == expected) return;
    found_ += number - expected;
    touched_.push_back(place);
    if (verdict_ == verdict::open && found_ == hole_.size()) verdict_ = verdict::proven;
    if (found_ > hole_.size()) verdict_ = verdict::impossible;
  }

private:
  sdk::number_range hole_{0, 0};
  uint64_t next_ = 0, found_ = 0;
  verdict verdict_ = verdict::open;
  std::unordered_map<uint32_t, uint32_t> seen_; // place -> number seen last behind the hole
  std::vector<uint32_t> touched_;
};

} // namespace tickplant::nyse
