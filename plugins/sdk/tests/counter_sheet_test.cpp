#include <tickplant/counter_sheet.hpp>

#include <recording_host.hpp>

#include <gtest/gtest.h>

namespace tickplant::sdk {
namespace {

constexpr std::string_view types[] = {"messages.A", "messages.B"};
constexpr std::string_view others[] = {"gaps.seen"};
constexpr auto names = join_names(types, others);
static_assert(names.size() == 3);
static_assert(names_end_in(types, "AB"));
static_assert(!names_end_in(types, "BA"));
static_assert(!names_end_in(types, "ABC"));
static_assert(!names_end_in(types, "A"));

enum class counter : uint8_t { a, b, gaps };

TEST(SdkCounters, NamesStandInTheOrderOfTheirCounters) {
  EXPECT_EQ(view(names[0]), "messages.A");
  EXPECT_EQ(view(names[1]), "messages.B");
  EXPECT_EQ(view(names[2]), "gaps.seen");
}

TEST(SdkCounters, CountsAreGatheredUntilTheHostIsToldAndToldOnce) {
  testing::recording_host host;
  counter_sheet<3> sheet;
  sheet.add(0);
  sheet.add(counter::gaps, 5);
  sheet.add(counter::gaps);
  EXPECT_EQ(host.counted(names, "messages.A"), 0u);
  sheet.flush(host.host());
  sheet.flush(host.host());
  EXPECT_EQ(host.counted(names, "messages.A"), 1u);
  EXPECT_EQ(host.counted(names, "messages.B"), 0u);
  EXPECT_EQ(host.counted(names, "gaps.seen"), 6u);
  sheet.add(counter::b, 2);
  sheet.flush(host.host());
  EXPECT_EQ(host.counted(names, "messages.B"), 2u);
  EXPECT_EQ(host.counted(names, "gaps.seen"), 6u);
}

TEST(SdkCounters, TheHostIsCalledForWhatHasChangedAlone) {
  struct calls {
    size_t count = 0;
  } seen;
  tp_venue_host table{};
  table.count = [](tp_ctx* ctx, uint32_t, uint64_t) { ++reinterpret_cast<calls*>(ctx)->count; };
  const venue_host host{&table, reinterpret_cast<tp_ctx*>(&seen)};
  counter_sheet<64> sheet;
  sheet.add(63);
  sheet.add(7, 0); // nothing to tell
  sheet.flush(host);
  EXPECT_EQ(seen.count, 1u);
}

} // namespace
} // namespace tickplant::sdk
