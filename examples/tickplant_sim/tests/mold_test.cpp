#include "tickplant_sim/message_store.hpp"
#include "tickplant_sim/nasdaq/itch_encoder.hpp"
#include "tickplant_sim/nasdaq/mold_packet.hpp"

#include <gtest/gtest.h>
#include <string>

namespace tickplant::sim {
namespace {

using nasdaq::block_buffer;

block_buffer block_of(std::size_t length, std::uint8_t fill) {
  block_buffer block(2 + length, fill);
  block[0] = static_cast<std::uint8_t>(length >> 8);
  block[1] = static_cast<std::uint8_t>(length);
  return block;
}

TEST(MoldPacket, BeginsWithSessionSequenceAndCount) {
  nasdaq::mold_packet packet{nasdaq::make_session_name("SIM1")};
  packet.begin(0x0102030405060708);
  packet.add(block_of(3, 'x'));
  packet.add(block_of(0, 0));
  const block_buffer expected{'S', 'I', 'M', '1', ' ', ' ', ' ', ' ', ' ', ' ', 1,   2, 3, 4,
                              5,   6,   7,   8,   0,   2,   0,   3,   'x', 'x', 'x', 0, 0};
  EXPECT_EQ(block_buffer(packet.bytes().begin(), packet.bytes().end()), expected);
}

TEST(MoldPacket, TakesWholeMessagesUpToItsLimit) {
  nasdaq::mold_packet packet{nasdaq::make_session_name("S")};
  packet.begin(1);
  const auto block = block_of(36, 'A');
  while (packet.fits(block)) packet.add(block);
  EXPECT_EQ(packet.count(), 36);
  EXPECT_LE(packet.bytes().size(), 1400u);
  packet.begin(37);
  EXPECT_EQ(packet.count(), 0);
  EXPECT_EQ(packet.bytes().size(), 20u);
}

TEST(MoldPacket, MarksTheEndOfTheSession) {
  nasdaq::mold_packet packet{nasdaq::make_session_name("S")};
  packet.begin(9);
  packet.mark_end_of_session();
  EXPECT_EQ(packet.bytes()[17], 9);
  EXPECT_EQ(packet.bytes()[18], 0xFF);
  EXPECT_EQ(packet.bytes()[19], 0xFF);
  packet.begin(9);
  EXPECT_EQ(packet.bytes()[18], 0);
}

TEST(FirstBlock, IsEmptyWhenTheRunEndsInsideIt) {
  const auto block = block_of(5, 'z');
  EXPECT_EQ(nasdaq::first_block(block).size(), 7u);
  EXPECT_TRUE(nasdaq::first_block(std::span{block}.first(6)).empty());
  EXPECT_TRUE(nasdaq::first_block(std::span{block}.first(1)).empty());
}

TEST(MessageStore, GivesBackEveryMessageByItsSequenceNumber) {
  message_store store{10 << 20};
  for (std::uint8_t i = 0; i < 200; ++i)
    for (int n = 0; n < 50; ++n) store.append(block_of(20, i));
  EXPECT_EQ(store.next_sequence(), 10'001u);
  for (std::uint64_t s = 1; s <= 10'000; ++s) {
    ASSERT_EQ(store.block(s).size(), 22u);
    ASSERT_EQ(store.block(s)[2], (s - 1) / 50);
  }
  EXPECT_TRUE(store.block(0).empty());
  EXPECT_TRUE(store.block(10'001).empty());
}

TEST(MessageStore, ForgetsTheOldestAboveItsLimit) {
  message_store store{200'000};
  for (int n = 0; n < 50'000; ++n) store.append(block_of(40, static_cast<std::uint8_t>(n)));
  EXPECT_GT(store.first_sequence(), 40'000u);
  EXPECT_TRUE(store.block(store.first_sequence() - 1).empty());
  EXPECT_FALSE(store.block(store.first_sequence()).empty());
  EXPECT_FALSE(store.block(50'000).empty());
}

TEST(ItchEncoder, WritesAnAddOrderAsTheDocumentLaysItOut) {
  block_buffer out;
  nasdaq::itch_encoder encoder{out};
  encoder.add_attributed_order({14, 0x0A0B0C0D0E0F}, 0x1122334455667788, side::sell, 300, "AAPL", 1'750'100, "GSCO");
  const block_buffer expected{0,    40,   'F',  0,    14,   0,    0,    0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x11,
                              0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 'S',  0,    0,    1,    0x2C, 'A',  'A',
                              'P',  'L',  ' ',  ' ',  ' ',  ' ',  0,    0x1A, 0xB4, 0x54, 'G',  'S',  'C',  'O'};
  EXPECT_EQ(out, expected);
  EXPECT_EQ(encoder.count(), 1u);
}

} // namespace
} // namespace tickplant::sim
