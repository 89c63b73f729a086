#include "runtime/book/reserved_array.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <cstdint>
#include <new>

namespace tickplant::book {
namespace {

#ifndef MADV_POPULATE_WRITE
constexpr int MADV_POPULATE_WRITE = 23; // Linux 5.14; older C libraries do not have it
#endif

size_t whole_pages(size_t bytes) {
  return (bytes + huge_page - 1) / huge_page * huge_page;
}

} // namespace

void* reserve_memory(size_t bytes) {
  const size_t wanted = whole_pages(bytes);
  if (wanted < bytes) throw std::bad_alloc{};
  // One page more than wanted, and what lies before and behind the aligned part given back.
  void* raw =
    mmap(nullptr, wanted + huge_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED) throw std::bad_alloc{};
  char* const first = static_cast<char*>(raw);
  const size_t before = (huge_page - reinterpret_cast<uintptr_t>(raw) % huge_page) % huge_page;
  if (before > 0) munmap(first, before);
  if (before < huge_page) munmap(first + before + wanted, huge_page - before);
  madvise(first + before, wanted, MADV_HUGEPAGE); // a hint: without huge pages everything works, slower
  return first + before;
}

void release_memory(void* memory, size_t bytes) noexcept {
  munmap(memory, whole_pages(bytes));
}

void make_present(void* memory, size_t bytes) noexcept {
  constexpr size_t page = 4096;
  char* const first = static_cast<char*>(memory);
  const size_t before = reinterpret_cast<uintptr_t>(first) % page;
  if (madvise(first - before, bytes + before, MADV_POPULATE_WRITE) == 0 || errno != EINVAL) return;
  // A kernel without it: a write that changes nothing has the same effect.
  for (size_t at = 0; at < bytes; at += page) {
    volatile char* byte = first + at;
    *byte = *byte;
  }
}

} // namespace tickplant::book
