#include "runtime/book/ladder.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <numeric>

namespace tickplant::book {
namespace {

constexpr uint32_t uses_before_a_look = 256;
constexpr size_t levels_looked_at = 64;
constexpr int64_t greatest_tick = int64_t{1} << 48; // width * tick must stay far below 2^63

/// Inverse of an odd number modulo 2^64, by Newton's iteration: each round doubles the right bits, 5 to begin with.
uint64_t inverse_of(uint64_t odd) {
  uint64_t x = odd * 3 ^ 2;
  for (int i = 0; i < 4; ++i) x *= 2 - odd * x;
  return x;
}

/// For a lone price of an instrument whose step nobody tells: a step that is not absurdly fine for it.
int64_t tick_of(int64_t price) {
  int64_t tick = 1;
  while (price % (tick * 10) == 0 && price / (tick * 10) >= 1000) tick *= 10;
  return tick;
}

} // namespace

ladder_block ladder::empty_block_{};

void ladder::set_tick(int64_t tick) {
  tick_ = tick;
  shift_ = static_cast<uint32_t>(std::countr_zero(static_cast<uint64_t>(tick)));
  inverse_ = inverse_of(static_cast<uint64_t>(tick) >> shift_);
}

uint32_t ladder::find_far(int64_t price) const {
  return far_.find(key_of(price));
}

void ladder::take_far(int64_t key, uint32_t level, book_memory& memory) {
  far_.insert(key, level, memory.far);
  far_best_ = far_.best_key();
}

void ladder::drop_far(int64_t key, book_memory& memory) {
  far_.erase(key, memory.far);
  far_best_ = far_.best_key();
}

void ladder::insert_far(int64_t price, uint32_t level, book_memory& memory) {
  take_far(key_of(price), level, memory);
  if (summary_ == 0 || ++far_uses_ >= uses_before_a_look) place_window(memory);
}

void ladder::erase_far(int64_t price, book_memory& memory) {
  drop_far(key_of(price), memory);
  if (!far_.is_empty() && ++far_uses_ >= uses_before_a_look) place_window(memory);
}

// The overflow is right without a window too, so that a lack of memory here costs speed only.
void ladder::place_window(book_memory& memory) noexcept {
  far_uses_ = 0;
  try {
    const placement to = best_placement(memory.levels);
    if (!has_window())
      block_ = memory.blocks.take();
    else if (to.base == static_cast<int64_t>(base_) && to.tick == tick_)
      return;
    move_window(to, memory);
  } catch (const std::bad_alloc&) {
  }
}

// The window is put where it covers most of the best levels, not simply at the touch: one mad price at the top must not
// send everything else into the overflow. It stays where it is unless moving helps. At least one level exists.
ladder::placement ladder::best_placement(const level_pool& levels) const {
  std::array<int64_t, levels_looked_at> prices;
  size_t count = 0;
  uint32_t covered_now = 0;
  bool covers_touch = false;
  walk([&](uint32_t l) {
    const bool is_covered = place_of(levels[l].price) < ladder_block::width;
    covers_touch |= count == 0 && is_covered;
    covered_now += is_covered;
    prices[count++] = levels[l].price;
    return count < prices.size();
  });
  int64_t tick = step_, origin = 0;
  if (tick < 1) {
    tick = 0;
    for (size_t i = 1; i < count; ++i) tick = std::gcd(tick, prices[i] - prices[0]);
    tick = tick == 0 ? tick_of(prices[0]) : tick;
    origin = prices[0] % tick;
  }
  tick = std::min(tick, greatest_tick);
  // A quarter of the window is kept for better prices than the one that it is put at.
  constexpr int64_t ahead = ladder_block::width / 4, behind = ladder_block::width - ahead - 1;
  const int64_t worse = side_ == 0 ? -1 : 1, reach = (behind + 1) * tick - 1;
  size_t best_first = 0, best_covered = 0, touch_covered = 0;
  for (size_t first = 0, last = 0; first < count; ++first) {
    while (last < count && (prices[last] - prices[first]) * worse <= reach) ++last;
    touch_covered = first == 0 ? last : touch_covered;
    if (last - first > best_covered) {
      best_covered = last - first;
      best_first = first;
    }
  }
  if (touch_covered * 2 >= best_covered) best_first = 0;
  if ((covers_touch || best_first != 0) && covered_now + 4 >= best_covered) return {static_cast<int64_t>(base_), tick_};
  const int64_t anchor = prices[best_first] - (prices[best_first] - origin) % tick;
  return {anchor - (side_ == 0 ? behind : ahead) * tick, tick};
}

// Only what changes sides is touched: the levels of the window, and those of the overflow that it comes to lie over.
void ladder::move_window(placement to, book_memory& memory) {
  std::vector<moved_level>& moving = memory.moving;
  moving.clear();
  moving.reserve(2 * ladder_block::width); // at most one for each place of the old window, and of the new one
  for (uint32_t word = 0; word < ladder_block::words; ++word)
    for (uint64_t bits = block_->bits[word]; bits != 0; bits &= bits - 1) {
      const uint32_t place = word * 64 + static_cast<uint32_t>(std::countr_zero(bits));
      moving.push_back({key_of(price_at(place)), block_->slots[place]});
    }
  const size_t inside = moving.size();
  far_.reserve(inside, memory.far);
  // Nothing throws from here on.
  *block_ = ladder_block{};
  summary_ = 0;
  base_ = static_cast<uint64_t>(to.base);
  set_tick(to.tick);
  const int64_t one_end = key_of(price_at(0)), other_end = key_of(price_at(ladder_block::width - 1));
  far_.each_between(std::min(one_end, other_end), std::max(one_end, other_end), [&](int64_t key, uint32_t level) {
    if (place_of(key_of(key)) < ladder_block::width) moving.push_back({key, level});
  });
  for (size_t i = 0; i < moving.size(); ++i) {
    const auto& [key, level] = moving[i];
    const uint64_t place = place_of(key_of(key));
    if (i >= inside) far_.erase(key, memory.far);
    if (place < ladder_block::width)
      occupy(static_cast<uint32_t>(place), level);
    else
      far_.insert(key, level, memory.far);
  }
  far_best_ = far_.best_key();
}

void ladder::clear(book_memory& memory) {
  if (has_window()) memory.blocks.give(block_);
  block_ = &empty_block_;
  far_.clear(memory.far);
  far_best_ = INT64_MIN;
  base_ = no_base;
  inverse_ = 1;
  tick_ = 1;
  shift_ = summary_ = far_uses_ = 0;
}

} // namespace tickplant::book
