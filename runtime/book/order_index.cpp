#include "runtime/book/order_index.hpp"

#include <algorithm>
#include <bit>
#include <new>

namespace tickplant::book {

void reference_hash::grow(size_t entries) {
  reserved_array<entry> old(entries);
  // It is filled at random: nothing of it would come later. A small one may stay empty, as that of each channel of a
  // venue without orders does, and would take a huge page all the same.
  if (const size_t bytes = entries * sizeof(entry); bytes >= huge_page) old.make_present(0, bytes);
  const size_t old_size = capacity();
  std::swap(old, entries_);
  mask_ = entries - 1;
  for (size_t i = 0; i < old_size; ++i) {
    if (old[i].slot == 0) continue;
    size_t at = home_of(old[i].ref);
    while (entries_[at].slot != 0) at = (at + 1) & mask_;
    entries_[at] = old[i];
  }
}

void reference_hash::make_room(size_t more) {
  const size_t wanted = std::bit_ceil(std::max<size_t>((count_ + more) * 2, 4096));
  if (wanted > capacity()) grow(wanted);
}

void reference_hash::put(uint64_t ref, uint32_t slot) {
  // Above 7/8 a probe would take too long; `make_room` normally grows at half, between bursts.
  if ((count_ + 1) * 8 > capacity() * 7) [[unlikely]]
    make_room(1);
  size_t at = home_of(ref);
  while (entries_[at].slot != 0) at = (at + 1) & mask_;
  entries_[at] = entry{ref, slot, 0};
  ++count_;
}

bool reference_hash::erase(uint64_t ref) {
  if (count_ == 0) return false;
  size_t hole = home_of(ref);
  while (entries_[hole].slot != 0 && entries_[hole].ref != ref) hole = (hole + 1) & mask_;
  if (entries_[hole].slot == 0) return false;
  // What follows in the same run moves back if its own place does not lie behind the hole.
  for (size_t next = (hole + 1) & mask_; entries_[next].slot != 0; next = (next + 1) & mask_) {
    const size_t home = home_of(entries_[next].ref);
    if (((next - home) & mask_) >= ((next - hole) & mask_)) {
      entries_[hole] = entries_[next];
      hole = next;
    }
  }
  entries_[hole].slot = 0;
  --count_;
  return true;
}

void reference_hash::clear() {
  entries_ = reserved_array<entry>{};
  mask_ = count_ = 0;
}

void reference_hash::make_present(size_t bytes) {
  const size_t entries = std::bit_floor(bytes / sizeof(entry));
  if (entries <= std::max<size_t>(capacity(), 1)) return;
  grow(entries);
}

order_index::order_index(bool is_dense, uint32_t most_pages, bool* shortage)
  : shortage_(shortage), is_dense_(is_dense), most_pages_(most_pages) {
  if (!is_dense_) return;
  directory_ = reserved_array<uint32_t>(directory_size + 1);
  pages_ = reserved_array<uint32_t>((size_t{most_pages} + 1) * page_refs);
  in_page_.resize(size_t{most_pages} + 1);
  free_pages_.reserve(most_pages);
  moving_.reserve(thin_page);
}

void order_index::put_elsewhere(uint64_t ref, uint32_t slot) {
  const uint64_t page = ref >> page_bits;
  const bool has_room = !free_pages_.empty() || pages_made_ < most_pages_;
  // A lone old reference, as in a snapshot, is not worth a page.
  const bool is_new = newest_page_ == 0 || page + 1 >= newest_page_;
  if (!is_dense_ || page >= directory_size || !has_room || !is_new) {
    hash_.put(ref, slot);
    if (hash_.is_short()) note_shortage();
    lacked_pages_ |= is_new && !has_room;
    return;
  }
  uint32_t place = 0;
  if (free_pages_.empty()) {
    place = static_cast<uint32_t>(++pages_made_);
    if (present_.use(bytes_made())) note_shortage();
  } else {
    place = free_pages_.back();
    free_pages_.pop_back();
  }
  directory_[page] = place;
  pages_[word_index(place, ref)] = slot;
  in_page_[place] = 1;
  newest_page_ = std::max(newest_page_, page);
  // A page that emptied while it was young is closed now; others will be by the removal that makes them thin.
  for (; swept_ + 1 < newest_page_; ++swept_)
    if (const uint32_t old = directory_[swept_]; old != 0 && in_page_[old] <= thin_page) close_page(swept_);
}

void order_index::make_present(size_t bytes) {
  if (is_dense_) present_.extend_to(bytes - bytes / 8, pages_);
  hash_.make_present(is_dense_ ? bytes / 8 : bytes);
}

void order_index::close_page(uint64_t page) {
  const uint32_t place = directory_[page];
  moving_.clear();
  for (size_t i = 0; i < page_refs && moving_.size() < in_page_[place]; ++i) {
    const uint32_t slot = pages_[place * page_refs + i];
    if (slot != 0) moving_.emplace_back((page << page_bits) + i, slot);
  }
  try {
    hash_.make_room(moving_.size());
  } catch (const std::bad_alloc&) {
    return; // the page stays: nothing is lost by it but memory
  }
  for (const auto& [ref, slot] : moving_) {
    pages_[word_index(place, ref)] = 0;
    hash_.put(ref, slot);
  }
  if (hash_.is_short()) note_shortage();
  directory_[page] = 0;
  in_page_[place] = 0;
  free_pages_.push_back(place);
}

void order_index::clear() {
  hash_.clear();
  if (!is_dense_) return;
  directory_ = reserved_array<uint32_t>(directory_size + 1);
  pages_ = reserved_array<uint32_t>((size_t{most_pages_} + 1) * page_refs);
  present_ = {};
  std::fill(in_page_.begin(), in_page_.end(), 0);
  free_pages_.clear();
  pages_made_ = 0;
  newest_page_ = swept_ = 0;
  lacked_pages_ = false;
}

} // namespace tickplant::book
