#include "feed_builder.hpp"

#include <fstream>
#include <map>

namespace tickplant::nasdaq::testing {
namespace {

const std::string data_dir = TP_SHARED_DIR "/data/nasdaq";

bytes read_all(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

struct datagram {
  uint64_t time = 0;
  std::string from, to;
  uint16_t from_port = 0;
  bytes payload;
};

std::string dotted(const uint8_t* at) {
  return std::to_string(at[0]) + '.' + std::to_string(at[1]) + '.' + std::to_string(at[2]) + '.' +
         std::to_string(at[3]);
}

// Classic little-endian pcap, Ethernet (with VLAN tags), IPv4, UDP; payload cut at the UDP length.
std::vector<datagram> read_pcap(const std::string& path) {
  const bytes all = read_all(path);
  const auto le32 = [&](size_t at) { return __builtin_bswap32(sdk::be32(&all.at(at))); };
  std::vector<datagram> found;
  for (size_t at = 24; at + 16 <= all.size();) {
    const uint64_t time = le32(at) * second + le32(at + 4) * 1'000ull;
    const size_t size = le32(at + 8);
    size_t ip = at + 16 + 14;
    while (sdk::be16(&all.at(ip - 2)) == 0x8100) ip += 4;
    if (sdk::be16(&all.at(ip - 2)) == 0x0800 && all.at(ip + 9) == 17) {
      const size_t udp = ip + (all.at(ip) & 15) * 4u;
      const size_t length = sdk::be16(&all.at(udp + 4));
      found.push_back({time,
                       dotted(&all.at(ip + 12)),
                       dotted(&all.at(ip + 16)),
                       sdk::be16(&all.at(udp)),
                       {all.begin() + static_cast<long>(udp + 8), all.begin() + static_cast<long>(udp + length)}});
    }
    at += 16 + size;
  }
  return found;
}

// Order quantities and trade statistics by section 8 of the specification notes: enough to check the flow of events.
struct tiny_book {
  struct order {
    uint32_t instrument;
    int64_t price, quantity;
    bool bid;
  };
  struct stock {
    int64_t volume = 0, broken = 0, last = 0;
    std::map<int64_t, int64_t> bids, asks;
    uint64_t trades = 0;
  };
  std::map<uint64_t, order> orders;
  std::map<uint64_t, std::pair<uint32_t, int64_t>> trades;
  std::map<uint32_t, stock> stocks;
  uint64_t orphans = 0;

  void change(const order& o, int64_t by) {
    auto& side = o.bid ? stocks[o.instrument].bids : stocks[o.instrument].asks;
    if ((side[o.price] += by) == 0) side.erase(o.price);
  }
  void print(const tp_event& e, int64_t price) {
    auto& s = stocks[e.instrument];
    s.volume += e.quantity;
    s.last = price;
    ++s.trades;
    trades[e.ref] = {e.instrument, e.quantity};
  }
  void reduce(uint64_t id, int64_t by) {
    auto& o = orders.at(id);
    by = std::min(by, o.quantity);
    change(o, -by);
    if ((o.quantity -= by) == 0) orders.erase(id);
  }
  void apply(const tp_event& e) {
    const bool needs_order = e.kind >= TP_EV_EXECUTE && e.kind <= TP_EV_REPLACE;
    if (needs_order && !orders.contains(e.order)) {
      ++orphans;
      return;
    }
    switch (e.kind) {
      case TP_EV_ADD:
        orders[e.order] = {e.instrument, e.price, e.quantity, (e.flags & TP_BID) != 0};
        change(orders[e.order], e.quantity);
        break;
      case TP_EV_EXECUTE:
        if (e.flags & TP_PRINT) print(e, e.flags & TP_PRICE ? e.price : orders.at(e.order).price);
        reduce(e.order, e.quantity);
        break;
      case TP_EV_REDUCE: reduce(e.order, e.quantity); break;
      case TP_EV_DELETE: reduce(e.order, INT64_MAX); break;
      case TP_EV_REPLACE: {
        const order old = orders.at(e.order);
        reduce(e.order, INT64_MAX);
        orders[e.ref] = {old.instrument, e.price, e.quantity, old.bid};
        change(orders[e.ref], e.quantity);
        break;
      }
      case TP_EV_TRADE: print(e, e.price); break;
      case TP_EV_BREAK:
        if (const auto t = trades.find(e.ref); t != trades.end()) {
          stocks[t->second.first].volume -= t->second.second;
          stocks[t->second.first].broken += t->second.second;
          trades.erase(t);
        }
        break;
      default: break;
    }
  }
};

struct expected_stock {
  uint32_t locate;
  int64_t volume, broken, last, bid_shares, ask_shares;
  uint64_t trades;
};

// The numbers of synthetic_mold_session_a.expected.json.
constexpr expected_stock session_a_stocks[] = {{1, 450, 0, 1'000'000, 150, 0, 2},
                                               {2, 770, 0, 500'300, 500, 460, 3},
                                               {3, 110, 25, 200'250, 40, 90, 2},
                                               {4, 0, 10, 15'004'000, 50, 0, 1},
                                               {5, 500, 0, 5'013, 1, 1'500, 1}};

void expect_session_a(const std::vector<tp_event>& events) {
  tiny_book book;
  for (const auto& e : events) book.apply(e);
  EXPECT_EQ(book.orphans, 0u);
  for (const auto& want : session_a_stocks) {
    const auto& got = book.stocks[want.locate];
    EXPECT_EQ(got.volume, want.volume) << want.locate;
    EXPECT_EQ(got.broken, want.broken) << want.locate;
    EXPECT_EQ(got.last, want.last) << want.locate;
    EXPECT_EQ(got.trades, want.trades) << want.locate;
    int64_t bids = 0, asks = 0;
    for (const auto& [price, shares] : got.bids) bids += shares;
    for (const auto& [price, shares] : got.asks) asks += shares;
    EXPECT_EQ(bids, want.bid_shares) << want.locate;
    EXPECT_EQ(asks, want.ask_shares) << want.locate;
  }
}

TEST(Capture, SyntheticMoldSessionGivesTheExpectedCountsAndVolumes) {
  const auto packets = read_pcap(data_dir + "/synthetic_mold_session_a.pcap");
  if (packets.empty()) GTEST_SKIP() << "no captures in " << data_dir;
  world w;
  EXPECT_EQ(packets.size(), 47u);
  const uint64_t first = packets.front().time, started = w.host.now_ns;
  for (const auto& p : packets) {
    w.pass(started + (p.time - first) - w.host.now_ns);
    if (p.to == "239.1.1.1")
      w.a(p.payload);
    else if (p.to == "239.1.1.2")
      w.b(p.payload);
    else if (p.from == "192.0.2.9" && p.from_port == 18'000)
      w.answer(p.payload);
  }
  const std::pair<char, uint64_t> types[] = {{'A', 12}, {'B', 2}, {'C', 3}, {'D', 4}, {'E', 4},
                                             {'F', 2},  {'H', 8}, {'I', 2}, {'J', 1}, {'P', 2},
                                             {'Q', 3},  {'R', 5}, {'S', 6}, {'U', 3}, {'X', 2}};
  for (const auto& [type, count] : types) EXPECT_EQ(w.counted(std::string{"messages."} + type), count) << type;
  EXPECT_EQ(w.counted("unknown"), 1u);
  EXPECT_EQ(w.counted("malformed"), 1u);
  EXPECT_EQ(w.counted("gaps.seen"), 1u);
  EXPECT_EQ(w.counted("gaps.filled"), 1u);
  EXPECT_EQ(w.counted("unknown_locate"), 0u);
  EXPECT_EQ(w.counted("heartbeats"), 2u);
  EXPECT_EQ(w.counted("foreign"), 0u);
  // 18 whole data packets on each line, one of them twice, 3 messages each, and 3 answered messages, of which 60 count.
  EXPECT_EQ(w.counted("duplicates"), 3u * (18 + 18) + 3 - 60);
  EXPECT_EQ(w.counted("rerequest.answers"), 2u);
  EXPECT_EQ(w.host.streams.front().state, TP_STREAM_LIVE);
  EXPECT_EQ(w.host.streams.back().state, TP_STREAM_CLOSED);
  expect_session_a(w.host.events);
}

TEST(Capture, TheSameSessionAsBinaryFileGivesTheSame) {
  const bytes file = read_all(data_dir + "/synthetic_mold_session_a.itch");
  if (file.empty()) GTEST_SKIP() << "no captures in " << data_dir;
  world w{{"lines.file", "file:///session_a.itch"}};
  for (size_t at = 0; at + 2 <= file.size();) {
    const size_t size = sdk::be16(&file[at]);
    w.packet(line_set::file,
             bytes(file.begin() + static_cast<long>(at + 2), file.begin() + static_cast<long>(at + 2 + size)));
    at += 2 + size;
  }
  EXPECT_EQ(w.host.streams.back().state, TP_STREAM_CLOSED);
  expect_session_a(w.host.events);
}

TEST(Capture, FileWithZeroPrefixesGivesTheExpectedCounts) {
  const bytes file = read_all(data_dir + "/ritch_ex20101224.TEST_ITCH_50");
  if (file.empty()) GTEST_SKIP() << "no captures in " << data_dir;
  world w{{"lines.file", "file:///ritch"}, {"file_lengths", "zero"}};
  for (size_t at = 0; at < file.size(); at += 4'096)
    w.packet(line_set::file, bytes(file.begin() + static_cast<long>(at),
                                   file.begin() + static_cast<long>(std::min(file.size(), at + 4'096))));
  w.venue->on_line(line_set::file, TP_LINE_FILE_END, "", w.host.now_ns);
  const std::pair<char, uint64_t> types[] = {{'A', 4'997}, {'D', 1'745}, {'E', 198}, {'F', 3},  {'H', 3},
                                             {'P', 5'000}, {'R', 3},     {'S', 6},   {'U', 12}, {'X', 45}};
  for (const auto& [type, count] : types) EXPECT_EQ(w.counted(std::string{"messages."} + type), count) << type;
  EXPECT_EQ(w.counted("malformed"), 0u);
  tiny_book book;
  for (const auto& e : w.host.events) book.apply(e);
  EXPECT_EQ(book.orphans, 117u);
  EXPECT_EQ(book.orders.size(), 3'204u);
  const std::tuple<uint32_t, int64_t, uint64_t, int64_t> stocks[] = {
    {1, 95'822, 1'911, 231'000}, {2, 579'962, 1'794, 60'833}, {3, 58'146, 1'475, 220'250}};
  for (const auto& [locate, volume, trades, last] : stocks) {
    EXPECT_EQ(book.stocks[locate].volume, volume) << locate;
    EXPECT_EQ(book.stocks[locate].trades, trades) << locate;
    EXPECT_EQ(book.stocks[locate].last, last) << locate;
  }
}

TEST(Capture, RealPacketsAreCountedByType) {
  const std::string dir = data_dir + "/omi_packets/Nasdaq.Equities.TotalView.Itch.v5.0";
  const auto many = read_pcap(dir + "/Multiple.Packets.pcap");
  if (many.empty()) GTEST_SKIP() << "no captures in " << data_dir;
  world w{{"lines.a", "udp://233.54.12.111:26477"}};
  for (const auto& p : many) w.a(p.payload);
  EXPECT_EQ(w.counted("messages.A"), 36u);
  EXPECT_EQ(w.counted("messages.F"), 2u);
  EXPECT_EQ(w.counted("messages.D"), 1u);
  EXPECT_EQ(w.counted("unknown_locate"), 39u);
  EXPECT_EQ(w.host.streams.front().state, TP_STREAM_LOST);
  world blank{{"lines.a", "udp://233.54.12.111:26477"}};
  for (const char* name : {"AddOrderNoMPID", "CrossTrade", "LULDAuctionCollar", "NetOrderImbalanceIndicator",
                           "NonCrossTrade", "OrderDelete", "OrderExecuted", "OrderReplace", "RegSHORestriction"})
    for (const auto& p : read_pcap(dir + ".20230822/" + name + ".pcap")) blank.a(p.payload);
  for (const char type : {'A', 'Q', 'J', 'I', 'P', 'D', 'E', 'U', 'Y'})
    EXPECT_EQ(blank.counted(std::string{"messages."} + type), 5u) << type;
  EXPECT_EQ(blank.counted("unsequenced"), 45u);
  EXPECT_EQ(blank.counted("malformed"), 0u);
}

} // namespace
} // namespace tickplant::nasdaq::testing
