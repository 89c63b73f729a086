// SoupBinTCP packets by the specification's tables (notes, section 4), and the real heartbeats of a captured
// connection.
#include "feed_builder.hpp"

#include <filesystem>
#include <fstream>

namespace tickplant::nasdaq::testing {
namespace {

std::string text_of(std::span<const uint8_t> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

bytes letters(const std::string& text) {
  return {text.begin(), text.end()};
}

TEST(Soup, CutsPacketsWhereverTheBytesEnd) {
  const bytes all = joined({soup('+', {'h', 'i'}), soup('H'), soup('S', {1, 2, 3}), soup('Z')});
  for (size_t cut = 0; cut <= all.size(); ++cut) {
    std::string types;
    std::vector<size_t> sizes;
    bytes unread;
    for (size_t i = 0; i < all.size(); ++i) {
      unread.push_back(all[i]);
      if (i + 1 < cut && i + 1 != all.size()) continue; // the first `cut` bytes at once, then one by one
      std::span<const uint8_t> rest{unread};
      soup_packet packet;
      while (cut_soup(rest, packet) == soup_cut::packet) {
        types += packet.type;
        sizes.push_back(packet.size);
      }
      unread.erase(unread.begin(), unread.end() - static_cast<long>(rest.size()));
    }
    EXPECT_EQ(types, "+HSZ") << cut;
    EXPECT_EQ(sizes, (std::vector<size_t>{2, 0, 3, 0})) << cut;
    EXPECT_TRUE(unread.empty());
  }
}

TEST(Soup, CannotCutBehindALengthOfZero) {
  const bytes zero{0, 0, 'H'};
  std::span<const uint8_t> rest{zero};
  soup_packet packet;
  EXPECT_EQ(cut_soup(rest, packet), soup_cut::broken);
}

TEST(Soup, LoginRequestIsThatOfTheVersion) {
  const auto old = soup_login_request({"user", "secret", "", 1}, soup_version::v3_00, 15'000);
  EXPECT_EQ(text_of(old), std::string("\0\x2FL", 3) + "user  " + "secret    " + "          " + "                   1");
  EXPECT_EQ(soup_login_request({"user", "secret", "", 1}, soup_version::v4_00, 15'000), old);
  const auto extended = soup_login_request({"USER12", "PASSWORD12", "TST0000001", 0}, soup_version::v4_10, 15'000);
  EXPECT_EQ(text_of(extended),
            std::string("\0\x34L", 3) + "USER12PASSWORD12TST0000001" + "                   0" + "15000");
}

TEST(Soup, ReadsTheAnswerToALoginWithBlanksOnEitherSide) {
  const auto read = [](const bytes& packet) {
    std::span<const uint8_t> rest{packet};
    soup_packet cut;
    EXPECT_EQ(cut_soup(rest, cut), soup_cut::packet);
    const auto answer = read_soup_accepted(cut);
    return answer ? std::string{answer->session} + '/' + std::to_string(answer->sequence) : "none";
  };
  EXPECT_EQ(read(soup_accepted("TST01", 77)), "TST01/77");
  EXPECT_EQ(read(soup('A', letters("TST01     77                  "))), "TST01/77");
  EXPECT_EQ(read(soup('A', letters("     TST0100000000000000000077"))), "TST01/77");
  for (const std::string bad : {"                   0", "                    ", "                 1 2",
                                "                  -1", "99999999999999999999", "                  1x"})
    EXPECT_EQ(read(soup('A', letters("     TST01" + bad))), "none") << bad;
  EXPECT_EQ(read(soup('A', letters("     TST01"))), "none") << "cut short";
}

/// The TCP payload of the first packet of a classic pcap file with an Ethernet link.
bytes tcp_payload(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  const bytes all{std::istreambuf_iterator<char>{file}, {}};
  constexpr size_t ip = 24 + 16 + 14;
  if (all.size() < ip + 20) return {};
  const size_t ip_header = (all[ip] & 15u) * 4u, ip_length = sdk::be16(&all[ip + 2]);
  const size_t tcp = ip + ip_header, tcp_header = (all.at(tcp + 12) >> 4) * size_t{4};
  return {all.begin() + static_cast<long>(tcp + tcp_header), all.begin() + static_cast<long>(ip + ip_length)};
}

TEST(Soup, RealHeartbeatsAreOurs) {
  const std::string folder = std::string{TP_SHARED_DIR} + "/data/nasdaq/soupbin_packets/";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "captures are missing: " << folder;
  const auto client = tcp_payload(folder + "ClientHeartbeatPacket.pcap");
  EXPECT_EQ(client, bytes(soup_client_heartbeat.begin(), soup_client_heartbeat.end()));
  const auto server = tcp_payload(folder + "ServerHeartbeatPacket.pcap");
  std::span<const uint8_t> rest{server};
  soup_packet packet;
  ASSERT_EQ(cut_soup(rest, packet), soup_cut::packet);
  EXPECT_EQ(packet.type, 'H');
  EXPECT_EQ(packet.size, 0u);
  EXPECT_TRUE(rest.empty());
}

} // namespace
} // namespace tickplant::nasdaq::testing
