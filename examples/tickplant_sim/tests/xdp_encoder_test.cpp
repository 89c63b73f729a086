#include "tickplant_sim/nyse/xdp_encoder.hpp"
#include "tickplant_sim/nyse/xdp_packet.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace tickplant::sim::nyse {
namespace {

using bytes = std::vector<std::uint8_t>;

/// Bytes from hexadecimal text; anything else in it is left out.
bytes hex(std::string_view text) {
  bytes out;
  int high = -1;
  for (const char c : text) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) continue;
    if (high < 0) {
      high = digit;
    } else {
      out.push_back(static_cast<std::uint8_t>(high * 16 + digit));
      high = -1;
    }
  }
  return out;
}

template <class Write>
bytes encoded(const Write& write) {
  bytes out;
  xdp_encoder encoder{out};
  write(encoder);
  return out;
}

constexpr message_stamp stamp{0x60000001, 0x0A0B0C0D, 0x1366, 6};

TEST(XdpEncoder, WritesAMappingAsWorkedByHand) {
  EXPECT_EQ(
    encoded([](xdp_encoder& e) {
      e.mapping({4001, "BRK.A", 'N', 3, 'C', 515'000'000, 77});
    }),
    hex("2c00 0300 a10f0000 42524b2e41000000000000 00 0100 01 4e 03 43 6400 c046b21e 4d000000 00 59 6400 0100 0000"));
}

TEST(XdpEncoder, WritesOrderMessagesAsWorkedByHand) {
  EXPECT_EQ(encoded([](xdp_encoder& e) { e.add_order(stamp, 0x0102030405060708, 1'753'100, 300, side::sell, "GSCO"); }),
            hex("2700 6400 0d0c0b0a 66130000 06000000 0807060504030201 0cc01a00 2c010000 53 4753434f00 00"));
  EXPECT_EQ(encoded([](xdp_encoder& e) { e.modify_order(stamp, 5, 1'000'000, 200, side::buy); }),
            hex("2300 6500 0d0c0b0a 66130000 06000000 0500000000000000 40420f00 c8000000 00 42 00"));
  EXPECT_EQ(encoded([](xdp_encoder& e) { e.execution(stamp, 5, 9, 1'000'000, 200, true); }),
            hex("2a00 6700 0d0c0b0a 66130000 06000000 0500000000000000 09000000 40420f00 c8000000 01 00 40202020"));
  EXPECT_EQ(encoded([](xdp_encoder& e) { e.add_order_refresh(stamp, 5, 1'000'000, 200, side::buy); }),
            hex("2b00 6a00 01000060 0d0c0b0a 66130000 06000000 0500000000000000 40420f00 c8000000 42 0000000000 00"));
}

TEST(XdpEncoder, WritesTradesAndTheirCorrectionsAsWorkedByHand) {
  EXPECT_EQ(encoded([](xdp_encoder& e) { e.non_displayed_trade(stamp, 9, 1'000'000, 200, false); }),
            hex("2100 6e00 0d0c0b0a 66130000 06000000 09000000 40420f00 c8000000 00 40202020"));
  EXPECT_EQ(encoded([](xdp_encoder& e) { e.cross_trade(stamp, 9, 1'000'000, 200, 'O'); }),
            hex("1d00 6f00 0d0c0b0a 66130000 06000000 09000000 40420f00 c8000000 4f"));
  EXPECT_EQ(encoded([](xdp_encoder& e) { e.trade_cancel(stamp, 9); }),
            hex("1400 7000 0d0c0b0a 66130000 06000000 09000000"));
  EXPECT_EQ(encoded([](xdp_encoder& e) { e.cross_correction(stamp, 9, 300); }),
            hex("1800 7100 0d0c0b0a 66130000 06000000 09000000 2c010000"));
  EXPECT_EQ(encoded([](xdp_encoder& e) { e.retail_interest(stamp, 'A'); }),
            hex("1100 7200 0d0c0b0a 66130000 06000000 41"));
}

TEST(XdpEncoder, WritesControlMessagesAsWorkedByHand) {
  EXPECT_EQ(encoded([](xdp_encoder& e) { e.request_response(7, 10, 20, "TICKPLANT", 11, 1, '0'); }),
            hex("1d00 0b00 07000000 0a000000 14000000 5449434b504c414e5400 0b 01 30"));
  EXPECT_EQ(encoded([](xdp_encoder& e) { e.unavailable(10, 20, 11, 1); }), hex("0e00 1f00 0a000000 14000000 0b 01"));
  EXPECT_EQ(encoded([](xdp_encoder& e) { e.symbol_clear(stamp, 7); }),
            hex("1400 2000 01000060 0d0c0b0a 66130000 07000000"));
  EXPECT_EQ(encoded([](xdp_encoder& e) { e.refresh_header(1, 3, 99, 6); }),
            hex("1000 2300 0100 0300 63000000 06000000"));
  EXPECT_EQ(encoded([](xdp_encoder& e) { e.refresh_header(2, 3); }), hex("0800 2300 0200 0300"));
}

TEST(XdpPacket, CarriesItsHeadInFront) {
  xdp_packet packet;
  packet.begin(delivery::original, 0x01020304);
  packet.add(hex("0400 9903"));
  packet.add(hex("0500 9903 aa"));
  const auto made = packet.bytes(1'600'000'000'000'000'007);
  EXPECT_EQ(bytes(made.begin(), made.end()), hex("1900 0b 02 04030201 00105e5f 07000000 0400 9903 0500 9903 aa"));
}

/// The one UDP payload of a capture file of the shared folder, or nothing.
bytes payload_of(const std::string& name) {
  std::ifstream file{std::filesystem::path{TP_SHARED_DIR} / "data/nyse/omi_packets" / name, std::ios::binary};
  const bytes content{std::istreambuf_iterator<char>{file}, {}};
  if (content.size() < 40) return {};
  std::size_t at = 40 + 14; // after the file's and the record's head and the Ethernet head
  if (content[40 + 12] == 0x81) at += 4;
  at += (content[at] & 15u) * 4 + 8;
  const std::size_t size = content[at] | static_cast<std::size_t>(content[at + 1]) << 8;
  return {content.begin() + static_cast<std::ptrdiff_t>(at), content.begin() + static_cast<std::ptrdiff_t>(at + size)};
}

/// The message of a real packet, with the bytes at these offsets taken from `ours`: fields that the exchange filled
/// otherwise on that day.
void expect_same_message(const std::string& name, const bytes& ours, std::initializer_list<std::size_t> other = {}) {
  const auto packet = payload_of(name);
  if (packet.empty()) GTEST_SKIP() << "no ../shared/data/nyse/omi_packets/" << name;
  bytes message(packet.begin() + 16, packet.end());
  ASSERT_EQ(message.size(), ours.size()) << name;
  for (const auto offset : other) message[offset] = ours[offset];
  EXPECT_EQ(message, ours) << name;
}

const std::string pillar = "IntegratedFeed.Pillar.v2.5/";

TEST(XdpEncoder, WritesWhatARealAddOrderHas) {
  expect_same_message(
    pillar + "AddOrderMessage.pcap", encoded([](xdp_encoder& e) {
      e.add_order({0, 0x0A936400, 0x1366, 6}, 0x000101000000A6E9, 0x98BD90, 0x4B0, side::buy, "     ");
    }));
}

TEST(XdpEncoder, WritesWhatARealDeletionHas) {
  expect_same_message(pillar + "DeleteOrderMessage.pcap", encoded([](xdp_encoder& e) {
                        e.delete_order({0, 0x3AF5EC00, 0xBEE5, 0x11}, 0x000101000000A6AA);
                      }));
}

TEST(XdpEncoder, WritesWhatARealReplacementHas) {
  // The side came into byte 40 later.
  expect_same_message(
    pillar + "ReplaceOrderMessage.pcap", encoded([](xdp_encoder& e) {
      e.replace_order({0, 0x1D476D00, 0xE9AF, 0x3F}, 0x000101000000E985, 0x000101000000E9D6, 10'000, 200, side::buy);
    }),
    {40});
}

TEST(XdpEncoder, WritesWhatARealSecurityStatusHas) {
  expect_same_message(pillar + "SecurityStatusMessage.pcap", encoded([](xdp_encoder& e) {
                        e.security_status({0x62168491, 0x08F4E500, 0x24A4, 8}, {'5', '~', 'P'});
                      }));
}

TEST(XdpEncoder, WritesWhatARealImbalanceHas) {
  // The real auction was frozen (byte 65).
  expect_same_message(
    pillar + "ImbalanceMessage.pcap", encoded([](xdp_encoder& e) {
      e.imbalance({0x62168490, 0x0C3C0600, 0xE6CB, 14}, {10'000'000, 900, 1'100, 1406, 'C', 'B', 0, 0});
    }),
    {65});
}

TEST(XdpEncoder, WritesWhatARealStockSummaryHas) {
  expect_same_message(pillar + "StockSummaryMessage.pcap", encoded([](xdp_encoder& e) {
                        e.stock_summary({0x62166BF5, 0x0DA5F500, 0xE7BF, 0}, {0x98E4A0, 0x989680, 0x98E4A0, 0, 900});
                      }));
}

TEST(XdpEncoder, WritesWhatARealResetPacketHas) {
  const auto packet = payload_of("IntegratedFeed.Xdp.v2.1/SequenceResetMessage.pcap");
  if (packet.empty()) GTEST_SKIP() << "no ../shared/data/nyse/omi_packets";
  const auto message = encoded([](xdp_encoder& e) { e.sequence_reset({0x59CAA181, 0x0BEDC082, 0, 0}, 11, 1); });
  xdp_packet ours;
  ours.begin(delivery::sequence_reset, 1);
  ours.add(message);
  const auto made = ours.bytes(0x59CE56A7 * 1'000'000'000LL + 0x0538B4A1);
  EXPECT_EQ(bytes(made.begin(), made.end()), packet);
}

TEST(XdpEncoder, WritesWhatARealTimeReferenceHas) {
  expect_same_message("IntegratedFeed.Xdp.v2.1/SourceTimeReferenceMessage.pcap",
                      encoded([](xdp_encoder& e) { e.source_time(7, 0x59A6A1BA); }));
}

} // namespace
} // namespace tickplant::sim::nyse
