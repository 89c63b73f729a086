// Heads and control messages, byte by byte from the tables of the Common Client specification.
#include "feed_builder.hpp"

#include "codec.hpp"

namespace tickplant::nyse::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

TEST(Codec, ReadsAPacketOfTheSpecificationsLayout) {
  const bytes raw{0x18, 0x00, 11, 1, 0x0A, 0, 0, 0, 0x00, 0xCA, 0x54, 0x65, 0x05, 0, 0, 0, 8, 0, 99, 0, 1, 2, 3, 4};
  const auto p = read_packet(raw.data(), raw.size());
  ASSERT_TRUE(p);
  EXPECT_EQ(p->sequence, 10u);
  EXPECT_EQ(p->count, 1u);
  EXPECT_EQ(p->end(), 11u);
  EXPECT_EQ(p->flag, delivery::original);
  EXPECT_EQ(p->send_ns, 0x6554CA00ull * second + 5);
  EXPECT_EQ(type_of(p->messages), 99u);
  EXPECT_EQ(size_of(p->messages), 8u);
}

TEST(Codec, RefusesWhatDoesNotAddUp) {
  const auto good = packet_of(11, 5, {erased(1, 1, 1), erased(1, 2, 2)});
  ASSERT_TRUE(read_packet(good.data(), good.size()));
  for (size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(read_packet(good.data(), size)) << size;
  auto other = packet_of(11, 5, {erased(1, 1, 1), erased(1, 2, 2)}, noon, 1); // bytes are left
  EXPECT_FALSE(read_packet(other.data(), other.size()));
  other = packet_of(11, 5, {erased(1, 1, 1)}, noon, 2); // the walk ends early
  EXPECT_FALSE(read_packet(other.data(), other.size()));
  other = good;
  other[16] = 3; // shorter than its head
  EXPECT_FALSE(read_packet(other.data(), other.size()));
  other = good;
  other[16 + 25] = 26; // runs out of the packet
  EXPECT_FALSE(read_packet(other.data(), other.size()));
  other = good;
  other[0] = 15; // PktSize below its own head
  EXPECT_FALSE(read_packet(other.data(), other.size()));
}

TEST(Codec, IgnoresBytesBehindThePacketAndStepsByMessageSize) {
  auto raw = packet_of(11, 5, {pillar(100).text("longer than any edition", 60), erased(7, 1, 1)});
  raw.insert(raw.end(), {1, 2, 3});
  const auto p = read_packet(raw.data(), raw.size());
  ASSERT_TRUE(p);
  EXPECT_EQ(type_of(next_message(p->messages)), 102u);
}

TEST(Codec, ReadsHeartbeatsAsPacketsWithoutMessages) {
  const auto raw = packet_of(1, 62, {});
  const auto p = read_packet(raw.data(), raw.size());
  ASSERT_TRUE(p);
  EXPECT_TRUE(p->is_heartbeat());
  EXPECT_EQ(p->end(), 62u);
}

// The request of the synthetic capture, byte by byte.
TEST(Codec, WritesARetransmissionRequestAsTheServerExpectsIt) {
  const auto raw = retransmission_request(1, noon, {"TESTCLIENT", 11, 1}, 29, 31);
  ASSERT_EQ(raw.size(), 40u);
  EXPECT_THAT(bytes(raw.begin(), raw.begin() + 8), ElementsAre(40, 0, 11, 1, 1, 0, 0, 0));
  EXPECT_THAT(bytes(raw.begin() + 16, raw.end()), ElementsAre(0x18, 0, 10, 0, 29, 0, 0, 0, 31, 0, 0, 0, 'T', 'E', 'S',
                                                              'T', 'C', 'L', 'I', 'E', 'N', 'T', 11, 1));
}

TEST(Codec, PadsAShortSourceIdWithNulls) {
  const auto refresh = refresh_request(7, noon, {"ME", 157, 3}, 258);
  EXPECT_THAT(bytes(refresh.begin() + 16, refresh.end()),
              ElementsAre(20, 0, 15, 0, 2, 1, 0, 0, 'M', 'E', 0, 0, 0, 0, 0, 0, 0, 0, 157, 3));
  const auto mappings = mapping_request(8, noon, {"ME", 157, 3}, 0);
  EXPECT_THAT(bytes(mappings.begin() + 16, mappings.end()),
              ElementsAre(21, 0, 13, 0, 0, 0, 0, 0, 'M', 'E', 0, 0, 0, 0, 0, 0, 0, 0, 157, 3, 0));
  const auto pulse = heartbeat_response(9, noon, "ME");
  EXPECT_THAT(bytes(pulse.begin() + 16, pulse.end()), ElementsAre(14, 0, 12, 0, 'M', 'E', 0, 0, 0, 0, 0, 0, 0, 0));
}

TEST(Codec, ReadsResponsesUnavailableRangesAndResets) {
  const auto r = read_response(response(5, '6', 10, 20, 3).data());
  ASSERT_TRUE(r);
  EXPECT_EQ(r->request, 5u);
  EXPECT_EQ(r->from, 10u);
  EXPECT_EQ(r->to, 20u);
  EXPECT_EQ(r->product, 11);
  EXPECT_EQ(r->channel, 3);
  EXPECT_EQ(r->status, '6');
  const auto u = read_unavailable(unavailable(3, 9).data());
  ASSERT_TRUE(u);
  EXPECT_EQ(u->from, 3u);
  EXPECT_EQ(u->to, 9u);
  const auto s = read_reset(reset(noon_s, 17, 59, 2).data());
  ASSERT_TRUE(s);
  EXPECT_EQ(s->source_ns, noon + 17);
  EXPECT_EQ(s->product, 59);
  EXPECT_EQ(s->channel, 2);
}

TEST(Codec, ReadsTheLongAndTheShortRefreshHead) {
  const auto first = read_refresh_head(refresh_head(1, 2, 31, 5).data());
  ASSERT_TRUE(first && first->last_sequence);
  EXPECT_EQ(*first->last_sequence, 31u);
  EXPECT_EQ(first->last_symbol_sequence, 5u);
  const auto later = read_refresh_head(refresh_head(2, 2).data());
  ASSERT_TRUE(later);
  EXPECT_FALSE(later->last_sequence);
  EXPECT_EQ(later->current, 2u);
  EXPECT_EQ(later->total, 2u);
}

TEST(Codec, RefusesControlMessagesThatAreTooShort) {
  EXPECT_FALSE(read_response(static_cast<bytes>(pillar(11).number(0, 24)).data()));
  EXPECT_FALSE(read_unavailable(static_cast<bytes>(pillar(31).number(0, 8)).data()));
  EXPECT_FALSE(read_reset(static_cast<bytes>(pillar(1).number(0, 8)).data()));
  EXPECT_FALSE(read_refresh_head(static_cast<bytes>(pillar(35).number(0, 3)).data()));
}

TEST(Codec, NamesEveryStatusOfTheSpecification) {
  for (const char status : std::string{"0123456789"}) EXPECT_FALSE(meaning_of_status(status).empty());
  EXPECT_NE(meaning_of_status('x'), meaning_of_status('1'));
}

} // namespace
} // namespace tickplant::nyse::testing
