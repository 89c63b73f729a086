// A zeroed array of fixed address whose pages come when they are first touched, in huge pages where the system has
// them. For tables that are big, indexed at random and must not move: copying a table while it grows would stop the
// feed.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace tickplant::book {

inline constexpr size_t huge_page = size_t{2} << 20;

/// Address space for `bytes`, aligned to a huge page. Throws std::bad_alloc if the system refuses it.
void* reserve_memory(size_t bytes);
void release_memory(void* memory, size_t bytes) noexcept;
/// Makes memory present before it is touched; what it holds stays. What the system refuses comes when it is touched.
void make_present(void* memory, size_t bytes) noexcept;

/// Elements are all-zero bytes until written. One owner; movable.
template <class T>
class reserved_array {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

public:
  reserved_array() = default;
  explicit reserved_array(size_t count) : data_(static_cast<T*>(reserve_memory(count * sizeof(T)))), count_(count) {}
  reserved_array(reserved_array&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), count_(std::exchange(other.count_, 0)) {}
  reserved_array& operator=(reserved_array&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    return *this;
  }
  ~reserved_array() {
    if (data_ != nullptr) release_memory(data_, count_ * sizeof(T));
  }

  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  size_t size() const { return count_; }
  /// Makes `bytes` from the byte `first` on present, as far as the array goes.
  void make_present(size_t first, size_t bytes) noexcept {
    const size_t end = count_ * sizeof(T);
    if (first < end)
      book::make_present(reinterpret_cast<char*>(data_) + first, bytes < end - first ? bytes : end - first);
  }
  explicit operator bool() const { return data_ != nullptr; }

private:
  T* data_ = nullptr;
  size_t count_ = 0;
};

/// How far a table that grows from its begin on is present, in whole huge pages, and when the next one should be.
class present_part {
public:
  /// `bytes` are in use from here on. Whether less than half of a huge page is left, and none is made ready.
  bool use(size_t bytes) {
    if (bytes > end_) end_ = (bytes + huge_page - 1) / huge_page * huge_page;
    return end_ - bytes < huge_page / 2;
  }
  /// Makes everything up to `bytes` present.
  template <class T>
  void extend_to(size_t bytes, reserved_array<T>& table) {
    const size_t wanted = (bytes + huge_page - 1) / huge_page * huge_page;
    if (wanted <= end_) return;
    table.make_present(end_, wanted - end_);
    end_ = wanted;
  }

private:
  size_t end_ = 0;
};

} // namespace tickplant::book
