#include "runtime/tools/replay/named_line.hpp"
#include "runtime/tools/replay/pcap_file.hpp"

#include "tests/replay/pcap_writer.hpp"
#include "tests/replay/tool.hpp"

#include <gmock/gmock.h>

namespace tickplant::replay::testing {
namespace {

using ::testing::HasSubstr;

struct read_result {
  std::vector<std::string> payloads;
  std::vector<uint64_t> times;
  std::vector<bool> truncated;
  pcap_counts counts;
  std::string fault;
};

read_result read_all(const std::vector<std::string>& paths) {
  read_result result;
  try {
    pcap_file file{paths, false};
    for (auto batch = file.next(2); !batch.empty(); batch = file.next(2))
      for (const auto& each : batch) {
        result.payloads.emplace_back(reinterpret_cast<const char*>(each.data), each.size);
        result.times.push_back(each.ns);
        result.truncated.push_back(each.is_truncated);
        EXPECT_EQ(to_text(each.from), "192.0.2.9:18000");
        EXPECT_EQ(to_text(each.to), "239.1.1.1:26400");
      }
    result.counts = file.counts();
  } catch (const input_fault& fault) {
    result.fault = fault.what();
  }
  return result;
}

TEST(PcapFile, ReadsBothByteOrdersAndBothResolutions) {
  for (const bool little : {false, true})
    for (const bool nanoseconds : {false, true}) {
      const pcap_writer to{little, nanoseconds};
      const scratch_file file{"x.pcap", to.header() + to.packet(frame("one"), 5, 7) + to.packet(frame("two"), 6, 8)};
      const auto result = read_all({file.path()});
      EXPECT_EQ(result.fault, "");
      EXPECT_EQ(result.payloads, (std::vector<std::string>{"one", "two"}));
      const uint64_t unit = nanoseconds ? 1 : 1'000;
      EXPECT_EQ(result.times, (std::vector<uint64_t>{5'000'000'000 + 7 * unit, 6'000'000'000 + 8 * unit}));
    }
}

TEST(PcapFile, FindsDatagramsBehindTagsAndOptionsAndCutsAtTheUdpLength) {
  const pcap_writer to;
  std::string bytes = to.header();
  for (const auto& options : {frame_options{.vlans = 1}, frame_options{.vlans = 2}, frame_options{.ip_options = 8},
                              frame_options{.padding = 20}})
    bytes += to.packet(frame("payload", options), 1, 0);
  const scratch_file file{"x.pcap", bytes};
  EXPECT_EQ(read_all({file.path()}).payloads, (std::vector<std::string>(4, "payload")));
}

TEST(PcapFile, SkipsAndCountsWhatIsNoWholeDatagram) {
  const pcap_writer to;
  const scratch_file file{
    "x.pcap", to.header() + to.packet(frame("a", {.fragment = 0x2000}), 1, 0) + // more follow
                to.packet(frame("b", {.fragment = 0x0010}), 1, 0) +             // a later part
                to.packet(frame("c", {.protocol = 6}), 1, 0) + to.packet(frame("d", {.type = 0x86DD}), 1, 0) +
                to.packet(frame("e", {.udp_length_off = 1}), 1, 0) + to.packet(std::string(5, 'x'), 1, 0) +
                to.packet(frame("whole", {.fragment = 0x4000}), 1, 0)}; // "do not fragment"
  const auto result = read_all({file.path()});
  EXPECT_EQ(result.payloads, (std::vector<std::string>{"whole"}));
  EXPECT_EQ(result.counts.packets, 7u);
  EXPECT_EQ(result.counts.fragments, 2u);
  EXPECT_EQ(result.counts.other, 4u);
  EXPECT_EQ(result.counts.datagrams, 1u);
}

TEST(PcapFile, MarksDatagramsOfWhichTheCaptureKeptTheHeadAlone) {
  const pcap_writer to;
  const scratch_file file{"x.pcap", to.header() + to.packet(frame("payload"), 1, 0, frame("payload").size() - 3)};
  const auto result = read_all({file.path()});
  EXPECT_EQ(result.payloads, (std::vector<std::string>{"payl"}));
  EXPECT_EQ(result.truncated, (std::vector<bool>{true}));
  EXPECT_EQ(result.counts.cut_short, 1u);
}

TEST(PcapFile, ReadsTheSegmentsOfNamedServers) {
  const pcap_writer to;
  const scratch_file file{"x.pcap", to.header() + to.packet(segment("", {.sequence = 6, .syn = true}), 1, 0) +
                                      to.packet(segment("bytes", {.sequence = 7}), 1, 0) +
                                      to.packet(segment("end", {.sequence = 12, .fin = true}), 1, 0)};
  pcap_file without{{file.path()}, false};
  EXPECT_TRUE(without.next(8).empty());
  EXPECT_EQ(without.counts().other, 3u);
  pcap_file with{{file.path()}, false, {parse_endpoint("192.0.2.9:18000").value()}};
  const auto batch = with.next(8);
  ASSERT_EQ(batch.size(), 3u);
  for (const auto& each : batch) EXPECT_EQ(each.kind, record_kind::segment);
  EXPECT_TRUE(batch[0].tcp.is_start);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(batch[1].data), batch[1].size), "bytes");
  EXPECT_EQ(batch[1].tcp.sequence, 7u);
  EXPECT_FALSE(batch[1].tcp.is_start || batch[1].tcp.is_end);
  EXPECT_TRUE(batch[2].tcp.is_end);
  EXPECT_EQ(with.counts().segments, 3u);
}

TEST(PcapFile, FilesFollowOneAnother) {
  const pcap_writer one, two{true, true};
  const scratch_file first{"1.pcap", one.header() + one.packet(frame("one"), 1, 0)},
    second{"2.pcap", two.header() + two.packet(frame("two"), 2, 0)};
  EXPECT_EQ(read_all({first.path(), second.path()}).payloads, (std::vector<std::string>{"one", "two"}));
}

TEST(PcapFile, NamesFileAndOffsetOfFaults) {
  const pcap_writer to;
  const auto fault_of = [](const std::string& bytes) {
    const scratch_file file{"x.pcap", bytes};
    return read_all({file.path()}).fault;
  };
  EXPECT_THAT(fault_of(big(0x0A0D0D0A, 4) + std::string(40, 'x')),
              HasSubstr("x.pcap: byte 0: is a pcapng file, wanted classic pcap"));
  EXPECT_THAT(fault_of(std::string(40, 'x')), HasSubstr("is no pcap file"));
  EXPECT_THAT(fault_of("abc"), HasSubstr("shorter than the header"));
  EXPECT_THAT(fault_of(to.header(113)), HasSubstr("byte 20: has link type 113, wanted 1 (Ethernet)"));
  const auto whole = to.header() + to.packet(frame("one"), 1, 0);
  EXPECT_THAT(fault_of(whole + "1234"),
              HasSubstr("byte " + std::to_string(whole.size()) + ": the file ends inside a packet's header"));
  EXPECT_THAT(fault_of(whole.substr(0, whole.size() - 1)), HasSubstr("byte 24: the file ends inside a packet"));
  EXPECT_THAT(fault_of(to.header() + std::string(8, '\0') + big(300'000, 4) + big(0, 4)),
              HasSubstr("a packet of 300000 bytes"));
}

TEST(PcapFile, EveryAlteredFrameIsReadSafely) {
  for (const std::string& good : {frame("payload", {.vlans = 1, .ip_options = 4, .padding = 4}), segment("payload")})
    for (size_t i = 0; i < good.size(); ++i)
      for (const int mask : {1, 0x0F, 0x80, 0xFF}) {
        std::string altered = good;
        altered[i] = static_cast<char>(altered[i] ^ mask);
        for (const size_t size : {altered.size(), altered.size() / 2, i}) {
          const std::vector<uint8_t> exact(altered.begin(), altered.begin() + static_cast<std::ptrdiff_t>(size));
          const auto view = read_ethernet(exact);
          if (!view.payload.empty()) {
            EXPECT_GE(view.payload.data(), exact.data());
            EXPECT_LE(view.payload.data() + view.payload.size(), exact.data() + exact.size());
          }
        }
      }
}

} // namespace
} // namespace tickplant::replay::testing
