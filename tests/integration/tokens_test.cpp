// Tokens of an identity provider: the door that they open, and the session's end that they carry.
#include "support/logins.hpp"
#include "support/market_view.hpp"
#include "support/reloading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace tickplant::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::string base64url(const std::string& bytes) {
  std::string text(4 * (bytes.size() / 3 + 1) + 1, '\0');
  text.resize(static_cast<size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                                  reinterpret_cast<const unsigned char*>(bytes.data()),
                                                  static_cast<int>(bytes.size()))));
  while (text.ends_with('=')) text.pop_back();
  for (auto& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

class Tokens : public ::testing::Test {
protected:
  settings_text wanted() const {
    settings_text made;
    made.with_binance = false;
    made.public_more = "    auth: people\n";
    made.more = "auth:\n  people:\n    plugin: jwt\n    issuer: https://id.example.com\n    audience: tickplant\n"
                "    leeway: 0s\n    keys: {main: {alg: HS256, secret_file: \"" +
                folder_.write("secret", secret_) + "\"}}\n";
    return made;
  }
  std::string token(int64_t expires_s, const std::string& secret = secret_) const {
    const json head{{"alg", "HS256"}, {"kid", "main"}};
    const json claims{{"iss", "https://id.example.com"}, {"aud", "tickplant"}, {"sub", "dave"}, {"exp", expires_s}};
    const auto signed_part = base64url(head.dump()) + '.' + base64url(claims.dump());
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(), digest, &size);
    return signed_part + '.' + base64url({reinterpret_cast<const char*>(digest), size});
  }
  static int64_t now_s() { return static_cast<int64_t>(std::time(nullptr)); }
  uint16_t port() { return world_.whole().port(); }

  static inline const std::string secret_ = "a secret of the tests that is long enough";
  scratch_folder folder_;
  reloading world_{wanted()};
};

// S0-77, S0-80, S2-57.
TEST_F(Tokens, OpenTheDoorWhenTheyAreSignedAndValid) {
  const auto good = token(now_s() + 3600);
  json welcome;
  const auto client = welcomed(port(), with_header("Bearer " + good), &welcome);
  EXPECT_EQ(welcome.value("subject", ""), "dave");
  client->send(subscribe({"AAPL"}));
  market_view view;
  EXPECT_TRUE(view.follow_entries(*client, {"AAPL"})) << world_.story();

  const auto forged = token(now_s() + 3600, "another secret, which is long enough too");
  const auto refused = refusal_of(port(), with_header("Bearer " + forged));
  EXPECT_EQ(refused.status, 401u);
  EXPECT_THAT(refused.body, HasSubstr("4001"));
  const auto late = refusal_of(port(), with_header("Bearer " + token(now_s() - 1)));
  EXPECT_EQ(late.status, 401u);
  EXPECT_THAT(late.body, HasSubstr("4203"));
  for (const auto& secret : {good, forged})
    EXPECT_THAT(world_.whole().server().output(), Not(HasSubstr(secret.substr(secret.rfind('.')))));
}

// S0-77.
TEST_F(Tokens, EndTheSessionWithTheirOwnEnd) {
  const auto client = welcomed(port(), with_header("Bearer " + token(now_s() + 3)));
  EXPECT_TRUE(client->wait_for_type("AUTH_EXPIRING")) << world_.story();
  const auto expired = client->wait_for_type("ERROR");
  ASSERT_TRUE(expired) << world_.story();
  EXPECT_EQ(expired->body.value("name", ""), "TOKEN_EXPIRED");
  expect_closed(*client, 4203, world_);
}

TEST_F(Tokens, AreRefreshedWithoutANewConnection) {
  const auto first_end = now_s() + 3;
  const auto client = welcomed(port(), with_header("Bearer " + token(first_end)));
  client->send(subscribe({"AAPL"}));
  ASSERT_TRUE(client->wait_for_type("AUTH_EXPIRING")) << world_.story();
  const auto next_end = first_end + 3600;
  client->send({{"type", "REFRESH"}, {"token", token(next_end)}, {"requestId", "more"}});
  const auto answer = client->wait_for_type("AUTH_SUCCESS");
  ASSERT_TRUE(answer) << world_.story();
  EXPECT_EQ(answer->body.value("requestId", ""), "more");
  EXPECT_EQ(answer->body.value("expiresAt", int64_t{0}), next_end * 1'000);
  // Data still flows after the first one's end.
  EXPECT_TRUE(client->wait_for([&](const json& body) {
    return body.value("type", "") == "MARKET_DATA" && body.value("timestamp", int64_t{0}) > (first_end + 1) * 1'000;
  }))
    << world_.story();
}

} // namespace
} // namespace tickplant::testing
