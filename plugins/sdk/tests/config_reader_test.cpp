#include <tickplant/config_reader.hpp>

#include <recording_host.hpp>

#include <gmock/gmock.h>

namespace tickplant::sdk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr std::string_view keys[] = {"lines.a", "lines.b", "size"};
constexpr std::string_view lists[] = {"servers"};
constexpr std::string_view prefixes[] = {"names."};
constexpr known_keys known{keys, lists, prefixes, ", names.<ID>"};

using faults = std::vector<std::pair<std::string, std::string>>;

/// What the reader complains of while `read` runs over these settings.
template <class Read>
faults faults_of(const std::vector<std::pair<std::string, std::string>>& values, Read&& read) {
  faults found;
  testing::pairs pairs{values};
  const settings borrowed = pairs.view();
  const complain_fn complain = [&](std::string_view key, std::string_view problem) {
    found.emplace_back(key, problem);
  };
  read(config_reader{borrowed, complain});
  return found;
}

TEST(SdkConfigReader, KnowsItsKeysAndThoseOfTheHost) {
  for (const auto key : {"lines.a", "size", "servers", "servers.0", "servers.12", "names.X", "symbols", "symbols.3",
                         "capture.folder", "plugin", "required"})
    EXPECT_TRUE(known.contains(key)) << key;
  for (const auto key : {"lines", "lines.a.0", "servers.", "servers.x", "serversx", "name.X", "Size", ""})
    EXPECT_FALSE(known.contains(key)) << key;
  EXPECT_EQ(known.text(), "lines.a, lines.b, size, servers, names.<ID>");
}

TEST(SdkConfigReader, RefusesEachKeyThatNobodyKnows) {
  EXPECT_THAT(faults_of({{"lines.a", "x"}, {"linse.a", "x"}, {"servers.y", "x"}},
                        [](const config_reader& read) { read.refuse_unknown(known); }),
              ElementsAre(Pair("linse.a", "is no setting of this plugin; it knows lines.a, lines.b, size, servers, "
                                          "names.<ID>"),
                          Pair("servers.y", ::testing::StartsWith("is no setting of this plugin; it knows "))));
}

TEST(SdkConfigReader, NumbersInTheirRangeAreTakenAndAllElseKeepsTheDefault) {
  uint16_t size = 7;
  const auto read = [&](const config_reader& r) { r.number("size", 1, 500, size); };
  EXPECT_THAT(faults_of({}, read), IsEmpty());
  EXPECT_EQ(size, 7);
  EXPECT_THAT(faults_of({{"size", "500"}}, read), IsEmpty());
  EXPECT_EQ(size, 500);
  for (const auto wrong : {"0", "501", "-1", "1.0", "1 ", "", "99999999999999999999", "ten"}) {
    EXPECT_THAT(
      faults_of({{"size", wrong}}, read),
      ElementsAre(Pair("size", "'" + std::string{wrong} + "' is not allowed; wanted a whole number from 1 to 500")));
    EXPECT_EQ(size, 500);
  }
}

TEST(SdkConfigReader, DurationsNeedTheirUnit) {
  uint64_t pause = 1;
  const auto read = [&](const config_reader& r) { r.duration("pause", 1'000'000, 60'000'000'000, "1ms to 1m", pause); };
  EXPECT_THAT(faults_of({{"pause", "250ms"}}, read), IsEmpty());
  EXPECT_EQ(pause, 250'000'000u);
  for (const auto wrong : {"250", "999us", "61s", "ms", "-1s", "1 s"})
    EXPECT_THAT(faults_of({{"pause", wrong}}, read),
                ElementsAre(Pair("pause", "'" + std::string{wrong} +
                                            "' is not allowed; wanted a duration with its unit, 1ms to 1m")));
  EXPECT_EQ(pause, 250'000'000u);
}

TEST(SdkConfigReader, TextsAreNotEmpty) {
  std::string zone = "UTC";
  const auto read = [&](const config_reader& r) { r.text("zone", zone); };
  EXPECT_THAT(faults_of({{"zone", ""}}, read),
              ElementsAre(Pair("zone", "is empty; leave the key out or give a value")));
  EXPECT_EQ(zone, "UTC");
  EXPECT_THAT(faults_of({{"zone", "Europe/London"}}, read), IsEmpty());
  EXPECT_EQ(zone, "Europe/London");
}

TEST(SdkConfigReader, AddressesHaveSchemeHostAndPortAndNothingBehind) {
  EXPECT_TRUE(is_url("udp://239.1.1.1:26400", "udp://"));
  EXPECT_TRUE(is_url("tcp://[::1]:1", "tcp://"));
  for (const auto wrong : {"udp://:1", "udp://host", "udp://host:", "udp://host:0", "udp://host:65536",
                           "udp://host:1/x", "udp://ho st:1", "tcp://host:1", "host:1", ""})
    EXPECT_FALSE(is_url(wrong, "udp://")) << wrong;
  std::string a, b;
  const auto read = [&](const config_reader& r) {
    a = b = {};
    r.udp("lines.a", a);
    r.udp("lines.b", b);
    r.refuse_same_lines("lines.a", "lines.b", a, b);
  };
  EXPECT_THAT(faults_of({{"lines.a", "udp://h:1"}, {"lines.b", "udp://h:2"}}, read), IsEmpty());
  EXPECT_EQ(b, "udp://h:2");
  EXPECT_THAT(faults_of({{"lines.a", "udp://h:1"}, {"lines.b", "udp://h:1"}}, read),
              ElementsAre(Pair("lines.b", "is the same address as lines.a; the two lines of a pair have addresses of "
                                          "their own")));
  EXPECT_THAT(
    faults_of({{"lines.a", "h:1"}}, read),
    ElementsAre(Pair("lines.a", "'h:1' is no UDP address; wanted udp://ADDRESS:PORT with a port from 1 to 65535")));
  EXPECT_EQ(a, "");
}

TEST(SdkConfigReader, ListsTellTheKeyOfEachMember) {
  const auto lists_of = [](const std::vector<std::pair<std::string, std::string>>& values) {
    std::vector<std::pair<std::string, std::string>> found;
    faults_of(values, [&](const config_reader& r) {
      for (const auto& [key, value] : r.list("servers")) found.emplace_back(key, value);
      EXPECT_EQ(r.has("servers"), !found.empty());
    });
    return found;
  };
  EXPECT_THAT(lists_of({}), IsEmpty());
  EXPECT_THAT(lists_of({{"servers", "x"}}), ElementsAre(Pair("servers", "x")));
  EXPECT_THAT(lists_of({{"servers.0", "x"}, {"servers.1", "y"}}),
              ElementsAre(Pair("servers.0", "x"), Pair("servers.1", "y")));
  EXPECT_THAT(lists_of({{"servers", "x"}, {"servers.0", "y"}}),
              ElementsAre(Pair("servers", "x"), Pair("servers.0", "y")));
  faults_of({{"servers.0", "x"}, {"servers.1", "y"}},
            [](const config_reader& r) { EXPECT_EQ(r.joined("servers"), "x,y"); });
}

} // namespace
} // namespace tickplant::sdk
