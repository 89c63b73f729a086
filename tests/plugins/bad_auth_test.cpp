// Auth policies that break their promises: each request is still answered once, and what is told makes sense.
#include "runtime/plugin/auth_host.hpp"
#include "runtime/plugin/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <sys/stat.h>

namespace tickplant::plugin {
namespace {

using policy::auth_outcome;
using testing::HasSubstr;

struct BadAuth : testing::Test {
  void use(const std::string& name) {
    registry plugins{{}};
    host = std::make_unique<auth_host>(
      plugins.auth(std::string{TP_BAD_PLUGINS} + '/' + name + ".so"),
      auth_host_options{{}, {}, [this](int, std::string_view text) { log.append(text).append("\n"); }});
    ASSERT_TRUE(host->create()) << host->why_broken();
  }
  void ask(uint64_t request, std::string_view secret = "some secret") {
    tp_credential given{};
    given.struct_size = sizeof given;
    given.carrier = TP_CARRIER_HEADER;
    given.secret = {secret.data(), secret.size()};
    given.now_ns = 1;
    host->check(request, given, [this](auth_outcome outcome) { answers.push_back(std::move(outcome)); });
  }
  std::string log;
  std::vector<auth_outcome> answers;
  std::unique_ptr<auth_host> host;
};

TEST_F(BadAuth, TheFirstAnswerCountsAndOthersAreCounted) {
  use("auth_twice");
  ask(1);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_TRUE(answers[0]);
  EXPECT_EQ(host->counts().ignored, 3u); // the second, the unknown one, and ours for the negative answer
  EXPECT_EQ(host->counts().accepted, 1u);
  EXPECT_EQ(host->counts().faults, 1u);
}

TEST_F(BadAuth, WhatIsNeverAnsweredEndsWithTheInstance) {
  use("auth_never");
  ask(1);
  ask(2);
  ask(1); // the number is taken
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].code, 4100);
  EXPECT_TRUE(host->abandon(2));
  EXPECT_FALSE(host->abandon(2));
  EXPECT_EQ(host->counts().pending, 1u);
  host.reset();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[1].code, 4100);
}

TEST_F(BadAuth, ExceptionsAreRefusals) {
  use("auth_throws");
  ask(1);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].code, 4100);
  EXPECT_THAT(host->last_fault(), HasSubstr("check answered -8 (internal)"));
  EXPECT_EQ(host->recheck({}, 1), 4100);
}

TEST_F(BadAuth, NonsenseIsRefused) {
  use("auth_nonsense");
  const std::pair<const char*, const char*> cases[] = {{"a", "null or too short"},
                                                       {"b", "null or too short"},
                                                       {"c", "no subject"},
                                                       {"d", "subject has a size but no bytes"},
                                                       {"e", "subject has 4096 bytes"},
                                                       {"f", "accounts has a count but no entries"},
                                                       {"g", "entitlements has a count"},
                                                       {"h", "tier holds a control character"},
                                                       {"i", "shows the secret"},
                                                       {"j", "12 is no number of a refusal"},
                                                       {"z", "check answered -12345"}};
  uint64_t request = 0;
  for (const auto& [secret, fault] : cases) {
    answers.clear();
    ask(++request, std::string{secret} + " is a long secret");
    ASSERT_EQ(answers.size(), 1u) << secret;
    EXPECT_EQ(answers[0].code, 4100) << secret;
    EXPECT_THAT(host->last_fault(), HasSubstr(fault)) << secret;
  }
  EXPECT_EQ(host->counts().faults, std::size(cases));
  policy::principal who;
  who.subject = "8 bytes.";
  EXPECT_EQ(host->recheck(who, 1), 4100);
  who.subject = "other";
  EXPECT_EQ(host->recheck(who, 1), 4100);
}

TEST_F(BadAuth, SecretsAndControlCharactersStayInside) {
  use("auth_nonsense");
  ask(1, "k is a long secret");
  EXPECT_EQ(answers.back().reason, "refused");
  ask(2, "l is a long secret");
  EXPECT_EQ(answers.back().reason, "a?b?");
  EXPECT_THAT(log, testing::Not(HasSubstr("long secret")));
  EXPECT_TRUE(host->complaints().empty());
}

// A policy that reads the file of its setting, made here.
auth_plugin reading_policy() {
  tp_auth_ops ops{};
  ops.struct_size = sizeof ops;
  ops.validate = [](const tp_config* config, const tp_auth_host* table, tp_ctx* ctx) -> int32_t {
    std::string text;
    const auto take = [](void* to, tp_str bytes) { static_cast<std::string*>(to)->assign(bytes.data, bytes.size); };
    const int32_t answer = table->read_file(ctx, config->pairs[0].key, config->pairs[0].value, take, &text);
    if (answer == TP_OK && text != "good") table->complain(ctx, config->pairs[0].key, {"is not good", 11});
    return answer;
  };
  return {{"reading", "1", "x", TP_KIND_AUTH, 1, {}}, ops};
}

TEST(AuthFiles, AreReadBesideTheConfigurationWithinBounds) {
  const std::string folder = (std::filesystem::path{testing::TempDir()} / "auth_files").string();
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream{folder + '/' + name} << text;
    ::chmod((folder + '/' + name).c_str(), 0600);
  };
  std::vector<std::string> files;
  const auto told = [&](const std::string& path) {
    return to_text(auth_host::validate(reading_policy(), {{{"file", path}}, folder, {}}, &files));
  };
  write("good", "good");
  EXPECT_EQ(told("good"), "");
  EXPECT_THAT(files, testing::ElementsAre(folder + "/good"));
  EXPECT_EQ(told(folder + "/good"), "");
  EXPECT_EQ(told("sub/../good"), "");
  EXPECT_THAT(told("gone"), HasSubstr("file: " + folder + "/gone: No such file"));
  EXPECT_THAT(files, testing::ElementsAre(folder + "/gone")) << "the watcher has to see it come";
  EXPECT_THAT(told(""), HasSubstr("is no path"));
  EXPECT_THAT(told("."), HasSubstr("is not a regular file"));
  write("most", std::string(auth_host::largest_file, 'x'));
  EXPECT_THAT(told("most"), HasSubstr("is not good"));
  write("large", std::string(auth_host::largest_file + 1, 'x'));
  EXPECT_THAT(told("large"), HasSubstr("is larger than 1048576 bytes"));
  ASSERT_EQ(::mkfifo((folder + "/pipe").c_str(), 0600), 0);
  EXPECT_THAT(told("pipe"), HasSubstr("is not a regular file")); // and does not hang
  ::chmod((folder + "/good").c_str(), 0666);
  EXPECT_THAT(told("good"), HasSubstr("may be written by everybody"));
}

} // namespace
} // namespace tickplant::plugin
