#include "runtime/policy/token_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tickplant::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

token_search find(std::vector<std::string_view> authorization, std::vector<std::string_view> protocols = {},
                  std::string_view target = "/ws", bool query_allowed = false) {
  return find_token({authorization, protocols, target, query_allowed});
}

void expect(const token_search& got, uint32_t carrier, std::string_view secret) {
  EXPECT_EQ(got.code, 0) << got.reason;
  EXPECT_EQ(got.carrier, carrier);
  EXPECT_EQ(got.secret.view(), secret);
}

void expect_refused(const token_search& got, std::string_view words) {
  EXPECT_EQ(got.code, 4001);
  EXPECT_THAT(got.reason, HasSubstr(words));
  EXPECT_EQ(got.carrier, TP_CARRIER_NONE + 0u);
  EXPECT_TRUE(got.secret.empty());
}

TEST(TokenSource, NoneIsNoFault) {
  expect(find({}), TP_CARRIER_NONE, "");
  expect(find({}, {"chat, superchat"}, "/ws?x=1"), TP_CARRIER_NONE, "");
}

TEST(TokenSource, Header) {
  expect(find({"Bearer a.b.c"}), TP_CARRIER_HEADER, "a.b.c");
  const auto key = find({"  aPIkEY \t tpk_x_y  "});
  expect(key, TP_CARRIER_HEADER, "tpk_x_y");
  EXPECT_EQ(key.scheme, "aPIkEY");
}

TEST(TokenSource, HeaderThatIsNone) {
  expect_refused(find({"Basic dXNlcjpwYXNz"}), "wanted the scheme Bearer or ApiKey");
  expect_refused(find({""}), "wanted the scheme");
  expect_refused(find({"Bearer"}), "credential is empty");
  expect_refused(find({"Bearer a b"}), "holds spaces");
  expect_refused(find({"Bearer a\x01"}), "control characters");
  expect_refused(find({"Bearertoken"}), "wanted the scheme");
}

TEST(TokenSource, SubprotocolPlainAndCoded) {
  expect(find({}, {"hft, bearer.a.b.c"}), TP_CARRIER_SUBPROTOCOL, "a.b.c");
  expect(find({}, {"hft", "tickplant.token.YS5iLmM"}), TP_CARRIER_SUBPROTOCOL, "a.b.c");
  expect_refused(find({}, {"tickplant.token.YS5iLmM="}), "not base64url");
  expect_refused(find({}, {"tickplant.token.YS5iLmN"}), "not base64url"); // bits behind the end
  expect_refused(find({}, {"tickplant.token.A"}), "not base64url");
  expect_refused(find({}, {"tickplant.token."}), "credential is empty");
  expect_refused(find({}, {"tickplant.token.YQpi"}), "control characters"); // "a\nb"
}

TEST(TokenSource, SubprotocolWithTokenIsNeverOffered) {
  const std::vector<std::string_view> headers{"hft ,bearer.secret,, v2", "tickplant.token.AAAA, Bearer.other,x"};
  EXPECT_THAT(offered_protocols(headers), ElementsAre("hft", "v2", "x"));
}

TEST(TokenSource, QueryWhereAllowed) {
  expect(find({}, {}, "/ws?a=1&token=a%2Eb.c&b=2", true), TP_CARRIER_QUERY, "a.b.c");
  expect(find({}, {}, "/ws?token=a+b#token=c", true), TP_CARRIER_QUERY, "a+b");
  const auto ignored = find({}, {}, "/ws?token=abc", false);
  expect(ignored, TP_CARRIER_NONE, "");
  EXPECT_TRUE(ignored.query_ignored);
  expect_refused(find({}, {}, "/ws?token=a%2", true), "percent-coded");
  expect_refused(find({}, {}, "/ws?token=a%zz", true), "percent-coded");
  expect_refused(find({}, {}, "/ws?token=", true), "credential is empty");
  expect_refused(find({}, {}, "/ws?token=a%00b", true), "control characters");
}

TEST(TokenSource, SeveralCarriersOfOneSecretAreOne) {
  expect(find({"Bearer a.b.c"}, {"bearer.a.b.c, tickplant.token.YS5iLmM"}, "/?token=a.b.c", true), TP_CARRIER_HEADER,
         "a.b.c");
}

TEST(TokenSource, DifferentSecretsAreAmbiguous) {
  expect_refused(find({"Bearer a"}, {"bearer.b"}), "ambiguous");
  expect_refused(find({"Bearer a", "Bearer b"}), "ambiguous");
  expect_refused(find({}, {"bearer.a, bearer.b"}), "ambiguous");
  expect_refused(find({}, {}, "/?token=a&token=b", true), "ambiguous");
  expect_refused(find({"Bearer a"}, {}, "/?token=b", true), "ambiguous");
}

TEST(TokenSource, TheLongestSecretIsTakenAndNoLonger) {
  const std::string most(TP_SECRET_MAX, 'x');
  expect(find({"Bearer " + most}), TP_CARRIER_HEADER, most);
  expect_refused(find({"Bearer " + most + 'x'}), "longer than 16384 bytes");
  expect_refused(find({}, {"bearer." + most + 'x'}), "longer than");
  expect_refused(find({}, {"tickplant.token." + std::string(30'000, 'A')}), "longer than");
  const std::string target = "/?token=" + std::string(60'000, 'x');
  expect_refused(find({}, {}, target, true), "longer than");
}

TEST(RedactTarget, HidesValuesOfTokensAlone) {
  EXPECT_EQ(redact_target("/ws"), "/ws");
  EXPECT_EQ(redact_target("/ws?token=abc"), "/ws?token=***");
  EXPECT_EQ(redact_target("/ws?a=1&token=abc&b=2"), "/ws?a=1&token=***&b=2");
  EXPECT_EQ(redact_target("/ws?Access_Token=abc;api_key=d#f"), "/ws?Access_Token=***;api_key=***#f");
  EXPECT_EQ(redact_target("/ws?%74oken=abc&token=d"), "/ws?%74oken=***&token=***");
  EXPECT_EQ(redact_target("/ws?token"), "/ws?token");
  EXPECT_EQ(redact_target("/ws?token=&x=token=1"), "/ws?token=***&x=token=1");
  EXPECT_EQ(redact_target("/token=abc?mytoken=1"), "/token=abc?mytoken=1");
  EXPECT_EQ(redact_target("/ws?token=a=b"), "/ws?token=***");
  EXPECT_EQ(redact_target(""), "");
}

TEST(SecretText, LeavesNothingBehindWhenMoved) {
  secret_text from{"short"};
  const secret_text to{std::move(from)};
  EXPECT_EQ(to.view(), "short");
  EXPECT_TRUE(from.view().empty()); // NOLINT: the moved-from state is what is tested
  EXPECT_EQ(std::string_view(from.view().data(), 5), std::string_view("\0\0\0\0\0", 5));
}

} // namespace
} // namespace tickplant::policy
