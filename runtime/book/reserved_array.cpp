#include "runtime/book/reserved_array.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace tickplant::book {
namespace {

constexpr size_t huge_page = size_t{2} << 20;

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

} // namespace tickplant::book
