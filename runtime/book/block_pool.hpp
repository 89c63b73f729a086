// Blocks of one kind from huge pages, for the parts of books that have no bound of their own: they are given back and
// used anew, and the memory stays with the pool. One pool per feed, one thread.
#pragma once

#include "runtime/book/reserved_array.hpp"

#include <cstddef>
#include <vector>

namespace tickplant::book {

/// A block is zeroed memory when it is handed out.
template <class Block>
class block_pool {
public:
  static constexpr size_t blocks_of_chunk = huge_page / sizeof(Block);

  /// Sets `shortage` when `make_ready` should be called.
  explicit block_pool(bool& shortage) : shortage_(&shortage) {}

  Block* take() {
    if (free_.empty()) add_chunk(false);
    Block* block = free_.back();
    free_.pop_back();
    if (free_.size() < blocks_of_chunk / 2) *shortage_ = true;
    ++in_use_;
    return block;
  }
  void give(Block* block) {
    *block = Block{};
    free_.push_back(block);
    --in_use_;
  }
  /// So that so many can be taken without an exception.
  void reserve(size_t blocks) {
    while (free_.size() < blocks) add_chunk(false);
  }
  size_t in_use() const { return in_use_; }

  /// Makes another chunk present where less than half of one is left.
  void make_ready() {
    if (!chunks_.empty() && free_.size() < blocks_of_chunk / 2) add_chunk(true);
  }
  /// Makes chunks present for the first blocks.
  void make_present(size_t bytes) {
    for (size_t made = chunks_.size() * huge_page; made < bytes; made += huge_page) add_chunk(true);
  }

private:
  void add_chunk(bool is_present) {
    free_.reserve((chunks_.size() + 1) * blocks_of_chunk);
    chunks_.emplace_back(huge_page);
    if (is_present) chunks_.back().make_present(0, huge_page);
    auto* first = reinterpret_cast<Block*>(&chunks_.back()[0]); // fresh memory is zero
    for (size_t i = blocks_of_chunk; i > 0; --i) free_.push_back(first + (i - 1));
  }

  bool* shortage_;
  std::vector<reserved_array<unsigned char>> chunks_;
  std::vector<Block*> free_;
  size_t in_use_ = 0;
};

} // namespace tickplant::book
