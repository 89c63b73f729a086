// The rules of the venue document, C1 and E, as tables: one row per rule.
#include "depth_sync.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tickplant::binance {
namespace {

using enum diff_verdict;

class DepthSync : public ::testing::Test {
protected:
  diff_verdict diff(uint64_t first, uint64_t last, std::string_view frame = "frame") {
    const auto v = sync.on_diff({first, last}, frame, 0);
    if (v == apply) sync.applied({first, last});
    return v;
  }
  void go_live(uint64_t id) {
    diff(id, id);
    sync.requested();
    ASSERT_EQ(sync.judge_snapshot(id), depth_sync::join::fits);
    sync.joined(id);
    sync.take_buffer();
    ASSERT_EQ(sync.state(), sync_state::live);
  }
  /// Answers a snapshot and feeds what waited, as the plugin does; the verdicts in order.
  std::vector<diff_verdict> join(uint64_t id) {
    sync.joined(id);
    const auto waited = sync.take_buffer();
    std::vector<diff_verdict> out;
    for (size_t i = 0; i < waited.count(); ++i) out.push_back(diff(waited.at(i).ids.first, waited.at(i).ids.last));
    return out;
  }
  buffer_budget budget{1u << 20};
  depth_sync sync{{1'000, 8}, budget};
};

TEST_F(DepthSync, JudgesEveryRelationToTheBookId) {
  struct row {
    uint64_t first, last;
    continuity wanted;
  };
  const row table[] = {
    {90, 99, continuity::old},                                 // E: u <= book id
    {90, 100, continuity::old},                                // H, "ignore rule": equal adds nothing
    {100, 100, continuity::old},                               //
    {101, 101, continuity::next},                              // U = previous u + 1
    {101, 200, continuity::next}, {90, 101, continuity::next}, // E, overlap: U <= book id < u
    {100, 150, continuity::next}, {102, 102, continuity::gap}, // E: U > book id + 1
    {500, 900, continuity::gap},
  };
  for (const auto& r : table) EXPECT_EQ(judge(100, {r.first, r.last}), r.wanted) << r.first << ".." << r.last;
}

TEST_F(DepthSync, BuffersUntilTheSnapshotAndJoinsByTheDocumentedProcedure) {
  EXPECT_EQ(sync.state(), sync_state::idle);
  EXPECT_EQ(diff(90, 95), held);
  EXPECT_EQ(sync.state(), sync_state::buffering);
  sync.requested();
  EXPECT_EQ(sync.state(), sync_state::snapshot_requested);
  EXPECT_EQ(diff(96, 99), held);
  EXPECT_EQ(diff(100, 110), held);
  EXPECT_EQ(diff(111, 111), held);
  ASSERT_EQ(sync.judge_snapshot(99), depth_sync::join::fits);
  EXPECT_EQ(join(99), (std::vector{before, before, apply, apply}));
  EXPECT_EQ(sync.book_id(), 111u);
  EXPECT_EQ(diff(112, 120), apply);
}

TEST_F(DepthSync, TakesASnapshotFromTheMiddleOfADiff) {
  diff(90, 110);
  sync.requested();
  EXPECT_EQ(join(100), (std::vector{apply})) << "U <= lastUpdateId + 1 <= u: values are absolute";
}

TEST_F(DepthSync, AsksAgainForASnapshotThatIsTooOldAndKeepsTheBuffer) {
  diff(100, 105);
  diff(106, 107);
  sync.requested();
  EXPECT_EQ(sync.judge_snapshot(98), depth_sync::join::too_old);
  sync.request_failed();
  EXPECT_EQ(sync.state(), sync_state::buffering);
  EXPECT_EQ(sync.buffered(), 2u);
  sync.requested();
  EXPECT_EQ(sync.judge_snapshot(99), depth_sync::join::fits) << "lastUpdateId = U - 1 is contiguous";
  EXPECT_EQ(join(99), (std::vector{apply, apply}));
}

TEST_F(DepthSync, AcceptsASnapshotNewerThanAllThatWasBuffered) {
  diff(90, 95);
  sync.requested();
  ASSERT_EQ(sync.judge_snapshot(200), depth_sync::join::fits);
  EXPECT_EQ(join(200), (std::vector{before}));
  EXPECT_EQ(diff(96, 150), before);
  EXPECT_EQ(diff(151, 210), apply) << "the diff that covers lastUpdateId + 1";
  EXPECT_EQ(diff(96, 150), old);
}

TEST_F(DepthSync, IgnoresASnapshotThatNobodyAskedFor) {
  EXPECT_EQ(sync.judge_snapshot(10), depth_sync::join::not_awaited);
  diff(90, 95);
  EXPECT_EQ(sync.judge_snapshot(95), depth_sync::join::not_awaited);
  go_live(96);
  EXPECT_EQ(sync.judge_snapshot(96), depth_sync::join::not_awaited);
}

TEST_F(DepthSync, LosesTheBookAtAGapKeepsTheDiffAndJoinsAgain) {
  go_live(100);
  EXPECT_EQ(diff(101, 105), apply);
  EXPECT_EQ(diff(107, 110), gap);
  EXPECT_TRUE(sync.in_gap());
  EXPECT_EQ(sync.buffered(), 1u);
  sync.requested();
  EXPECT_EQ(diff(111, 112), held);
  EXPECT_EQ(sync.judge_snapshot(105), depth_sync::join::too_old) << "the missing number is not in it";
  ASSERT_EQ(sync.judge_snapshot(106), depth_sync::join::fits);
  EXPECT_EQ(join(106), (std::vector{apply, apply}));
  EXPECT_FALSE(sync.in_gap());
}

TEST_F(DepthSync, StartsTheBufferAnewAtAHoleInIt) {
  diff(90, 95);
  EXPECT_EQ(diff(99, 100), hole);
  EXPECT_EQ(sync.buffered(), 1u);
  sync.requested();
  EXPECT_EQ(sync.judge_snapshot(97), depth_sync::join::too_old);
  EXPECT_EQ(sync.judge_snapshot(98), depth_sync::join::fits);
}

TEST_F(DepthSync, IgnoresDuplicatesWhileBuffering) {
  diff(90, 95);
  EXPECT_EQ(diff(90, 95), old);
  EXPECT_EQ(diff(80, 85), old);
  EXPECT_EQ(diff(94, 97), held) << "overlap";
  EXPECT_EQ(sync.buffered(), 2u);
}

TEST_F(DepthSync, DropsEverythingWhenACountOrSizeLimitIsPassed) {
  for (uint64_t i = 1; i <= 8; ++i) ASSERT_EQ(diff(i, i), held);
  EXPECT_EQ(diff(9, 9), overflow);
  EXPECT_EQ(sync.buffered(), 1u);
  sync.requested();
  EXPECT_EQ(sync.judge_snapshot(7), depth_sync::join::too_old);
  EXPECT_EQ(sync.judge_snapshot(8), depth_sync::join::fits);
  const std::string big(600, 'x');
  EXPECT_EQ(diff(10, 10, big), held);
  EXPECT_EQ(diff(11, 11, big), overflow);
  EXPECT_EQ(budget.bytes, 600u);
  EXPECT_EQ(diff(12, 12, std::string(2'000, 'x')), overflow) << "larger than the whole buffer";
  EXPECT_EQ(sync.buffered(), 0u);
  EXPECT_EQ(sync.judge_snapshot(11), depth_sync::join::too_old);
  EXPECT_EQ(sync.judge_snapshot(12), depth_sync::join::fits);
}

TEST_F(DepthSync, SharesOneBudgetWithOtherSymbols) {
  budget.bytes_limit = 10;
  depth_sync other{{1'000, 8}, budget};
  EXPECT_EQ(other.on_diff({1, 1}, "12345678", 0), held);
  EXPECT_EQ(diff(1, 1, "12345678"), overflow);
  other.reset();
  EXPECT_EQ(budget.bytes, 0u);
  EXPECT_EQ(diff(2, 2, "12345678"), held);
}

TEST_F(DepthSync, ResynchronisesWithoutAGapAndWithoutANewDiff) {
  go_live(100);
  diff(101, 105);
  sync.resynchronise();
  EXPECT_EQ(sync.state(), sync_state::buffering);
  sync.requested();
  EXPECT_EQ(sync.judge_snapshot(104), depth_sync::join::too_old) << "105 was applied before and does not come again";
  ASSERT_EQ(sync.judge_snapshot(105), depth_sync::join::fits);
  EXPECT_EQ(diff(106, 107), held);
  EXPECT_EQ(join(105), (std::vector{apply}));
}

TEST_F(DepthSync, SeesAGapThatOpensWhileItResynchronises) {
  go_live(100);
  sync.resynchronise();
  EXPECT_EQ(diff(99, 100), old);
  EXPECT_EQ(diff(102, 103), hole);
  EXPECT_TRUE(sync.in_gap());
}

TEST_F(DepthSync, LeavesAGapBehindIfADiffCouldNotBeApplied) {
  go_live(100);
  EXPECT_EQ(sync.on_diff({101, 102}, "x", 0), apply); // never reported as applied
  EXPECT_EQ(diff(103, 104), gap);
}

TEST_F(DepthSync, TakesALongRunOfLowerIdsForANewNumbering) {
  go_live(1'000'000);
  EXPECT_EQ(diff(1'000'001, 1'000'001), apply);
  uint64_t id = 1;
  for (; id < 64; ++id) ASSERT_EQ(diff(id, id), old);
  EXPECT_EQ(diff(id, id), restarted);
  sync.requested();
  EXPECT_EQ(sync.judge_snapshot(62), depth_sync::join::too_old);
  EXPECT_EQ(sync.judge_snapshot(63), depth_sync::join::fits);
}

TEST_F(DepthSync, JoinsAQuietBookWithoutAnyDiff) {
  sync.requested();
  ASSERT_EQ(sync.judge_snapshot(50), depth_sync::join::fits);
  EXPECT_TRUE(join(50).empty());
  EXPECT_EQ(diff(51, 51), apply);
}

TEST_F(DepthSync, ForgetsEverythingWhenTheStreamEnds) {
  go_live(100);
  diff(200, 201);
  sync.reset();
  EXPECT_EQ(sync.state(), sync_state::idle);
  EXPECT_EQ(sync.buffered(), 0u);
  EXPECT_EQ(budget.bytes, 0u);
  EXPECT_EQ(diff(5, 6), held) << "ids prove nothing across connections";
}

TEST(RisingIds, FindsDuplicatesGapsAndANewNumbering) {
  rising_ids ids;
  uint64_t missed = 0;
  using enum rising_ids::verdict;
  EXPECT_EQ(ids.on_id(10, 10, missed), fresh);
  EXPECT_EQ(missed, 0u) << "the first one proves nothing";
  EXPECT_EQ(ids.on_id(10, 10, missed), rising_ids::verdict::old);
  EXPECT_EQ(ids.on_id(11, 11, missed), fresh);
  EXPECT_EQ(ids.on_id(15, 18, missed), fresh);
  EXPECT_EQ(missed, 3u);
  EXPECT_EQ(ids.on_id(17, 20, missed), fresh) << "overlap";
  EXPECT_EQ(missed, 0u);
  for (int i = 1; i < 64; ++i) ASSERT_EQ(ids.on_id(3, 3, missed), rising_ids::verdict::old);
  EXPECT_EQ(ids.on_id(4, 4, missed), rising_ids::verdict::restarted);
  EXPECT_EQ(ids.on_id(5, 5, missed), fresh);
}

} // namespace
} // namespace tickplant::binance
