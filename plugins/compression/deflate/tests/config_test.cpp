// Settings: each wrong one is told with its key, and an instance is not made of them.
#include "instance.hpp"

#include <gmock/gmock.h>

namespace tickplant::deflate::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(DeflateConfig, HasTheDocumentedDefaults) {
  instance made;
  EXPECT_EQ(made.validated, TP_OK);
  EXPECT_EQ(made.created, TP_OK);
  tp_compression_traits traits{sizeof traits, 0, 0, 0};
  EXPECT_EQ(made.ops().traits(made.self(), &traits), TP_OK);
  EXPECT_EQ(traits.threshold, 1024u);
  EXPECT_EQ(traits.group_count, 4u) << "windows of 12, 11, 10 and 9 bits";
}

TEST(DeflateConfig, TakesEverySettingAtItsEdges) {
  for (const auto& settings :
       {pairs{{"plugin", "deflate"}, {"threshold", "0"}, {"level", "1"}, {"mem_level", "1"}, {"window_bits", "9"}},
        pairs{
          {"threshold", "1048576"}, {"level", "9"}, {"mem_level", "9"}, {"window_bits", "12"}, {"strategy", "fixed"}},
        pairs{{"strategy", "default"}}}) {
    instance made{settings};
    EXPECT_EQ(made.created, TP_OK);
    EXPECT_TRUE(made.complaints.empty());
    EXPECT_EQ(client(15, false).read(made.part("aaaaaaaaaaaaaaaaaaaa")), "aaaaaaaaaaaaaaaaaaaa");
  }
}

TEST(DeflateConfig, TellsEveryWrongSetting) {
  for (const auto& [key, value] : pairs{{"threshold", "-1"},
                                        {"threshold", "1048577"},
                                        {"level", "0"},
                                        {"level", "10"},
                                        {"mem_level", "0"},
                                        {"mem_level", "10"},
                                        {"window_bits", "8"},
                                        {"window_bits", "13"},
                                        {"window_bits", "12 "},
                                        {"strategy", "huffman"},
                                        {"strategy", ""},
                                        {"treshold", "1024"}}) {
    instance made{{{key, value}}};
    EXPECT_EQ(made.created, TP_E_INTERNAL) << key << " " << value;
    ASSERT_FALSE(made.complaints.empty()) << key << " " << value;
    EXPECT_EQ(made.complaints[0].first, key);
  }
}

TEST(DeflateConfig, TellsAllFaultsAtOnceAndWhatIsWanted) {
  pairs told;
  const tp_pair given[] = {{sdk::to_tp("level"), sdk::to_tp("11")}, {sdk::to_tp("lever"), sdk::to_tp("1")}};
  const tp_config settings{sizeof settings, 2, given};
  read_config(sdk::settings{&settings}, [&](auto key, auto problem) { told.emplace_back(key, problem); });
  EXPECT_THAT(
    told, ElementsAre(Pair("lever", HasSubstr("there are threshold, level")), Pair("level", HasSubstr("from 1 to 9"))));
}

} // namespace
} // namespace tickplant::deflate::testing
