// The bytes of a captured TCP connection in their order.
#include "runtime/tools/replay/tcp_flow.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tickplant::replay {
namespace {

struct Flow : testing::Test {
  tcp_flow::state take(uint32_t sequence, const std::string& bytes, bool is_start = false, bool is_end = false) {
    record each;
    each.kind = record_kind::segment;
    each.data = reinterpret_cast<const uint8_t*>(bytes.data());
    each.size = static_cast<uint32_t>(bytes.size());
    each.tcp = {sequence, is_start, is_end};
    return flow.take(each, out);
  }
  std::string text() const { return {out.begin(), out.end()}; }

  tcp_flow flow;
  std::vector<uint8_t> out;
};

using state = tcp_flow::state;

TEST_F(Flow, BeginsBehindItsFirstSegment) {
  EXPECT_EQ(take(41, "", true), state::open);
  EXPECT_EQ(take(42, "ab"), state::open);
  EXPECT_EQ(take(44, "cd"), state::open);
  EXPECT_EQ(text(), "abcd");
}

TEST_F(Flow, BeginsInTheMidstOfAConnection) {
  take(1'000, "ab");
  take(1'002, "cd");
  EXPECT_EQ(text(), "abcd");
}

TEST_F(Flow, PutsSegmentsInOrderAndDropsRepeats) {
  take(0, "", true);
  take(5, "ef");
  take(3, "cd");
  EXPECT_EQ(text(), "");
  take(1, "ab");
  EXPECT_EQ(text(), "abcdef");
  take(1, "ab");
  take(0, "", true);
  take(5, "efgh"); // partly known
  take(3, "cd");
  EXPECT_EQ(text(), "abcdefgh");
}

TEST_F(Flow, LongerCopiesBehindAHoleWinAndOverlapsCountOnce) {
  take(0, "", true);
  take(3, "c");
  take(3, "cde");
  take(4, "def");
  take(1, "ab");
  EXPECT_EQ(text(), "abcdef");
}

TEST_F(Flow, SequenceNumbersWrapAround) {
  take(0xFFFFFFFE, "ab");
  take(2, "ef");
  take(0, "cd");
  EXPECT_EQ(text(), "abcdef");
}

TEST_F(Flow, EndsBehindItsLastByte) {
  take(0, "", true);
  EXPECT_EQ(take(3, "cd", false, true), state::open) << "bytes before it are missing";
  EXPECT_EQ(take(1, "ab"), state::ended);
  EXPECT_EQ(text(), "abcd");
}

TEST_F(Flow, AHoleThatStaysBreaksItWithinBounds) {
  take(0, "", true);
  const std::string much(60'000, 'x');
  state last = state::open;
  size_t taken = 0;
  for (uint32_t at = 2; last == state::open && taken < 1'000; at += 60'000, ++taken) last = take(at, much);
  EXPECT_EQ(last, state::broken);
  EXPECT_LE(taken * much.size(), tcp_flow::most_held_bytes + much.size());
}

TEST_F(Flow, ASegmentThatWasCutShortBreaksIt) {
  record each;
  each.is_truncated = true;
  EXPECT_EQ(flow.take(each, out), state::broken);
}

} // namespace
} // namespace tickplant::replay
