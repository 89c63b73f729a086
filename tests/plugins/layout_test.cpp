// The layout of the ABI by literals. Fails when a member moves, grows or changes its width: that needs a new major
// version.
#include <tickplant/auth.h>
#include <tickplant/compression.h>
#include <tickplant/dialect.h>
#include <tickplant/plugin.h>
#include <tickplant/venue.h>

#include <gtest/gtest.h>

#include <type_traits>

extern "C" int tp_layout_is_checked_in_c(void);

namespace {

TEST(AbiLayout, StructsHaveTheirPublishedSizesAndOffsets) {
#define TP_SIZE(type, bytes) EXPECT_EQ(sizeof(type), size_t{bytes}) << #type;
#define TP_AT(type, member, bytes) EXPECT_EQ(offsetof(type, member), size_t{bytes}) << #type "." #member;
#include "layout.inc"
#undef TP_SIZE
#undef TP_AT
}

TEST(AbiLayout, HoldsInC99Too) {
  EXPECT_EQ(tp_layout_is_checked_in_c(), 1);
}

TEST(AbiLayout, StructsAreCopiedAsBytes) {
#define TP_SIZE(type, bytes) EXPECT_TRUE(std::is_trivially_copyable_v<type>&& std::is_standard_layout_v<type>) << #type;
#define TP_AT(type, member, bytes)
#include "layout.inc"
#undef TP_SIZE
#undef TP_AT
}

TEST(AbiLayout, NumbersOnTheEdgeKeepTheirValues) {
  EXPECT_EQ(TP_EV_ADD, 1);
  EXPECT_EQ(TP_EV_LEVEL, 7);
  EXPECT_EQ(TP_EV_SNAPSHOT_END, 18);
  EXPECT_EQ(TP_OWN_SCALE, 0x1000);
  EXPECT_EQ(TP_STATE_NO_DEPTH, 8);
  EXPECT_EQ(TP_PHASE_DAY_END, 7);
  EXPECT_EQ(TP_AUCTION_EXTENDED, 5);
  EXPECT_EQ(TP_VAL_RETAIL_INTEREST, 16);
  EXPECT_EQ(TP_STREAM_DIRECTORY, 7);
  EXPECT_EQ(TP_LINE_FILE, 5);
  EXPECT_EQ(TP_LINE_FILE_END, 4);
  EXPECT_EQ(TP_CUT_PCAP, 3);
  EXPECT_EQ(TP_BOOK_QUOTE, 3);
  EXPECT_EQ(TP_REFS_SPARSE, 2);
  EXPECT_EQ(TP_REQ_ACK, 14);
  EXPECT_EQ(TP_REPLY_SHUTDOWN, 9);
  EXPECT_EQ(TP_REPLY_AUTH_EXPIRING, 12);
  EXPECT_EQ(TP_REPLY_SIGNAL, 13);
  EXPECT_EQ(TP_DATA_SIGNALS, 16);
  EXPECT_EQ(TP_SIGNAL_END, 3);
  EXPECT_EQ(TP_CARRIER_MESSAGE, 4);
  EXPECT_EQ(TP_AUTH_NEEDS_CREDENTIAL, 1u);
  EXPECT_EQ(TP_STATUS_PENDING, 6);
  EXPECT_EQ(TP_E_INTERNAL, -8);
  EXPECT_EQ(TP_PADDING, 64u);
  EXPECT_EQ(TP_KIND_BACKPLANE, 5u);
}

} // namespace
