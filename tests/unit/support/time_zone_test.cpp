#include "runtime/support/time_zone.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

using namespace tickplant::support;

namespace {

constexpr int64_t hour = 3600;

TEST(ZoneRule, ReadsNewYorkAndChangesAtTwoInTheMorning) {
  const auto rule = zone_rule::parse("EST5EDT,M3.2.0,M11.1.0");
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->offset(1'615'705'199), -5 * hour); // 2021-03-14 06:59:59 UTC
  EXPECT_EQ(rule->offset(1'615'705'200), -4 * hour);
  EXPECT_EQ(rule->offset(1'636'264'799), -4 * hour); // 2021-11-07 05:59:59 UTC
  EXPECT_EQ(rule->offset(1'636'264'800), -5 * hour);
}

TEST(ZoneRule, SummerOfTheSouthCrossesTheNewYear) {
  const auto rule = zone_rule::parse("AEST-10AEDT,M10.1.0,M4.1.0/3");
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->offset(1'704'067'200), 11 * hour); // 2024-01-01
  EXPECT_EQ(rule->offset(1'719'792'000), 10 * hour); // 2024-07-01
}

TEST(ZoneRule, ReadsNamesInBracketsHalfHoursAndJulianDays) {
  const auto half = zone_rule::parse("<+0330>-3:30");
  ASSERT_TRUE(half);
  EXPECT_EQ(half->offset(0), 3 * hour + hour / 2);
  const auto julian = zone_rule::parse("AAA0BBB,J60/0,J300/0");
  ASSERT_TRUE(julian);
  EXPECT_EQ(julian->offset(1'709'251'199), 0); // 2024-02-29 23:59:59: J60 is 1 March in a leap year too
  EXPECT_EQ(julian->offset(1'709'251'200), hour);
  EXPECT_TRUE(zone_rule::parse("<-02>2<-01>,M3.5.0/-1,M10.5.0/0")); // Nuuk: the evening before
}

TEST(ZoneRule, RefusesWhatIsNoRule) {
  for (const auto* text :
       {"", "E5", "EST", "EST5EDT", "EST5EDT,M13.1.0,M11.1.0", "EST5EDT,M3.2.0", "EST5EDT,M3.2.0,M11.1.0x", "EST99"})
    EXPECT_FALSE(zone_rule::parse(text)) << text;
}

TEST(TimeZones, TakesNoPathTricks) {
  for (const auto* name :
       {"", "/etc/passwd", "../etc/passwd", "America/../UTC", "America//New_York", "UTC/", "a b", "UTC\n"})
    EXPECT_FALSE(time_zones::is_name(name)) << name;
  EXPECT_TRUE(time_zones::is_name("America/New_York"));
  EXPECT_TRUE(time_zones::is_name("Etc/GMT+5"));
  time_zones zones;
  EXPECT_FALSE(zones.offset_ns("../../etc/passwd", 0));
  EXPECT_FALSE(zones.offset_ns("America", 0));
  EXPECT_FALSE(zones.offset_ns("Nowhere/Land", 0));
}

TEST(TimeZones, KnowsTheSystemsZones) {
  if (!std::filesystem::exists("/usr/share/zoneinfo/America/New_York"))
    GTEST_SKIP() << "package tzdata is not installed";
  time_zones zones;
  constexpr uint64_t second = 1'000'000'000;
  const auto hours = [&](std::string_view zone, uint64_t utc_seconds) {
    return zones.offset_ns(zone, utc_seconds * second).value_or(-1) / (hour * static_cast<int64_t>(second));
  };
  EXPECT_EQ(hours("America/New_York", 1'548'838'800), -5); // 2019-01-30, a written change
  EXPECT_EQ(hours("America/New_York", 1'572'440'400), -4); // 2019-10-30
  EXPECT_EQ(hours("America/New_York", 2'540'000'000), -4); // 2050-06-28, by the rule
  EXPECT_EQ(hours("Europe/London", 1'719'792'000), 1);
  EXPECT_EQ(zones.offset_ns("UTC", 5), 0);
}

TEST(TimeZone, EveryTruncatedOrAlteredFileIsRefusedOrReadSafely) {
  std::ifstream file{"/usr/share/zoneinfo/America/New_York", std::ios::binary};
  if (!file) GTEST_SKIP() << "package tzdata is not installed";
  const std::string whole{std::istreambuf_iterator<char>{file}, {}};
  ASSERT_TRUE(time_zone::parse(whole));
  for (size_t size = 0; size + 30 < whole.size(); ++size)
    EXPECT_FALSE(time_zone::parse(whole.substr(0, size)) && size < 1000);
  for (size_t i = 0; i < whole.size(); ++i)
    for (const int mask : {0x80, 0xFF}) {
      std::string altered = whole;
      altered[i] = static_cast<char>(altered[i] ^ mask);
      if (const auto zone = time_zone::parse(altered)) static_cast<void>(zone->offset(1'700'000'000));
    }
}

} // namespace
