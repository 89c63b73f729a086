#include <tickplant/message_ring.hpp>

#include <gmock/gmock.h>

namespace tickplant::sdk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<uint8_t> message(uint8_t tag, size_t size) {
  return std::vector<uint8_t>(size, tag);
}

TEST(SdkMessageRing, KeepsMessagesByTheirNumberWithTheirTrueSize) {
  message_ring ring{8, 10};
  EXPECT_FALSE(ring.holds(3));
  EXPECT_NE(ring.put(3, message(3, 4), 1), nullptr);
  EXPECT_NE(ring.put(4, message(4, 10), 1), nullptr);
  EXPECT_NE(ring.put(5, message(5, 300), 1), nullptr);
  EXPECT_NE(ring.put(6, {}, 1), nullptr);
  EXPECT_TRUE(ring.holds(3));
  EXPECT_FALSE(ring.holds(11)) << "the same slot, another number";
  EXPECT_EQ(ring.size(3), 4u);
  EXPECT_EQ(ring.size(4), 10u);
  EXPECT_EQ(ring.size(5), 300u);
  EXPECT_EQ(ring.size(6), 0u);
  for (const uint64_t n : {4u, 5u})
    for (size_t i = 0; i < ring.longest(); ++i) EXPECT_EQ(ring.data(n)[i], n) << "no neighbour was written over";
}

TEST(SdkMessageRing, TheLowerNumberKeepsItsSlotUntilItIsBelowTheFloor) {
  message_ring ring{8, 10};
  EXPECT_NE(ring.put(3, message(3, 1), 1), nullptr);
  EXPECT_EQ(ring.put(3, message(9, 1), 1), nullptr) << "there already";
  EXPECT_EQ(ring.put(11, message(11, 1), 1), nullptr) << "3 is needed sooner";
  EXPECT_EQ(ring.data(3)[0], 3);
  EXPECT_NE(ring.put(11, message(11, 1), 4), nullptr) << "3 is of the past";
  EXPECT_FALSE(ring.holds(3));
  EXPECT_NE(ring.put(3, message(3, 1), 1), nullptr) << "a lower number takes the slot back";
  EXPECT_FALSE(ring.holds(11));
}

TEST(SdkMessageRing, TellsWhatIsMissingAndWhatIsHeld) {
  message_ring ring{16, 4};
  for (const uint64_t n : {2u, 5u, 6u, 9u}) ring.put(n, message(0, 1), 1);
  EXPECT_EQ(ring.first_missing(1, 10, 100), (number_range{1, 1}));
  EXPECT_EQ(ring.first_missing(2, 10, 100), (number_range{3, 4}));
  EXPECT_EQ(ring.first_missing(5, 10, 100), (number_range{7, 8}));
  EXPECT_EQ(ring.first_missing(5, 10, 1), (number_range{7, 7}));
  EXPECT_EQ(ring.first_missing(5, 7, 100), std::nullopt);
  EXPECT_EQ(ring.first_missing(9, 9, 100), std::nullopt);
  EXPECT_EQ((number_range{3, 4}).size(), 2u);
  EXPECT_THAT(ring.held_between(1, 9), ElementsAre(2, 5, 6));
  ring.clear();
  EXPECT_THAT(ring.held_between(0, UINT64_MAX), IsEmpty());
}

TEST(SdkMessageRing, FarNumbersFindTheirSlot) {
  message_ring ring{7, 4};
  const uint64_t far = UINT64_MAX - 1;
  EXPECT_NE(ring.put(far, message(7, 4), 1), nullptr);
  EXPECT_TRUE(ring.holds(far));
  EXPECT_EQ(ring.first_missing(far, UINT64_MAX, 5), std::nullopt);
}

} // namespace
} // namespace tickplant::sdk
