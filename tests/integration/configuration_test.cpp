// Configurations that cannot work end the server with words that help.
#include "support/child_process.hpp"
#include "support/scratch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tickplant::testing {
namespace {

using ::testing::HasSubstr;

constexpr int exit_config = 1, exit_usage = 2;

struct outcome {
  std::optional<int> code;
  std::string output;
};

outcome run_words(std::vector<std::string> words) {
  child_process server{TP_SERVER, std::move(words)};
  const auto code = server.wait_exit();
  return {code, server.output()};
}

outcome run_server(const std::string& file, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"--config", file});
  return run_words(std::move(more));
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
  const scratch_folder folder;
  const auto got = run_server(TP_SOURCE_DIR "/configs/demo.yaml",
                              {"--check", "--set", "auth.keys.keys_file=" + folder.write("keys", "# none yet\n")});
  EXPECT_EQ(got.code, 0) << got.output;
}

TEST(Configuration, DefaultsArePrintedAndPassTheCheck) {
  const auto printed = run_words({"--print-defaults"});
  EXPECT_EQ(printed.code, 0);
  EXPECT_THAT(printed.output, HasSubstr("max_symbols: 1024"));
  const scratch_folder folder;
  const auto checked = run_server(folder.write("defaults.yaml", printed.output), {"--check"});
  EXPECT_EQ(checked.code, 0) << checked.output;
}

TEST(Configuration, KeysAreExplained) {
  const auto known = run_words({"--explain", "listeners.0.bind"});
  EXPECT_EQ(known.code, 0);
  EXPECT_THAT(known.output, HasSubstr("127.0.0.1:8081"));
  const auto unknown = run_words({"--explain", "limits.max_symbol"});
  EXPECT_EQ(unknown.code, exit_usage);
  EXPECT_THAT(unknown.output, HasSubstr("did you mean limits.max_symbols"));
}

TEST(Configuration, FlagsLieOverTheFileAndAreShownWithoutSecrets) {
  const scratch_folder folder;
  const auto file = folder.write("server.yaml", listener + "admin: {token: hush}\n");
  const auto got =
    run_server(file, {"--set", "limits.max_symbols=7", "--set", "listeners.0.origins=[https://a]", "--print-config"});
  EXPECT_EQ(got.code, 0) << got.output;
  EXPECT_THAT(got.output, HasSubstr("max_symbols: 7  # --set limits.max_symbols"));
  EXPECT_THAT(got.output, HasSubstr("https://a"));
  EXPECT_THAT(got.output, HasSubstr("token: \"***\"  # " + file + ":3:16"));
  EXPECT_THAT(got.output, ::testing::Not(HasSubstr("hush")));
  const auto wrong = run_server(file, {"--set", "limits.max_symbols=0", "--check"});
  EXPECT_EQ(wrong.code, exit_config);
  EXPECT_THAT(wrong.output, HasSubstr("--set limits.max_symbols: limits.max_symbols: a whole number from 1 to 100000"));
}

TEST(Configuration, CommandLinesThatMakeNoSenseAreRefused) {
  EXPECT_EQ(run_words({}).code, exit_usage);
  EXPECT_EQ(run_words({"--set", "a=b"}).code, exit_usage);
  EXPECT_EQ(run_words({"--config", "x.yaml", "--set", "nothing"}).code, exit_usage);
}

} // namespace
} // namespace tickplant::testing
