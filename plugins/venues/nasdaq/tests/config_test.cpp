#include "feed_builder.hpp"

namespace tickplant::nasdaq::testing {
namespace {

using sdk::testing::pairs;
using sdk::testing::recording_host;
using ::testing::HasSubstr;

std::vector<std::pair<std::string, std::string>> complaints(const pairs& settings) {
  recording_host host;
  venue_session::validate(settings.view(), host.host());
  return host.complaints;
}

TEST(Config, TakesEveryKnownKey) {
  const pairs settings{{"lines.a", "udp://239.1.1.1:26400"},
                       {"lines.b", "udp://239.1.1.2:26400"},
                       {"lines.rerequest.0", "udp://r1:1"},
                       {"lines.rerequest.1", "udp://r2:2"},
                       {"interface", "127.0.0.1"},
                       {"only_sources.0", "1.1.1.1"},
                       {"only_sources.1", "1.1.1.2"},
                       {"reorder_window", "2ms"},
                       {"hold_messages", "2048"},
                       {"rerequest_messages", "100"},
                       {"rerequest_in_flight", "2"},
                       {"rerequest_retry", "20ms"},
                       {"rerequest_attempts", "7"},
                       {"gap_limit", "99"},
                       {"late_start_limit", "0"},
                       {"silence", "5s"},
                       {"time_zone", "UTC"},
                       {"market", "X"},
                       {"symbols.0", "AAPL"},
                       {"plugin", "nasdaq"},
                       {"required", "true"},
                       {"capture.file", "x"},
                       {"file_lengths", "prefix"},
                       {"lines.soup.0", "tcp://soup1:9000"},
                       {"lines.soup.1", "tls://soup2:9000"},
                       {"lines.glimpse", "tcp://glimpse:9000"},
                       {"soup_username", "USER"},
                       {"soup_password", "PASSWORD"},
                       {"soup_session", "TST0000001"},
                       {"soup_sequence", "0"},
                       {"soup_version", "4.10"},
                       {"soup_silence", "20s"},
                       {"soup_refused_pause", "5m"},
                       {"glimpse_password", "OTHER"},
                       {"glimpse_attempts", "3"}};
  const auto result =
    read_options(settings.view(), [](std::string_view key, std::string_view) { ADD_FAILURE() << key; });
  EXPECT_EQ(result.servers.size(), 2u);
  EXPECT_THAT(result.soup.addresses, ::testing::ElementsAre("tcp://soup1:9000", "tls://soup2:9000"));
  EXPECT_THAT(result.glimpse.addresses, ::testing::ElementsAre("tcp://glimpse:9000"));
  EXPECT_EQ(result.soup.password, "PASSWORD");
  EXPECT_EQ(result.soup.version, soup_version::v4_10);
  EXPECT_EQ(result.soup.silence_ns, 20'000'000'000u);
  EXPECT_EQ(result.soup.refused_pause_ns, 300'000'000'000u);
  EXPECT_EQ(result.soup_session, "TST0000001");
  EXPECT_EQ(result.soup_sequence, 0u);
  EXPECT_EQ(result.glimpse.username, "USER") << "what is not said apart is the same";
  EXPECT_EQ(result.glimpse.password, "OTHER");
  EXPECT_EQ(result.glimpse_attempts, 3u);
  EXPECT_EQ(result.only_sources, "1.1.1.1,1.1.1.2");
  EXPECT_EQ(result.reorder_window_ns, 2'000'000u);
  EXPECT_EQ(result.hold_messages, 2'048u);
  EXPECT_EQ(result.rerequest.messages, 100u);
  EXPECT_EQ(result.rerequest.in_flight, 2u);
  EXPECT_EQ(result.rerequest.retry_ns, 20'000'000u);
  EXPECT_EQ(result.rerequest.attempts, 7u);
  EXPECT_EQ(result.gap_limit, 99u);
  EXPECT_EQ(result.late_start_limit, 0u);
  EXPECT_EQ(result.silence_ns, 5'000'000'000u);
  EXPECT_EQ(result.time_zone, "UTC");
  EXPECT_EQ(result.market, 'X');
}

TEST(Config, NamesEveryFaultAtOnce) {
  const auto list = complaints({{"lines.a", "tcp://x"},
                                {"lines.c", "udp://1.1.1.1:1"},
                                {"lines.rerequest.x", "udp://1.1.1.1:1"},
                                {"reorder_window", "5"},
                                {"hold_messages", "10"},
                                {"rerequest_messages", "65535"},
                                {"market", "N"},
                                {"silence", "1ms"},
                                {"file_lengths", "none"},
                                {"lines.rerequest.0", "nohost"},
                                {"lines.soup", "udp://1.1.1.1:1"},
                                {"lines.glimpse.0", "tcp://nowhere"},
                                {"soup_username", "SEVENLE"},
                                {"glimpse_password", "12345678901"},
                                {"soup_version", "5.00"},
                                {"soup_silence", "100s"},
                                {"glimpse_attempts", "0"}});
  std::vector<std::string> keys;
  for (const auto& [key, problem] : list) {
    keys.push_back(key);
    EXPECT_FALSE(problem.empty());
  }
  EXPECT_THAT(keys, ::testing::UnorderedElementsAre("lines.a", "lines.c", "lines.rerequest.x", "reorder_window",
                                                    "hold_messages", "rerequest_messages", "market", "silence",
                                                    "file_lengths", "lines.rerequest.0", "lines.soup",
                                                    "lines.glimpse.0", "soup_username", "glimpse_password",
                                                    "soup_version", "soup_silence", "glimpse_attempts"));
}

TEST(Config, WantsALineAndNoMixture) {
  EXPECT_EQ(complaints({}).at(0).first, "lines");
  EXPECT_EQ(complaints({{"lines.a", "udp://1.1.1.1:1"}, {"lines.file", "file:///x"}}).at(0).first, "lines.file");
  EXPECT_EQ(complaints({{"lines.soup.0", "tcp://h:1"}, {"lines.file", "file:///x"}}).at(0).first, "lines.file");
  EXPECT_TRUE(complaints({{"lines.soup", "tcp://h:1"}}).empty());
  EXPECT_TRUE(complaints({{"lines.glimpse", "tcp://h:1"}}).empty());
  EXPECT_THAT(complaints({{"lines.a", "udp://1.1.1.1:1"}, {"lines.b", "udp://1.1.1.1:1"}}).at(0).second,
              HasSubstr("lines.a"));
  EXPECT_TRUE(complaints({{"lines.file", "file:///x"}}).empty());
}

TEST(Config, CreateRefusesFaultySettings) {
  recording_host host;
  const pairs settings{{"lines.a", "nonsense"}};
  EXPECT_THROW(venue_session(settings.view(), host.host()), std::invalid_argument);
  EXPECT_EQ(host.complaints.size(), 1u);
}

TEST(Counters, HaveTheNamesThatTheHostKnows) {
  std::vector<std::string> names;
  for (const auto& name : counter_names()) names.emplace_back(sdk::view(name));
  for (const char type : itch_types) EXPECT_THAT(names, ::testing::Contains(std::string{"messages."} + type));
  EXPECT_THAT(names, ::testing::IsSupersetOf({"gaps.seen", "gaps.filled", "duplicates", "malformed", "unknown",
                                              "unknown_locate", "heartbeats", "foreign", "line.a.packets",
                                              "line.a.duplicates", "line.a.gaps", "line.a.won", "line.b.packets",
                                              "line.b.won", "rerequest.sent", "rerequest.answers"}));
}

} // namespace
} // namespace tickplant::nasdaq::testing
