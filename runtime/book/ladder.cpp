#include "runtime/book/ladder.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <numeric>

namespace tickplant::book {
namespace {

constexpr uint32_t uses_before_a_look = 64;
constexpr size_t levels_looked_at = 64;
constexpr int64_t greatest_tick = int64_t{1} << 48; // width * tick must stay far below 2^63

/// Inverse of an odd number modulo 2^64, by Newton's iteration: each round doubles the right bits, 5 to begin with.
uint64_t inverse_of(uint64_t odd) {
  uint64_t x = odd * 3 ^ 2;
  for (int i = 0; i < 4; ++i) x *= 2 - odd * x;
  return x;
}

bool is_worse(const far_level& level, int64_t key) {
  return level.key < key;
}

/// For a lone price of an instrument whose step nobody tells: a step that is not absurdly fine for it.
int64_t tick_of(int64_t price) {
  int64_t tick = 1;
  while (price % (tick * 10) == 0 && price / (tick * 10) >= 1000) tick *= 10;
  return tick;
}

} // namespace

ladder_block ladder::empty_block_{};

namespace {
constexpr size_t blocks_of_chunk = huge_page / sizeof(ladder_block);
}

void ladder_blocks::add_chunk(bool is_present) {
  free_.reserve((chunks_.size() + 1) * blocks_of_chunk);
  chunks_.emplace_back(huge_page);
  if (is_present) chunks_.back().make_present(0, huge_page);
  // A block is zeroed memory when it is handed out, which fresh chunks are.
  auto* first = reinterpret_cast<ladder_block*>(&chunks_.back()[0]);
  for (size_t i = blocks_of_chunk; i > 0; --i) free_.push_back(first + (i - 1));
}

void ladder_blocks::make_ready() {
  if (!chunks_.empty() && free_.size() < blocks_of_chunk / 2) add_chunk(true);
}

void ladder_blocks::make_present(size_t bytes) {
  for (size_t made = chunks_.size() * huge_page; made < bytes; made += huge_page) add_chunk(true);
}

ladder_block* ladder_blocks::take() {
  if (free_.empty()) add_chunk(false);
  ladder_block* block = free_.back();
  free_.pop_back();
  if (free_.size() < blocks_of_chunk / 2) *shortage_ = true;
  ++in_use_;
  return block;
}

void ladder_blocks::give(ladder_block* block) {
  *block = ladder_block{};
  free_.push_back(block);
  --in_use_;
}

void ladder::set_tick(int64_t tick) {
  tick_ = tick;
  shift_ = static_cast<uint32_t>(std::countr_zero(static_cast<uint64_t>(tick)));
  inverse_ = inverse_of(static_cast<uint64_t>(tick) >> shift_);
}

uint32_t ladder::find_far(int64_t price) const {
  const int64_t key = key_of(price);
  const auto at = std::lower_bound(far_.begin(), far_.end(), key, is_worse);
  return at != far_.end() && at->key == key ? at->level : 0;
}

void ladder::take_far(int64_t key, uint32_t level) {
  const auto at = std::lower_bound(far_.begin(), far_.end(), key, is_worse);
  far_.insert(at, far_level{key, level});
  refresh_far_best();
}

void ladder::insert_far(int64_t price, uint32_t level, book_memory& memory) {
  take_far(key_of(price), level);
  if (summary_ == 0 || ++far_uses_ >= uses_before_a_look) place_window(memory);
}

void ladder::erase_far(int64_t price, book_memory& memory) {
  const int64_t key = key_of(price);
  const auto at = std::lower_bound(far_.begin(), far_.end(), key, is_worse);
  far_.erase(at);
  refresh_far_best();
  if (!far_.empty() && ++far_uses_ >= uses_before_a_look) place_window(memory);
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
  const int64_t worse = side_ == 0 ? -1 : 1;
  size_t best_first = 0, best_covered = 0, touch_covered = 0;
  for (size_t first = 0, last = 0; first < count; ++first) {
    while (last < count && (prices[last] - prices[first]) * worse / tick <= behind) ++last;
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

void ladder::move_window(placement to, book_memory& memory) {
  // Both parts are sorted; one pass merges them, another deals them out again.
  std::vector<far_level>& all = memory.merging;
  all.clear();
  walk([&](uint32_t l) {
    all.push_back(far_level{key_of(memory.levels[l].price), l});
    return true;
  });
  far_.reserve(all.size());
  *block_ = ladder_block{};
  summary_ = 0;
  far_.clear();
  base_ = static_cast<uint64_t>(to.base);
  set_tick(to.tick);
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    const uint64_t place = place_of(memory.levels[at->level].price);
    if (place < ladder_block::width)
      occupy(static_cast<uint32_t>(place), at->level);
    else
      far_.push_back(*at);
  }
  refresh_far_best();
}

void ladder::clear(book_memory& memory) {
  if (has_window()) memory.blocks.give(block_);
  block_ = &empty_block_;
  far_ = std::vector<far_level>{};
  far_best_ = INT64_MIN;
  base_ = no_base;
  inverse_ = 1;
  tick_ = 1;
  shift_ = summary_ = far_uses_ = 0;
}

} // namespace tickplant::book
