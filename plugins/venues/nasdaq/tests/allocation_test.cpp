// No allocation per message once warm: counted by this program's own operator new, over datagrams of both lines with
// holes and late copies, over a SoupBinTCP stream, and over the records of a file.
#include "feed_builder.hpp"

#include <counted_allocations.hpp>
#include <silent_host.hpp>

namespace tickplant::nasdaq::testing {
namespace {

using sdk::testing::allocations;
using setting_list = std::vector<std::pair<std::string, std::string>>;

constexpr uint16_t symbol_count = 50;
constexpr uint64_t rounds = 2'000, warm_rounds = 300;

/// One instance under a host that keeps nothing, so that what is counted is the plugin's.
class quiet_world {
public:
  explicit quiet_world(const setting_list& settings) : pairs_(settings) {
    venue = std::make_unique<venue_session>(pairs_.view(), sdk::testing::silent_services(host_, &events));
    EXPECT_EQ(venue->start(noon), TP_OK);
  }
  uint64_t events = 0;
  std::unique_ptr<venue_session> venue;

private:
  tp_venue_host host_ = sdk::testing::silent_host();
  sdk::testing::pairs pairs_;
};

/// Every message of the order flow, a halt and its end among them.
std::vector<bytes> round_of(uint64_t n) {
  const auto locate = static_cast<uint16_t>(1 + n % symbol_count);
  const uint64_t order = 10 * n;
  return {add(locate, order, 'B', 100, 1'000'000),
          add_attributed(locate, order + 1, 'S', 50, 1'000'100),
          executed(locate, order, 10, n + 1),
          itch('C', locate).number(order, 8).number(10, 4).number(rounds + n, 8).text("Y", 1).number(999'900, 4),
          itch('X', locate).number(order, 8).number(5, 4),
          itch('U', locate).number(order, 8).number(order + 2, 8).number(30, 4).number(1'000'050, 4),
          itch('P', locate).number(0, 8).text("B", 1).number(7, 4).text("X", 8).number(1'000'000, 4).number(n, 8),
          trading_action(locate, n % 2 == 0 ? 'H' : 'T', "T1"),
          itch('D', locate).number(order + 2, 8),
          itch('D', locate).number(order + 1, 8)};
}
constexpr uint64_t round_size = 10;

/// A unit's bytes with what may be read behind them.
struct padded_unit {
  explicit padded_unit(bytes data_) : size(static_cast<uint32_t>(data_.size())), data(std::move(data_)) {
    data.resize(size + TP_PADDING, 0x42);
  }
  uint32_t size;
  bytes data;
};

/// Feeds units 0 to `warm`, then counts over the rest.
template <class Feed>
void expect_no_allocation(quiet_world& world, size_t warm, size_t count, Feed&& feed) {
  for (size_t i = 0; i < warm; ++i) feed(i);
  const uint64_t before = allocations;
  const uint64_t events_before = world.events;
  for (size_t i = warm; i < count; ++i) feed(i);
  EXPECT_EQ(allocations - before, 0u);
  // All but nothing of the flow is an event.
  EXPECT_GE(world.events - events_before, (rounds - warm_rounds - 1) * round_size);
}

TEST(Allocation, NoneForAMessageOfTwoLinesWithHolesAndLateCopies) {
  quiet_world world{{{"lines.a", "udp://239.1.1.1:26400"}, {"lines.b", "udp://239.1.1.2:26400"}}};
  const auto first = opening(symbol_count);
  std::vector<padded_unit> packets{padded_unit{mold(session_a, 1, first)}};
  uint64_t next = 1 + first.size();
  for (uint64_t n = 0; n < rounds; ++n, next += round_size) packets.emplace_back(mold(session_a, next, round_of(n)));
  for (size_t i = 2; i + 1 < packets.size(); i += 10) std::swap(packets[i], packets[i + 1]);
  expect_no_allocation(world, warm_rounds, packets.size(), [&](size_t i) {
    for (const uint32_t line : {line_set::a, line_set::b}) {
      const tp_unit unit{packets[i].data.data(), packets[i].size, line, noon + i * 1'000, 0, 0};
      EXPECT_EQ(world.venue->on_units({&unit, 1}), TP_OK);
    }
  });
}

TEST(Allocation, NoneForAMessageOfASoupConnection) {
  quiet_world world{{{"lines.soup", "tcp://192.0.2.1:19000"}, {"soup_username", "USER"}, {"soup_password", "SECRET"}}};
  const auto first = opening(symbol_count);
  std::vector<padded_unit> reads{padded_unit{joined({soup_accepted(session_a, 1), soup_data(first)})}};
  for (uint64_t n = 0; n < rounds; ++n) reads.emplace_back(soup_data(round_of(n)));
  EXPECT_EQ(world.venue->on_line(line_set::soup, TP_LINE_UP, {}, noon), TP_OK);
  expect_no_allocation(world, warm_rounds, reads.size(), [&](size_t i) {
    uint32_t begin = 0;
    for (int calls = 0; begin < reads[i].size && calls < 1'000; ++calls) {
      const tp_unit unit{
        reads[i].data.data() + begin, reads[i].size - begin, line_set::soup, noon + i, TP_UNIT_BINARY, 0};
      const int64_t used = world.venue->on_stream(unit);
      ASSERT_GT(used, 0);
      begin += static_cast<uint32_t>(used);
    }
  });
}

TEST(Allocation, NoneForAMessageOfAFile) {
  quiet_world world{{{"lines.file", "file:///day"}}};
  std::vector<std::vector<padded_unit>> bursts(1);
  for (auto& each : opening(symbol_count)) bursts[0].emplace_back(std::move(each));
  for (uint64_t n = 0; n < rounds; ++n) {
    bursts.emplace_back();
    for (auto& each : round_of(n)) bursts.back().emplace_back(std::move(each));
  }
  std::vector<tp_unit> units;
  units.reserve(1'000);
  expect_no_allocation(world, warm_rounds, bursts.size(), [&](size_t i) {
    units.clear();
    for (const auto& each : bursts[i])
      units.push_back({each.data.data(), each.size, line_set::file, noon + i, TP_UNIT_BINARY, 0});
    EXPECT_EQ(world.venue->on_units(units), TP_OK);
  });
}

} // namespace
} // namespace tickplant::nasdaq::testing
