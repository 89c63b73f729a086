#include "feed_builder.hpp"

#include <fstream>

namespace tickplant::nyse::testing {
namespace {

using sdk::testing::pairs;
using ::testing::HasSubstr;

struct faults {
  options read(const pairs& settings) {
    return read_options(settings.view(), [this](std::string_view key, std::string_view problem) {
      list.emplace_back(std::string{key}, std::string{problem});
    });
  }
  std::string of(const std::string& key) const {
    for (const auto& [k, problem] : list)
      if (k == key) return problem;
    return {};
  }
  std::vector<std::pair<std::string, std::string>> list;
};

TEST(Config, NeedsALiveLineAndHasDefaultsForTheRest) {
  faults f;
  const auto result = f.read(pairs{{"lines.b", "udp://239.1.1.2:1"}});
  EXPECT_TRUE(f.list.empty());
  ASSERT_EQ(result.channels.size(), 1u);
  EXPECT_EQ(result.channels[0].channel, 1);
  EXPECT_EQ(result.product, 11);
  EXPECT_EQ(result.retransmission.messages, 1'000u);
  EXPECT_EQ(result.quotas[static_cast<size_t>(quota::logins)], 90u);
  faults none;
  none.read(pairs{});
  EXPECT_THAT(none.of("lines.a"), HasSubstr("missing"));
}

TEST(Config, TakesPrimaryAndBackupServersAndProductsByName) {
  faults f;
  const auto result = f.read(pairs{{"lines.a", "udp://239.1.1.1:1"},
                                   {"lines.request.0", "tcp://one:1"},
                                   {"lines.request.1", "tcp://two:2"},
                                   {"lines.refresh", "tcp://three:3"},
                                   {"lines.summary.0", "udp://239.1.1.5:1"},
                                   {"lines.summary.1", "udp://239.1.1.6:1"},
                                   {"product", "arca"},
                                   {"channel", "0"}});
  EXPECT_TRUE(f.list.empty());
  EXPECT_THAT(result.servers, ::testing::ElementsAre("tcp://one:1", "tcp://two:2"));
  EXPECT_EQ(result.product, 157);
  EXPECT_EQ(result.channels[0].channel, 0);
  EXPECT_EQ(result.channels[0].refresh, "tcp://three:3");
  EXPECT_EQ(result.channels[0].summaries.size(), 2u);
  EXPECT_EQ(faults{}.read(pairs{{"lines.a", "udp://239.1.1.1:1"}, {"product", "77"}}).product, 77);
}

TEST(Config, TakesSeveralChannels) {
  faults f;
  const auto result = f.read(pairs{{"channels.7.a", "udp://239.1.1.1:1"},
                                   {"channels.7.refresh", "udp://239.1.1.4:1"},
                                   {"channels.2.b", "udp://239.1.2.1:1"},
                                   {"lines.request", "tcp://one:1"}});
  EXPECT_TRUE(f.list.empty());
  ASSERT_EQ(result.channels.size(), 2u);
  EXPECT_EQ(result.channels[0].channel, 2);
  EXPECT_EQ(result.channels[1].channel, 7);
  EXPECT_EQ(result.channels[1].refresh, "udp://239.1.1.4:1");
  faults mixed;
  mixed.read(pairs{{"channels.7.a", "udp://239.1.1.1:1"}, {"lines.b", "udp://239.1.1.2:1"}});
  EXPECT_THAT(mixed.of("channels"), HasSubstr("cannot go together"));
  faults incomplete;
  incomplete.read(pairs{{"channels.7.retransmission", "udp://239.1.1.1:1"}});
  EXPECT_THAT(incomplete.of("channels.7.a"), HasSubstr("missing"));
}

struct BadSetting : ::testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(BadSetting, IsToldByItsKeyAndWhatWasWanted) {
  const auto& [key, value] = GetParam();
  faults f;
  f.read(pairs{{"lines.a", "udp://239.1.1.1:1"}, {key, value}});
  ASSERT_FALSE(f.of(key).empty());
  EXPECT_EQ(f.list.size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
  Settings, BadSetting,
  ::testing::Values(std::pair{"lines.b", "tcp://239.1.1.2:1"}, std::pair{"lines.b", "udp://x"},
                    std::pair{"lines.b", "udp://239.1.1.1:1"}, std::pair{"lines.request", "udp://192.0.2.9:1"},
                    std::pair{"lines.refresh", "ws://192.0.2.9:1"},
                    std::pair{"lines.retransmission", "udp://192.0.2.9:0"}, std::pair{"product", "nasdaq"},
                    std::pair{"product", "256"}, std::pair{"channel", "256"}, std::pair{"source_id", "ELEVENCHARS"},
                    std::pair{"source_id", "A B"}, std::pair{"source_id", ""},
                    std::pair{"retransmission_messages", "1001"}, std::pair{"retransmission_timeout", "1"},
                    std::pair{"silence", "1ms"}, std::pair{"prove_window", "11s"}, std::pair{"hold_messages", "1"},
                    std::pair{"quotas.logins", "-1"}, std::pair{"channels.300.a", "x"},
                    std::pair{"lines.glimpse", "tcp://x:1"}));

TEST(Config, AnInstanceWithFaultySettingsIsNotMade) {
  sdk::testing::recording_host host;
  const pairs settings{{"lines.a", "nowhere"}};
  EXPECT_THROW(venue_session(settings.view(), host.host()), std::invalid_argument);
  EXPECT_EQ(host.complaints.size(), 1u);
}

// Every key that the plugin knows is in the example beside it.
TEST(Config, TheExampleNamesEveryKey) {
  faults f;
  f.read(pairs{{"lines.a", "udp://239.1.1.1:1"}, {"nonsense", "1"}});
  const std::string problem = f.of("nonsense");
  std::ifstream file{TP_SOURCE_DIR "/plugins/venues/nyse/nyse.yaml.example"};
  const std::string example{std::istreambuf_iterator<char>{file}, {}};
  ASSERT_FALSE(example.empty());
  std::string known = problem.substr(problem.find("it knows ") + 9);
  for (size_t at = 0; at < known.size();) {
    size_t end = std::min(known.find(", ", at), known.size());
    std::string key = known.substr(at, end - at);
    key = key.substr(key.rfind('.') + 1);
    if (key != "required") {
      EXPECT_THAT(example, HasSubstr(key + ":"));
    }
    at = end + 2;
  }
}

} // namespace
} // namespace tickplant::nyse::testing
