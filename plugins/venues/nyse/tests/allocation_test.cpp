// The plain flow allocates nothing once warm: counted by this program's own operator new.
#include "feed_builder.hpp"

#include <counted_allocations.hpp>
#include <silent_host.hpp>

namespace tickplant::nyse::testing {
namespace {

using sdk::testing::allocations;

TEST(Allocation, NoneForAMessageOnceWarm) {
  const auto host = sdk::testing::silent_host();
  uint64_t events = 0;
  const sdk::testing::pairs settings{{"lines.a", "udp://239.1.1.1:1"}, {"lines.b", "udp://239.1.1.2:1"}};
  venue_session venue{settings.view(), sdk::testing::silent_services(host, &events)};
  venue.start(noon);
  uint32_t next = 2;
  std::vector<bytes> packets{packet_of(12, 1, {reset()})};
  for (uint32_t i = 1; i <= 100; ++i) packets.push_back(packet_of(11, next++, {mapping(i, "S" + std::to_string(i))}));
  const size_t warm = packets.size();
  uint32_t n = 0;
  for (uint32_t round = 0; round < 2'000; ++round) {
    std::vector<bytes> messages;
    const auto index = 1 + round % 100;
    n = 1 + round / 100 * 8;
    messages.push_back(add(index, n, round, 'B', 100, 10'000, round % 5 == 0 ? "FIRM " : "     "));
    messages.push_back(modify(index, n + 1, round, 90, 10'000));
    messages.push_back(executed(index, n + 2, round, round, 10, 10'000));
    messages.push_back(replaced(index, n + 3, round, round + 100'000, 50, 10'001));
    messages.push_back(hidden_trade(index, n + 4, round, 5, 10'000));
    messages.push_back(erased(index, n + 5, round + 100'000));
    messages.push_back(status(index, n + 6, 'O', '~', 'O'));
    messages.push_back(imbalance(index, n + 7));
    packets.push_back(packet_of(11, next, messages));
    next += 8;
  }
  // Every 10th pair of packets comes in the wrong order, so that the hold buffer is in use; line B repeats everything.
  for (size_t i = warm; i + 1 < packets.size(); i += 20) std::swap(packets[i], packets[i + 1]);
  for (auto& p : packets) p.resize(p.size() + TP_PADDING, 0x42);
  const auto feed = [&](size_t from, size_t to) {
    for (size_t i = from; i < to; ++i)
      for (const auto role : {line_role::a, line_role::b}) {
        const tp_unit unit{packets[i].data(),
                           static_cast<uint32_t>(packets[i].size() - TP_PADDING),
                           line_set::number(0, role),
                           noon + i,
                           0,
                           0};
        venue.on_units({&unit, 1});
      }
  };
  feed(0, warm + 200);
  const uint64_t before = allocations, events_before = events;
  feed(warm + 200, packets.size());
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_GT(events - events_before, 1'800u * 8);
}

} // namespace
} // namespace tickplant::nyse::testing
