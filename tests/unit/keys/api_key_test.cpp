// The policy, with keys as the tool makes them.
#include "key_line.hpp"
#include "recording_auth_host.hpp"
#include "runtime/tools/keys/keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/stat.h>
#include <unistd.h>

namespace tickplant::sdk::testing {
namespace {

using ::testing::HasSubstr;

struct ApiKey : ::testing::Test {
  void load(const std::string& text) {
    host.files["keys.txt"] = text;
    ASSERT_TRUE(host.create(linked_policy(), from_file));
  }
  const recording_auth_host::settings_list from_file{{"keys_file", "keys.txt"}};
  recording_auth_host host;
  const keys::new_key alice = keys::new_api_key({"alice", "Alice", "gold", "acme", "2027-01-31", "NASDAQ:A*,X:*"});
  const keys::new_key bob = keys::new_api_key("bob");
  static constexpr int64_t day = int64_t{86'400} * 1'000'000'000, expiry = 20'849 * day; // 2027-01-31
};

TEST_F(ApiKey, LetsTheHolderInWithItsRights) {
  load("# comment\n\n" + alice.line + "   # Alice's\r\n" + bob.line + '\n');
  const auto answer = host.check(alice.text, 1, "ApiKey");
  ASSERT_TRUE(answer.who) << answer.reason;
  EXPECT_EQ(answer.who->subject, "Alice");
  EXPECT_EQ(answer.who->tier, "gold");
  EXPECT_EQ(answer.who->tenant, "acme");
  EXPECT_EQ(answer.who->expires_ns, expiry);
  EXPECT_THAT(answer.who->entitlements, ::testing::ElementsAre("NASDAQ:A*", "X:*"));
  EXPECT_THAT(answer.who->credential, ::testing::StartsWith("alice/"));
  EXPECT_EQ(host.check(bob.text).who->subject, "bob");
  EXPECT_EQ(host.check(bob.text).who->expires_ns, TP_NONE);
}

TEST_F(ApiKey, RefusesEveryOtherTextAlike) {
  load(alice.line + '\n' + bob.line);
  std::string wrong = alice.text;
  wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
  const std::string other = keys::new_api_key("alice").text, unknown = keys::new_api_key("carol").text;
  const auto digest = alice.line.substr(6, 64);
  for (const std::string& text : {wrong, other, unknown, alice.text + 'x', alice.text.substr(0, alice.text.size() - 1),
                                  std::string{"tpk_alice_"}, std::string{"tpk__"}, std::string{"x"}, digest,
                                  "tpk_alice_" + digest, std::string(16'384, 'a'), "tpk_bob_" + alice.text.substr(10),
                                  " " + alice.text, std::string{"tpk_../etc/passwd_"} + std::string(43, 'A')}) {
    const auto answer = host.check(text);
    EXPECT_FALSE(answer.who) << text;
    EXPECT_EQ(answer.code, 4001);
    EXPECT_EQ(answer.reason, "key is not known");
    EXPECT_EQ(answer.answers, 1);
  }
  EXPECT_EQ(host.check("").reason, "no key was given");
}

TEST_F(ApiKey, EndsAtItsExpiry) {
  load(alice.line);
  EXPECT_TRUE(host.check(alice.text, expiry - 1).who);
  const auto late = host.check(alice.text, expiry);
  EXPECT_EQ(late.code, 4001);
  EXPECT_EQ(late.reason, "key has expired");
}

TEST_F(ApiKey, AReloadEndsRevokedAndChangedKeys) {
  load(alice.line + '\n' + bob.line);
  const auto who_alice = *host.check(alice.text).who, who_bob = *host.check(bob.text).who;
  EXPECT_EQ(host.recheck(who_alice), 0);
  load(alice.line + "\ncarol" + bob.line.substr(3)); // bob is gone
  EXPECT_EQ(host.recheck(who_alice), 0);
  EXPECT_EQ(host.recheck(who_bob), -4001);
  load(keys::new_api_key({"alice", "Alice", "gold", "acme", "2027-01-31", "NASDAQ:A*,X:*"}).line); // another secret
  EXPECT_EQ(host.recheck(who_alice), -4001);
  std::string changed = alice.line;
  changed.replace(changed.find("gold"), 4, "iron");
  load(changed);
  EXPECT_EQ(host.recheck(who_alice), -4203);
  load(alice.line.substr(0, alice.line.rfind(',')));
  EXPECT_EQ(host.recheck(who_alice), -4203);
}

TEST_F(ApiKey, KeysMayStandInTheSettings) {
  ASSERT_TRUE(host.create(linked_policy(), {{"keys.bob.sha256", bob.line.substr(4, 64)}, {"keys.bob.tier", "iron"}}));
  EXPECT_EQ(host.check(bob.text).who->tier, "iron");
}

TEST_F(ApiKey, ComplainsWithLineAndCause) {
  host.files["keys.txt"] = "alice\n" + bob.line + '\n' + bob.line + "\nAlice " + bob.line.substr(4) + "\nx y z\n" +
                           alice.line + " more\nz " + alice.line.substr(6, 64) + " z - - 2027-02-30\n";
  const auto text = host.validate(linked_policy(), from_file);
  EXPECT_THAT(text, HasSubstr("keys_file: line 1: wanted at least: id sha256 subject"));
  EXPECT_THAT(text, HasSubstr("keys_file: line 3: key bob is there twice"));
  EXPECT_THAT(text, HasSubstr("keys_file: line 4: 'Alice' is no id"));
  EXPECT_THAT(text, HasSubstr("keys_file: line 5: key x: sha256 is not 64 hex digits"));
  EXPECT_THAT(text, HasSubstr("keys_file: line 6: has more than seven words"));
  EXPECT_THAT(text, HasSubstr("keys_file: line 7: key z: expires is no time"));
  EXPECT_THAT(host.validate(linked_policy(), {}), HasSubstr("nobody could log in"));
  EXPECT_THAT(host.validate(linked_policy(), {{"keys_file", "gone"}}), HasSubstr("keys_file: cannot be read"));
  EXPECT_THAT(host.validate(linked_policy(), {{"key", "x"}}), HasSubstr("key: is no key of this policy"));
  EXPECT_FALSE(host.create(linked_policy(), from_file));
}

TEST_F(ApiKey, NeverLogsSecrets) {
  load(alice.line);
  host.check(alice.text);
  host.check(alice.text + 'x');
  for (const auto& line : host.logs) EXPECT_THAT(line, ::testing::Not(HasSubstr(alice.text)));
  EXPECT_THAT(alice.line, ::testing::Not(HasSubstr(alice.text.substr(10))));
}

struct KeysFile : ::testing::Test {
  std::string folder = ::testing::TempDir() + "/keys_test_" + std::to_string(::getpid()); // tests run side by side
  std::string file = folder + "/keys.txt";
  KeysFile() {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
  }
  ~KeysFile() override { std::filesystem::remove_all(folder); }
  std::string text() const {
    std::ostringstream all;
    all << std::ifstream{file}.rdbuf();
    return all.str();
  }
};

TEST_F(KeysFile, KeysAreAddedListedAndRevoked) {
  const auto alice = keys::new_api_key({"alice", "", "gold", "", "", ""}), bob = keys::new_api_key("bob");
  keys::append_key(file, alice.line);
  keys::append_key(file, bob.line);
  EXPECT_THROW(keys::append_key(file, alice.line), keys::key_fault);
  auto listed = keys::list_keys(file);
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].id, "alice");
  EXPECT_EQ(listed[0].tier, "gold");
  EXPECT_EQ(listed[1].tier, "-");
  struct stat facts {};
  ASSERT_EQ(::stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_TRUE(keys::revoke_key(file, "alice"));
  EXPECT_FALSE(keys::revoke_key(file, "alice"));
  listed = keys::list_keys(file);
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].id, "bob");
  EXPECT_THAT(text(), ::testing::StartsWith("# id sha256 subject"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder}, {}), 1) << "a temporary file is left";
}

TEST_F(KeysFile, ALinkStaysALink) {
  const std::string real = folder + "/real.txt";
  std::ofstream{real} << "# mine";
  std::filesystem::create_symlink(real, file);
  keys::append_key(file, keys::new_api_key("a").line);
  EXPECT_TRUE(std::filesystem::is_symlink(file));
  EXPECT_THAT(text(), ::testing::StartsWith("# mine\na "));
}

TEST_F(KeysFile, RefusesWordsThatWouldBreakTheLine) {
  EXPECT_THROW(keys::new_api_key("Alice"), keys::key_fault);
  EXPECT_THROW(keys::new_api_key(""), keys::key_fault);
  EXPECT_THROW(keys::new_api_key({"a", "two words", "", "", "", ""}), keys::key_fault);
  EXPECT_THROW(keys::new_api_key({"a", "x\ny", "", "", "", ""}), keys::key_fault);
  EXPECT_THROW(keys::revoke_key(folder + "/none", "a"), keys::key_fault);
  EXPECT_THROW(keys::append_key(folder + "/no/such/folder", "a b c"), keys::key_fault);
}

TEST(KeyTime, IsStrict) {
  using api_key::parse_time;
  EXPECT_EQ(parse_time("1970-01-02"), int64_t{86'400} * 1'000'000'000);
  EXPECT_EQ(parse_time("1970-01-01T00:01:00Z"), int64_t{60} * 1'000'000'000);
  for (const char* text : {"", "2027", "2027-13-01", "2027-02-30", "2027-1-1", "2027-01-01T00:00:00",
                           "2027-01-01T24:00:00Z", "2027-01-01 00:00:00Z", "20a7-01-01", "1969-01-01", "-027-01-01"})
    EXPECT_FALSE(parse_time(text)) << text;
}

} // namespace
} // namespace tickplant::sdk::testing
