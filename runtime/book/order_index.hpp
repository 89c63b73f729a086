// From the venue's order reference to the place of the order's record: 0 where there is none. One channel, one thread.
//
// Dense references (they rise through the day) index pages of 8192 words; a page goes back when it is empty, and a page
// of long ago that holds few orders is emptied into the hash, so that a handful of old orders does not pin it. Sparse
// references, and those for which there is no page, live in an open-addressing hash.
#pragma once

#include "runtime/book/hot.hpp"
#include "runtime/book/reserved_array.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace tickplant::book {

/// Linear probing, removal by shifting back. At most half full where `make_room` is called in time.
class reference_hash {
public:
  uint32_t find(uint64_t ref) const {
    if (count_ == 0) return 0;
    for (size_t i = home_of(ref);; i = (i + 1) & mask_) {
      const entry& e = entries_[i];
      if (e.slot == 0 || e.ref == ref) return e.slot;
    }
  }
  TP_HOT void prefetch(uint64_t ref) const {
    if (mask_ != 0) book::prefetch(&entries_[home_of(ref)]);
  }
  /// `ref` is not there yet, `slot` is not 0.
  void put(uint64_t ref, uint32_t slot);
  /// Whether it was there.
  bool erase(uint64_t ref);
  /// So that `more` can be put without growing.
  void make_room(size_t more);
  void clear();
  size_t size() const { return count_; }
  size_t capacity() const { return mask_ == 0 ? 0 : mask_ + 1; }
  /// Makes room in as much memory as `bytes` allow, and makes it present.
  void make_present(size_t bytes);
  /// Whether it grows before long, which is better done by `make_ready` than in the middle of a burst.
  bool is_short() const { return mask_ != 0 && count_ * 8 > capacity() * 3; }
  void make_ready() {
    if (is_short()) make_present(capacity() * 2 * sizeof(entry));
  }

private:
  struct entry {
    uint64_t ref;
    uint32_t slot; // 0 = free
    uint32_t unused;
  };
  /// Folded product: references that differ by a power of two must not meet in one place.
  size_t home_of(uint64_t ref) const {
    __extension__ using uint128 = unsigned __int128;
    const uint128 product = static_cast<uint128>(ref ^ 0x8BB84B93962EACC9u) * 0x9E3779B97F4A7C15u;
    return static_cast<size_t>(static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64)) & mask_;
  }
  TP_COLD void grow(size_t entries);

  reserved_array<entry> entries_;
  size_t mask_ = 0, count_ = 0;
};

class order_index {
public:
  static constexpr unsigned page_bits = 13;
  static constexpr size_t page_refs = size_t{1} << page_bits;
  static constexpr size_t directory_size = size_t{1} << 18; // 2^31 references
  static constexpr uint32_t thin_page = 64;                 // orders below which an old page is emptied

  /// `is_dense`: references come from a counter. `most_pages` bounds their memory, 32 KiB each.
  /// Sets `shortage` when `make_ready` should be called.
  explicit order_index(bool is_dense, uint32_t most_pages = 32'768, bool* shortage = nullptr);

  TP_HOT uint32_t find(uint64_t ref) const {
    if (!is_dense_) return hash_.find(ref);
    const uint32_t place = place_of(ref);
    const uint32_t slot = pages_[word_index(place, ref)];
    if (slot == 0 && may_be_hashed(place)) [[unlikely]]
      return hash_.find(ref);
    return slot;
  }

  /// What `find` will say, as far as the look-ahead needs it: may say 0 of a reference that is there.
  TP_HOT uint32_t guess(uint64_t ref) const {
    if (!is_dense_) return hash_.find(ref);
    const uint32_t place = place_of(ref);
    return place != 0 ? pages_[word_index(place, ref)] : hash_.find(ref);
  }

  TP_HOT void prefetch(uint64_t ref) const {
    const uint32_t place = is_dense_ ? place_of(ref) : 0;
    if (place != 0) [[likely]]
      book::prefetch(&pages_[word_index(place, ref)]);
    else
      hash_.prefetch(ref);
  }

  /// `ref` is not there yet, `slot` is not 0.
  TP_HOT void put(uint64_t ref, uint32_t slot) {
    const uint64_t page = ref >> page_bits;
    if (is_dense_ && page < directory_size) [[likely]] {
      const uint32_t place = directory_[page];
      if (place != 0) [[likely]] {
        pages_[word_index(place, ref)] = slot;
        ++in_page_[place];
        return;
      }
    }
    put_elsewhere(ref, slot);
  }

  /// `find`, and where: for `erase`.
  struct found {
    uint32_t slot = 0;
    uint32_t place = 0; // of its page, 0 = in the hash
  };
  TP_HOT found look(uint64_t ref) const {
    if (!is_dense_) return {hash_.find(ref), 0};
    const uint32_t place = place_of(ref);
    const uint32_t slot = pages_[word_index(place, ref)];
    if (slot == 0 && may_be_hashed(place)) [[unlikely]]
      return {hash_.find(ref), 0};
    return {slot, place};
  }

  /// `ref` was found there, and nothing has changed since.
  TP_HOT void erase(uint64_t ref, uint32_t place) {
    if (place == 0) [[unlikely]] {
      hash_.erase(ref);
      return;
    }
    pages_[word_index(place, ref)] = 0;
    if (--in_page_[place] <= thin_page && (ref >> page_bits) + 1 < newest_page_) [[unlikely]]
      close_page(ref >> page_bits);
  }

  /// `ref` is there.
  TP_HOT void erase(uint64_t ref) {
    const uint64_t page = ref >> page_bits;
    if (is_dense_ && page < directory_size) [[likely]] {
      const uint32_t place = directory_[page];
      uint32_t& word = pages_[word_index(place, ref)];
      if (word != 0) [[likely]] {
        word = 0;
        if (--in_page_[place] <= thin_page && page + 1 < newest_page_) [[unlikely]]
          close_page(page);
        return;
      }
    }
    hash_.erase(ref);
  }

  /// Keeps the hash from growing in the middle of the next `more` events.
  TP_HOT void make_room(size_t more) {
    if ((hash_.size() + more) * 2 > hash_.capacity() && (!is_dense_ || hash_.size() != 0)) [[unlikely]]
      hash_.make_room(more);
  }

  /// Makes the memory present that will be touched next, where half of what is present is used.
  void make_ready() {
    if (pages_made_ != 0 && present_.use(bytes_made())) present_.extend_to(bytes_made() + huge_page, pages_);
    hash_.make_ready();
  }
  /// Makes memory present for the first references, and for the few that stay for long.
  void make_present(size_t bytes);

  void clear();
  size_t pages_in_use() const { return pages_made_ - free_pages_.size(); }
  size_t hashed() const { return hash_.size(); }

private:
  static size_t word_index(uint32_t place, uint64_t ref) { return place * page_refs + (ref & (page_refs - 1)); }
  /// Page 0 is read by references without a page and never written.
  TP_HOT uint32_t place_of(uint64_t ref) const {
    const uint64_t page = ref >> page_bits;
    return directory_[page < directory_size ? page : directory_size];
  }
  /// A page is never opened for references that were hashed before, unless they were for want of pages.
  TP_HOT bool may_be_hashed(uint32_t place) const { return (place == 0 || lacked_pages_) && hash_.size() != 0; }
  TP_COLD void put_elsewhere(uint64_t ref, uint32_t slot);
  TP_COLD void close_page(uint64_t page);
  void note_shortage() {
    if (shortage_ != nullptr) *shortage_ = true;
  }
  size_t bytes_made() const { return (pages_made_ + 1) * page_refs * sizeof(uint32_t); }

  bool* shortage_;
  present_part present_; // of pages_
  bool is_dense_;
  bool lacked_pages_ = false; // once: references of a page that was opened later may be in the hash
  uint32_t most_pages_ = 0;
  reserved_array<uint32_t> directory_; // page -> its place, 0 = none; one word more, which stays 0
  reserved_array<uint32_t> pages_;
  std::vector<uint32_t> in_page_;
  std::vector<uint32_t> free_pages_;
  size_t pages_made_ = 0;
  uint64_t newest_page_ = 0;
  uint64_t swept_ = 0; // pages before this one have been looked at once they were no longer young
  reference_hash hash_;
  std::vector<std::pair<uint64_t, uint32_t>> moving_; // orders of a page that is being closed
};

} // namespace tickplant::book
