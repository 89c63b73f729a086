// What counts allocations counts each form of them, and the helpers of the hot path make none.
#include <tickplant/arbiter.hpp>
#include <tickplant/counter_sheet.hpp>

#include <counted_allocations.hpp>
#include <silent_host.hpp>

#include <gtest/gtest.h>

namespace tickplant::sdk {
namespace {

using testing::allocations;

struct alignas(128) wide {
  int value = 0;
};

TEST(SdkAllocation, EveryFormOfNewIsCounted) {
  const uint64_t before = allocations;
  // The operators themselves: a new expression may be optimised away.
  ::operator delete(::operator new(1));
  ::operator delete[](::operator new[](1));
  ::operator delete(::operator new(1, std::nothrow));
  ::operator delete[](::operator new[](1, std::nothrow));
  const std::align_val_t alignment{alignof(wide)};
  void* const one = ::operator new(sizeof(wide), alignment);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(one) % alignof(wide), 0u);
  ::operator delete(one, alignment);
  ::operator delete[](::operator new[](1, alignment), alignment);
  EXPECT_EQ(allocations - before, 6u);
}

struct eight_bytes {
  struct packet {
    uint64_t sequence;
    uint32_t count;
    const uint8_t* data;
    uint64_t end() const { return sequence + count; }
  };
  const uint8_t* first(const packet& p) const { return p.data; }
  const uint8_t* next(const uint8_t* message) const { return message + 8; }
  std::span<const uint8_t> body(const uint8_t* message) const { return {message, 8}; }
};

struct counting_sink {
  uint64_t count = 0;
  void messages(uint64_t, const uint8_t*, uint32_t of_packet) { count += of_packet; }
  void held(uint64_t, const uint8_t*, uint16_t) { ++count; }
};

TEST(SdkAllocation, ArbitrationHoldsAndDeliversWithoutAny) {
  arbiter<eight_bytes> sorts{1'024, 8};
  counting_sink to;
  const std::array<uint8_t, 32> bytes{};
  const uint64_t before = allocations;
  for (uint64_t n = 1; n < 4'000; n += 8) { // each second packet first, everything twice
    for (int line = 0; line < 2; ++line) {
      sorts.offer({n + 4, 4, bytes.data()}, to);
      EXPECT_TRUE(sorts.first_missing(0, UINT64_MAX, 10).has_value() == (line == 0));
      sorts.offer({n, 4, bytes.data()}, to);
    }
  }
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(to.count, 4'000u);
}

TEST(SdkAllocation, CountsAreGatheredAndToldWithoutAny) {
  const tp_venue_host host = testing::silent_host();
  counter_sheet<64> sheet;
  const uint64_t before = allocations;
  for (uint32_t i = 0; i < 1'000; ++i) {
    sheet.add(i % 64);
    sheet.flush(testing::silent_services(host));
  }
  EXPECT_EQ(allocations - before, 0u);
}

} // namespace
} // namespace tickplant::sdk
