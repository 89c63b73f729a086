// Marks for code that runs once per event. g++ 12 drops calls of functions that only prefetch unless they are inlined
// by force, hence TP_HOT; TP_COLD keeps the rare way out of the frequent one.
#pragma once

#include <cstddef>

#define TP_HOT [[gnu::always_inline]] inline
#define TP_COLD [[gnu::cold, gnu::noinline]]

namespace tickplant::book {

TP_HOT void prefetch(const void* address) {
  __builtin_prefetch(address);
}

} // namespace tickplant::book
