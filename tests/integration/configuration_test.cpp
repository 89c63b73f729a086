// Configurations that cannot work end the server with words that help.
#include "support/child_process.hpp"
#include "support/scratch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tickplant::testing {
namespace {

using ::testing::HasSubstr;

constexpr int exit_config = 1;

struct outcome {
  std::optional<int> code;
  std::string output;
};

outcome run_server(const std::string& file, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"--config", file});
  child_process server{TP_SERVER, std::move(more)};
  const auto code = server.wait_exit();
  return {code, server.output()};
}

const std::string listener = "listeners:\n  - {name: public, bind: \"127.0.0.1:0\", routes: {/ws: hft}}\n";

TEST(Configuration, UnknownKeyIsShownWithItsPlaceAndTheNearestKnownOne) {
  const scratch_folder folder;
  const auto file = folder.write("server.yaml", listener + "limits:\n  max_symbol: 10\n");
  for (const auto& more : {std::vector<std::string>{}, std::vector<std::string>{"--check"}}) {
    const auto got = run_server(file, more);
    EXPECT_EQ(got.code, exit_config);
    EXPECT_THAT(got.output, HasSubstr(file + ":4:3: limits.max_symbol: unknown key, did you mean 'max_symbols'?"));
  }
}

TEST(Configuration, AllFaultsAreShownAtOnce) {
  const scratch_folder folder;
  const auto file = folder.write("server.yaml", "lisseners: []\nlimits: {stall: fast}\nlog: {level: loud}\n");
  const auto got = run_server(file);
  EXPECT_EQ(got.code, exit_config);
  for (const auto& part : {":1:1: lisseners: ", "did you mean 'listeners'", "limits.stall", "log.level"})
    EXPECT_THAT(got.output, HasSubstr(part));
}

TEST(Configuration, OfAPluginIsCheckedByThePluginAndShownWithItsPlace) {
  const scratch_folder folder;
  const auto file = folder.write(
    "server.yaml", listener + "venues:\n  nasdaq:\n    plugin: nasdaq\n    lines:\n      a: \"udp://nowhere\"\n");
  const auto got = run_server(file);
  EXPECT_EQ(got.code, exit_config);
  EXPECT_THAT(got.output, HasSubstr(file + ":7:10: venues.nasdaq.lines.a: 'udp://nowhere' is no UDP address"));
}

TEST(Configuration, MissingPluginIsNamed) {
  const scratch_folder folder;
  const auto venue = run_server(folder.write("venue.yaml", listener + "venues:\n  moon: {plugin: lunar_exchange}\n"));
  EXPECT_EQ(venue.code, exit_config);
  EXPECT_THAT(venue.output, HasSubstr("'lunar_exchange': no file lunar_exchange.so in "));
  const auto dialect =
    run_server(folder.write("dialect.yaml", "listeners:\n  - {bind: \"127.0.0.1:0\", routes: {/ws: klingon}}\n"));
  EXPECT_EQ(dialect.code, exit_config);
  EXPECT_THAT(dialect.output, HasSubstr("'klingon': no file klingon.so in "));
}

TEST(Configuration, MissingOrBrokenFileIsNamed) {
  const auto missing = run_server("/nowhere/server.yaml");
  EXPECT_EQ(missing.code, exit_config);
  EXPECT_THAT(missing.output, HasSubstr("/nowhere/server.yaml: cannot be read"));
  const scratch_folder folder;
  const auto file = folder.write("server.yaml", "listeners: [\nvenues: {");
  const auto broken = run_server(file);
  EXPECT_EQ(broken.code, exit_config);
  EXPECT_THAT(broken.output, HasSubstr(file + ":"));
  EXPECT_THAT(broken.output, HasSubstr("not YAML"));
}

TEST(Configuration, PortInUseEndsTheServerWithTheAddressInItsWords) {
  const taken_tcp_port taken;
  const auto address = "127.0.0.1:" + std::to_string(taken.number());
  const scratch_folder folder;
  const auto got = run_server(
    folder.write("server.yaml", "listeners:\n  - {name: public, bind: \"" + address + "\", routes: {/ws: hft}}\n"));
  ASSERT_TRUE(got.code) << "it still runs";
  EXPECT_GT(*got.code, 0) << got.output;
  EXPECT_THAT(got.output, HasSubstr(address));
}

TEST(Configuration, ThatIsGoodPassesTheCheck) {
  const auto got = run_server(TP_SOURCE_DIR "/configs/demo.yaml", {"--check"});
  EXPECT_EQ(got.code, 0) << got.output;
}

} // namespace
} // namespace tickplant::testing
