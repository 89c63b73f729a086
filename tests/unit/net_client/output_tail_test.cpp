// What waits for a client comes out as it went in, however it was kept; and takes little.
#include "runtime/net/client/output_tail.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace tickplant::net {
namespace {

std::vector<uint8_t> bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

/// Of an answer: a line for each name.
std::string answer(size_t names) {
  std::string text = "{\"type\":\"ACK\",\"results\":[";
  for (size_t i = 0; i < names; ++i) {
    const auto name = "SYNTHETIC:S" + std::to_string(i);
    text += "{\"symbol\":\"" + name + "\",\"exchange\":\"SYNTHETIC\",\"status\":\"ok\",\"streams\":[\"" + name +
            "/STATE\",\"" + name + "/TRADES\",\"" + name + "/BOOK\"]},";
  }
  return text + "]}";
}

TEST(OutputTail, KeepsALongAnswerInATenthOfItsLength) {
  tail_packer packer;
  output_tail tail;
  const auto text = answer(1'024);
  ASSERT_GT(text.size(), 140'000u);
  tail.add_data(bytes(std::string(5'000, 'd')), packer);
  tail.add_reply(bytes(text), packer);
  EXPECT_EQ(tail.waiting(), 5'000 + text.size());
  EXPECT_EQ(tail.waiting_replies(), text.size());
  EXPECT_LT(tail.memory(), 2 * output_tail::block_size + text.size() / 10);
}

TEST(OutputTail, LeavesWhatIsShortAsItIs) {
  tail_packer packer;
  output_tail tail;
  tail.add_data(bytes(std::string(1'000, 'd')), packer);
  tail.add_reply(bytes("reply"), packer);
  EXPECT_EQ(tail.next(packer).size(), 1'005u);
  tail.taken(1'005);
  EXPECT_TRUE(tail.next(packer).empty());
  EXPECT_EQ(tail.waiting(), 0u);
}

// A TLS record that was offered has to be offered again as it was: it stays in front, unpacked.
TEST(OutputTail, NeverMovesTheBytesThatAreNextByMoreThanTheyWereTaken) {
  tail_packer packer;
  output_tail tail;
  std::string expected;
  for (int i = 0; i < 9'000; ++i) expected += std::to_string(i);
  tail.add_data(bytes(expected), packer);
  const auto offered = tail.next(packer).first(output_tail::block_size);
  const std::string before{offered.begin(), offered.end()};
  tail.add_reply(bytes(answer(500)), packer);
  const auto again = tail.next(packer);
  ASSERT_GE(again.size(), before.size());
  EXPECT_EQ(std::string(again.begin(), again.begin() + static_cast<std::ptrdiff_t>(before.size())), before);
}

class OutputTailProperty : public ::testing::TestWithParam<uint32_t> {};

TEST_P(OutputTailProperty, WhatGoesInComesOutInOrder) {
  std::mt19937 random{GetParam()};
  const auto below = [&](size_t bound) { return static_cast<size_t>(random() % bound); };
  tail_packer packer;
  output_tail tail;
  std::string expected, got;
  std::string data(below(120'000), ' ');
  for (auto& c : data) c = static_cast<char>('a' + below(4));
  tail.add_data(bytes(data), packer);
  expected += data;
  for (int step = 0; step < 300; ++step) {
    if (below(3) != 0) {
      std::string more(below(5) == 0 ? below(100'000) : below(500), ' ');
      for (auto& c : more) c = static_cast<char>(random());
      tail.add_reply(bytes(more), packer);
      expected += more;
    }
    for (size_t sends = below(4); sends > 0; --sends) {
      const auto next = tail.next(packer);
      const size_t count = next.empty() ? 0 : 1 + below(next.size());
      got.append(next.begin(), next.begin() + static_cast<std::ptrdiff_t>(count));
      tail.taken(count);
    }
    ASSERT_EQ(tail.waiting(), expected.size() - got.size());
    ASSERT_EQ(tail.waiting_replies(), expected.size() - std::max(got.size(), data.size()));
  }
  for (auto next = tail.next(packer); !next.empty(); next = tail.next(packer)) {
    got.append(next.begin(), next.end());
    tail.taken(next.size());
  }
  EXPECT_TRUE(got == expected);
  EXPECT_LE(tail.memory(), output_tail::most_plain_data);
}

INSTANTIATE_TEST_SUITE_P(Seeds, OutputTailProperty, ::testing::Range(1u, 30u));

} // namespace
} // namespace tickplant::net
