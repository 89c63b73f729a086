// tickplantctl's words.
#include "runtime/tools/ctl/options.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace tickplant::ctl;
using testing::HasSubstr;

namespace {

struct Words : testing::Test {
  Words() {
    ::unsetenv("TICKPLANT_ADMIN");
    ::unsetenv("TICKPLANT_ADMIN_TOKEN");
  }
  ~Words() override {
    ::unsetenv("TICKPLANT_ADMIN");
    ::unsetenv("TICKPLANT_ADMIN_TOKEN");
  }
  static ctl_options parse(std::vector<const char*> words) {
    words.insert(words.begin(), "tickplantctl");
    return parse_options(static_cast<int>(words.size()), words.data());
  }
  static usage_end refused(std::vector<const char*> words) {
    try {
      parse(std::move(words));
    } catch (const usage_end& end) {
      return end;
    }
    ADD_FAILURE() << "taken";
    return usage_end{-1, ""};
  }
};

TEST_F(Words, NameEveryVerb) {
  EXPECT_EQ(parse({"status"}).what, verb::status);
  EXPECT_EQ(parse({"tree"}).what, verb::tree);
  EXPECT_EQ(parse({"venues"}).what, verb::venues);
  EXPECT_EQ(parse({"venues", "NASDAQ"}).name, "NASDAQ");
  EXPECT_TRUE(parse({"clients", "--slow"}).only_slow);
  EXPECT_EQ(parse({"clients", "--limit", "5"}).limit, 5u);
  EXPECT_EQ(parse({"subscriptions", "AAPL"}).name, "AAPL");
  EXPECT_EQ(parse({"plugins"}).what, verb::plugins);
  EXPECT_EQ(parse({"config", "show"}).what, verb::config_show);
  EXPECT_EQ(parse({"config", "check", "a.yaml"}).name, "a.yaml");
  EXPECT_EQ(parse({"config", "diff"}).what, verb::config_diff);
  EXPECT_FALSE(parse({"config", "reload"}).is_dry_run);
  EXPECT_TRUE(parse({"config", "reload", "--dry-run"}).is_dry_run);
  EXPECT_EQ(parse({"config", "rollback"}).what, verb::config_rollback);
  EXPECT_EQ(parse({"drain"}).what, verb::drain);
  EXPECT_EQ(parse({"log", "venue NASDAQ", "debug"}).level, "debug");
  EXPECT_EQ(parse({"kill", "gateway/hub-0"}).name, "gateway/hub-0");
  EXPECT_EQ(parse({"venue", "retry", "NASDAQ"}).what, verb::venue_retry);
  EXPECT_EQ(parse({"venue", "lines", "NASDAQ", "backup"}).group, "backup");
  const auto key = parse({"keys", "new", "desk-1", "--subject", "alice", "--tier", "gold", "--file", "k"});
  EXPECT_EQ(key.what, verb::keys_new);
  EXPECT_EQ(key.name + key.subject + key.tier + key.keys_file, "desk-1alicegoldk");
  EXPECT_EQ(parse({"keys", "list", "--file", "k"}).what, verb::keys_list);
  EXPECT_EQ(parse({"keys", "revoke", "desk-1", "--file", "k"}).what, verb::keys_revoke);
}

TEST_F(Words, AreRefusedWhenWrong) {
  for (const auto& words : std::vector<std::vector<const char*>>{{},
                                                                 {"dance"},
                                                                 {"config"},
                                                                 {"config", "check"},
                                                                 {"log", "node"},
                                                                 {"kill"},
                                                                 {"keys", "new", "a"},
                                                                 {"clients", "--limit", "0"},
                                                                 {"status", "--timeout", "0"},
                                                                 {"status", "more"}})
    EXPECT_EQ(refused(words).code, exit_usage);
  EXPECT_EQ(refused({"--help"}).code, exit_good);
}

TEST_F(Words, TakeAddressAndTokenFromTheEnvironmentLast) {
  EXPECT_EQ(parse({"status"}).admin, "http://127.0.0.1:9600");
  ::setenv("TICKPLANT_ADMIN", "http://127.0.0.1:1", 1);
  ::setenv("TICKPLANT_ADMIN_TOKEN", "from-environment", 1);
  EXPECT_EQ(parse({"status"}).admin, "http://127.0.0.1:1");
  EXPECT_EQ(parse({"status"}).token, "from-environment");
  EXPECT_EQ(parse({"status", "--admin", "http://127.0.0.1:2", "--token", "said"}).admin, "http://127.0.0.1:2");
  EXPECT_EQ(parse({"--token", "said", "status"}).token, "said");
}

TEST_F(Words, ReadTheTokenFromAFile) {
  const auto file = std::filesystem::temp_directory_path() / ("ctl-token-" + std::to_string(::getpid()));
  std::ofstream{file} << "from-file\n";
  EXPECT_EQ(parse({"status", "--token-file", file.c_str()}).token, "from-file");
  EXPECT_EQ(refused({"status", "--token", "x", "--token-file", file.c_str()}).code, exit_usage);
  std::ofstream{file} << "\n";
  EXPECT_THAT(refused({"status", "--token-file", file.c_str()}).what(), HasSubstr("is empty"));
  std::filesystem::remove(file);
  EXPECT_THAT(refused({"status", "--token-file", file.c_str()}).what(), HasSubstr("cannot be read"));
  EXPECT_EQ(refused({"status", "--token", "two\r\nlines"}).code, exit_usage) << "no header may be smuggled in";
}

} // namespace
