// Counts every allocation of a test program, to prove that a plugin makes none once it is warm. Replaces the program's
// operators new and delete: include it in exactly one source file. Threads may allocate while it counts.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace tickplant::sdk::testing {

/// Since the program began.
inline std::atomic<uint64_t> allocations{0};

namespace detail {

// Not inlined, so that the compiler does not take malloc and free for a mismatched pair.
[[gnu::noinline]] inline void* counted_or_null(std::size_t size) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] inline void* counted(std::size_t size) {
  if (void* const made = counted_or_null(size)) return made;
  throw std::bad_alloc{};
}
[[gnu::noinline]] inline void* counted_at(std::size_t size, std::align_val_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  const auto a = static_cast<std::size_t>(alignment);
  if (void* const made = std::aligned_alloc(a, (size + a - 1) / a * a)) return made;
  throw std::bad_alloc{};
}
[[gnu::noinline]] inline void release(void* made) noexcept {
  std::free(made);
}

} // namespace detail

} // namespace tickplant::sdk::testing

void* operator new(std::size_t size) {
  return tickplant::sdk::testing::detail::counted(size);
}
void* operator new[](std::size_t size) {
  return tickplant::sdk::testing::detail::counted(size);
}
// These too, since a sanitizer's own would not match the operators delete below.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return tickplant::sdk::testing::detail::counted_or_null(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return tickplant::sdk::testing::detail::counted_or_null(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return tickplant::sdk::testing::detail::counted_at(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return tickplant::sdk::testing::detail::counted_at(size, alignment);
}
void operator delete(void* made) noexcept {
  tickplant::sdk::testing::detail::release(made);
}
void operator delete[](void* made) noexcept {
  tickplant::sdk::testing::detail::release(made);
}
void operator delete(void* made, std::size_t) noexcept {
  tickplant::sdk::testing::detail::release(made);
}
void operator delete[](void* made, std::size_t) noexcept {
  tickplant::sdk::testing::detail::release(made);
}
void operator delete(void* made, std::align_val_t) noexcept {
  tickplant::sdk::testing::detail::release(made);
}
void operator delete[](void* made, std::align_val_t) noexcept {
  tickplant::sdk::testing::detail::release(made);
}
void operator delete(void* made, std::size_t, std::align_val_t) noexcept {
  tickplant::sdk::testing::detail::release(made);
}
void operator delete[](void* made, std::size_t, std::align_val_t) noexcept {
  tickplant::sdk::testing::detail::release(made);
}
