// No allocation per message once warm: order flow of both protocols, both lines, holes and late copies among it.
#include "gtp_builder.hpp"

#include <counted_allocations.hpp>
#include <silent_host.hpp>

namespace tickplant::lse::testing {
namespace {

namespace g = gtp_feed;

using sdk::testing::allocations;

/// 3 messages a unit over and over, the second unit of each four behind the third.
void expect_no_allocation(const std::string& spoken, const std::vector<bytes>& reference,
                          const std::vector<bytes>& messages) {
  const auto table = sdk::testing::silent_host();
  uint64_t events = 0;
  const sdk::testing::pairs pairs{
    {"lines.a", "udp://239.1.1.1:1"}, {"lines.b", "udp://239.1.1.2:1"}, {"protocol", spoken}};
  venue_session venue{pairs.view(), sdk::testing::silent_services(table, &events)};
  ASSERT_EQ(venue.start(morning), TP_OK);
  std::vector<bytes> units{unit(1, reference)};
  uint64_t next = 1 + reference.size();
  constexpr size_t count = 4'000;
  for (size_t i = 0; i < count; ++i) {
    std::vector<bytes> three;
    for (size_t n = 0; n < 3; ++n) three.push_back(messages[(3 * i + n) % messages.size()]);
    units.push_back(unit(next, three));
    next += 3;
  }
  for (size_t i = 2; i + 1 < units.size(); i += 4) std::swap(units[i], units[i + 1]);
  for (auto& each : units) each.resize(each.size() + TP_PADDING);
  const auto feed = [&](size_t from, size_t to) {
    for (size_t i = from; i < to; ++i)
      for (const uint32_t line : {0u, 1u}) {
        const tp_unit one_unit{
          units[i].data(), static_cast<uint32_t>(units[i].size() - TP_PADDING), line, morning + i * 1'000, 0, 0};
        venue.on_units({&one_unit, 1});
      }
  };
  feed(0, count / 4);
  const uint64_t before = allocations.load();
  feed(count / 4, units.size());
  EXPECT_EQ(allocations.load(), before);
  EXPECT_GT(events, 2 * count);
}

TEST(Allocation, MitchTakesNoMemoryOnceWarm) {
  expect_no_allocation("mitch", opening(3),
                       {add(101, 1, 'B', 100, one), modified(1, 50, one, 1), executed(1, 5, 1),
                        executed_at(1, 5, 40, 2, 'Y', one), deleted(1, 101), time_message(28'801),
                        add_attributed(102, 2, 'S', 5, one, "FIRM"), trade(102, 5, one, 3), symbol_status(103, 'T'),
                        add(103, 4, 'S', 5, 2 * one, 0x10), clear(103), auction_trade(103, 5, one, 9, 'C')});
}

TEST(Allocation, GtpTakesNoMemoryOnceWarm) {
  expect_no_allocation(
    "gtp", {g::system_event('O'), g::directory(101, "GB0000000001"), g::directory(102, "GB0000000002")},
    {g::add(101, 1, 'B', 100, one), g::modify(101, 1, 50, one, 100, one, 1), g::trade(101, 5, one, 7),
     g::remove(101, 1, 50, one), g::add(102, 2, 'S', 3, one), g::status(102, 'T'), g::clear(102)});
}

} // namespace
} // namespace tickplant::lse::testing
