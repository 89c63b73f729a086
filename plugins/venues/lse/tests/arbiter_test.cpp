// Units, the sequence rules over two lines, and when numbers that begin anew are believed.
#include "feed_builder.hpp"

namespace tickplant::lse::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto narrow = length_field::one_byte, wide = length_field::two_bytes;

std::optional<feed_unit> read(const bytes& data, length_field width = narrow) {
  return read_unit(data.data(), data.size(), width);
}

TEST(Unit, IsRefusedWhereItIsBroken) {
  auto good = unit(5, {executed(1, 1, 1), time_message(1)});
  ASSERT_TRUE(read(good));
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(read(bytes(good.begin(), good.begin() + static_cast<long>(size)))) << size;
  EXPECT_FALSE(read(unit(5, {bytes{0, 'E'}})));
  EXPECT_FALSE(read(unit(5, {bytes{1, 'E'}})));
  EXPECT_FALSE(read(unit(5, {bytes{9, 'E', 0}})));          // runs past the unit
  EXPECT_FALSE(read(unit(5, {executed(1, 1, 1)}, 'A', 2))); // announces more than there are
  EXPECT_FALSE(read(unit(5, {bytes{2, 0, 'F'}}), wide));    // no room for a type
  EXPECT_TRUE(read(unit(5, {bytes{3, 0, 'F'}}), wide));
  auto short_header = good;
  short_header[0] = 7;
  EXPECT_FALSE(read(short_header));
}

TEST(Unit, UsesItsOwnLengthWhereMoreFollows) {
  const auto two = read(unit(5, {executed(1, 1, 1)}) + unit(6, {executed(2, 1, 1)}));
  ASSERT_TRUE(two);
  EXPECT_TRUE(two->has_trailing);
  EXPECT_EQ(two->count, 1u);
  EXPECT_EQ(two->end(), 6u);
}

struct collector {
  std::vector<uint64_t> numbers;
  void messages(uint64_t first, const uint8_t* message, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i, message += message[0]) {
      EXPECT_EQ(sdk::le32(message + 2), first + i);
      numbers.push_back(first + i);
    }
  }
  void held(uint64_t sequence, const uint8_t* message, uint16_t) {
    EXPECT_EQ(sdk::le32(message + 2), sequence);
    numbers.push_back(sequence);
  }
};

struct Arbiter : ::testing::Test {
  arbiter sorts{1'024, 70, {narrow}};
  collector out;
  void SetUp() override { sorts.reset(1); }
  // Messages that say their own number.
  arbiter::outcome offer(uint64_t first, uint64_t last, arbiter::origin from = arbiter::origin::line) {
    std::vector<bytes> messages;
    for (uint64_t n = first; n <= last; ++n) messages.push_back(time_message(static_cast<uint32_t>(n)));
    const auto data = unit(first, messages);
    return sorts.offer(*read(data), out, from);
  }
};

TEST_F(Arbiter, DeliversEachMessageOnceInOrder) {
  EXPECT_EQ(offer(1, 3).fresh, 3u);
  EXPECT_EQ(offer(1, 3).known, 3u);
  const auto overlap = offer(2, 5);
  EXPECT_EQ(overlap.known, 2u);
  EXPECT_EQ(overlap.fresh, 2u);
  EXPECT_THAT(out.numbers, ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(Arbiter, SortsWhatComesEarly) {
  offer(1, 1);
  offer(6, 7);
  offer(4, 5);
  EXPECT_FALSE(sorts.complete());
  EXPECT_EQ(sorts.first_missing(0, 100, 100), (sdk::number_range{2, 3}));
  offer(2, 3);
  EXPECT_THAT(out.numbers, ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_TRUE(sorts.complete());
}

TEST_F(Arbiter, GoesOnBehindAHoleThatIsGivenUp) {
  offer(4, 5);
  offer(8, 9);
  sorts.skip_to(6, out);
  EXPECT_THAT(out.numbers, ElementsAre(4, 5));
  EXPECT_EQ(sorts.next(), 6u);
  sorts.skip_to(8, out);
  EXPECT_THAT(out.numbers, ElementsAre(4, 5, 8, 9));
}

TEST_F(Arbiter, TakesNothingBeyondItsHoldBuffer) {
  EXPECT_TRUE(offer(1'025, 1'025).overflow);
  EXPECT_FALSE(offer(1'024, 1'024).overflow);
}

TEST_F(Arbiter, ReplaysAheadOfTheLinesAreKeptButNoHole) {
  offer(1, 1);
  offer(3, 4, arbiter::origin::replay);
  EXPECT_TRUE(sorts.complete());
  offer(2, 2);
  EXPECT_THAT(out.numbers, ElementsAre(1, 2));
  sorts.hear_of(5);
  offer(5, 5);
  EXPECT_FALSE(sorts.complete()); // the kept ones are asked of the hold buffer when the next unit comes
  offer(3, 3);
  EXPECT_THAT(out.numbers, ElementsAre(1, 2, 3, 4, 5));
}

struct RestartWatch : ::testing::Test {
  restart_watch watch{5 * ms};
  bool offer(uint64_t first, uint32_t count, uint64_t line_next, uint64_t now, uint32_t line = 0) {
    const auto data = unit(first, std::vector<bytes>(count, time_message(1)));
    return watch.offer(*read(data), data.data(), data.size(), line, line_next, now);
  }
};

TEST_F(RestartWatch, BelievesTwoUnitsFromOneOnAfterAWhile) {
  EXPECT_TRUE(offer(1, 2, 500, 0));
  EXPECT_FALSE(watch.is_believed(ms));
  EXPECT_TRUE(offer(3, 1, 500, ms));
  EXPECT_FALSE(watch.is_believed(ms));
  EXPECT_TRUE(watch.is_believed(6 * ms));
  EXPECT_EQ(watch.take().size(), 2u);
  EXPECT_FALSE(watch.is_active());
}

TEST_F(RestartWatch, NeverBelievesASingleOldPacket) {
  offer(1, 2, 500, 0);
  EXPECT_FALSE(watch.is_believed(second));
  offer(1, 2, 500, 0, 1); // nor its copy on the other line
  EXPECT_FALSE(watch.is_believed(second));
}

TEST_F(RestartWatch, IsRefutedByNewMessagesUnderTheOldNumbers) {
  offer(1, 2, 500, 0);
  offer(3, 1, 500, ms);
  watch.note_progress(2 * ms);
  EXPECT_FALSE(watch.is_believed(second));
}

TEST_F(RestartWatch, LooksAtTheLinesOwnNumbersSoThatALaggingLineIsNone) {
  EXPECT_FALSE(offer(400, 2, 400, 0));
  EXPECT_FALSE(offer(402, 2, 402, 9 * ms));
  EXPECT_FALSE(offer(398, 2, 404, 9 * ms)); // a few packets out of order
}

// At a day's start, when a burst is overtaken by its own later units and a quiet moment follows.
TEST_F(RestartWatch, TheFirstUnitThatComesAgainLateIsNoRestart) {
  auto first = unit(1, {time_message(1), time_message(2)});
  watch.note_first(first.data(), first.size());
  first[3] = 'b'; // the other line's letter
  EXPECT_FALSE(watch.offer(*read(first), first.data(), first.size(), 1, 500, 0));
  EXPECT_FALSE(offer(3, 1, 500, 0, 1));
  EXPECT_FALSE(watch.is_believed(second));
  EXPECT_TRUE(offer(1, 2, 500, second)); // another one
}

TEST_F(RestartWatch, WantsFourUnitsWhereTheFirstOneIsMissing) {
  for (uint64_t n = 40; n < 43; ++n) offer(n, 1, 5'000, n * ms);
  EXPECT_FALSE(watch.is_believed(second));
  offer(43, 1, 5'000, 50 * ms);
  EXPECT_TRUE(watch.is_believed(second));
}

TEST_F(RestartWatch, HeartbeatsOfAFeedThatHasSentNothingCount) {
  offer(1, 0, 500, 0);
  offer(1, 0, 500, second / 2);
  EXPECT_TRUE(watch.is_believed(second / 2));
}

} // namespace
} // namespace tickplant::lse::testing
