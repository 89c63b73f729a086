// Tokens, good and bad; each case with what is wrong about it (RFC 8725). Keys are made when the tests start.
#include "issuer.hpp"
#include "recording_auth_host.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tickplant::jwt {
namespace {

using sdk::testing::linked_policy;
using sdk::testing::recorded_answer;
using sdk::testing::recording_auth_host;

constexpr int64_t second = 1'000'000'000, now = 1'800'000'000 * second;
const std::string secret = "an HS256 secret of enough random bytes";

struct issuer_keys {
  signer rsa{signer::kind::rsa}, p256{signer::kind::p256}, ed{signer::kind::ed25519};
  signer other_rsa{signer::kind::rsa}, other_p256{signer::kind::p256};
};
const issuer_keys& keys() {
  static const issuer_keys made;
  return made;
}

std::function<std::string(std::string_view)> by(const signer& key) {
  return [&key](std::string_view input) { return key.sign(input); };
}
std::function<std::string(std::string_view)> by_secret(std::string with) {
  return [with](std::string_view input) { return hmac(with, input); };
}
const auto by_h = by_secret(secret);
std::string nobody(std::string_view) {
  return {};
}

const std::string h_header = R"({"alg":"HS256","typ":"JWT","kid":"h"})";
/// Good claims with more of them at the end.
std::string claims(const std::string& more = {}) {
  return R"({"iss":"https://id.example","aud":"tickplant","sub":"alice","exp":1800000100)" + more + '}';
}
/// Claims with nothing but what is required, and `more`.
std::string bare(const std::string& more) {
  return R"({"iss":"https://id.example","aud":"tickplant","sub":"alice")" + more + '}';
}

struct Token : testing::Test {
  Token() {
    host.files = {
      {"rsa.pem", keys().rsa.public_pem()}, {"p256.pem", keys().p256.public_pem()}, {"ed.pem", keys().ed.public_pem()}};
    settings = {{"issuer", "https://id.example"}, {"audience", "tickplant"},
                {"keys.h.alg", "HS256"},          {"keys.h.secret", secret},
                {"keys.r.alg", "RS256"},          {"keys.r.public_key_file", "rsa.pem"},
                {"keys.e.alg", "ES256"},          {"keys.e.public_key_file", "p256.pem"},
                {"keys.d.alg", "EdDSA"},          {"keys.d.public_key_file", "ed.pem"}};
    load();
  }
  void load() { ASSERT_TRUE(host.create(linked_policy(), settings)) << host.validate(linked_policy(), settings); }
  void set(const std::string& key, const std::string& value) {
    std::erase_if(settings, [&](const auto& each) { return each.first == key; });
    settings.emplace_back(key, value);
    load();
  }
  void good(const std::string& token, int64_t at = now) {
    const auto answer = host.check(token, at);
    EXPECT_TRUE(answer.who) << answer.reason;
    EXPECT_EQ(answer.answers, 1);
  }
  void bad(const std::string& token, const std::string& reason, int32_t code = 4001, int64_t at = now) {
    const auto answer = host.check(token, at);
    EXPECT_FALSE(answer.who) << "wanted: " << reason;
    EXPECT_EQ(answer.reason, reason);
    EXPECT_EQ(answer.code, code);
    EXPECT_EQ(answer.answers, 1);
  }
  recording_auth_host host;
  recording_auth_host::settings_list settings;
};

TEST_F(Token, EachAlgorithmIsVerified) {
  good(token_of(h_header, claims(), by_h));
  good(token_of(R"({"alg":"RS256","kid":"r"})", claims(), by(keys().rsa)));
  good(token_of(R"({"alg":"ES256","kid":"e"})", claims(), by(keys().p256)));
  good(token_of(R"({"alg":"EdDSA","kid":"d"})", claims(), by(keys().ed)));
}

TEST_F(Token, ClaimsBecomeThePrincipal) {
  const auto answer = host.check(token_of(h_header,
                                          claims(R"(,"tier":"gold","tenant":"acme","accounts":["A1","A2"],)"
                                                 R"("entitlements":"NASDAQ:*","jti":"id-7")"),
                                          by_h),
                                 now);
  ASSERT_TRUE(answer.who) << answer.reason;
  EXPECT_EQ(answer.who->subject, "alice");
  EXPECT_EQ(answer.who->tier, "gold");
  EXPECT_EQ(answer.who->tenant, "acme");
  EXPECT_EQ(answer.who->credential, "h#id-7");
  EXPECT_EQ(answer.who->expires_ns, (1'800'000'100 + 30) * second); // leeway included
  EXPECT_THAT(answer.who->accounts, testing::ElementsAre("A1", "A2"));
  EXPECT_THAT(answer.who->entitlements, testing::ElementsAre("NASDAQ:*"));
}

TEST_F(Token, AlgorithmsArePinnedToTheirKeys) {
  const std::string wrong = "algorithm does not match the key's";
  for (const char* alg : {"none", "None", "NONE", "nOnE", ""}) {
    const std::string header = R"({"alg":")" + std::string{alg} + R"(","kid":"h"})";
    bad(token_of(header, claims(), nobody), wrong);
    bad(token_of(header, claims(), by_h), wrong);
  }
  // HMAC with what everybody has: the public key's file.
  bad(token_of(R"({"alg":"HS256","kid":"r"})", claims(), by_secret(keys().rsa.public_pem())), wrong);
  bad(token_of(R"({"alg":"HS256","kid":"e"})", claims(), by_secret(keys().p256.public_pem())), wrong);
  bad(token_of(R"({"alg":"HS256","kid":"d"})", claims(), by_secret(keys().ed.public_pem())), wrong);
  for (const char* alg : {"HS384", "HS512", "RS256", "ES256", "EdDSA", "hs256", "HS256 ", "PS256", "dir"})
    bad(token_of(R"({"alg":")" + std::string{alg} + R"(","kid":"h"})", claims(), by_h), wrong);
  for (const char* alg : {"RS384", "RS512", "PS256", "ES256", "EdDSA"})
    bad(token_of(R"({"alg":")" + std::string{alg} + R"(","kid":"r"})", claims(), by(keys().rsa)), wrong);
  bad(token_of(R"({"alg":"ES384","kid":"e"})", claims(), by(keys().p256)), wrong);
  bad(token_of(R"({"alg":"Ed25519","kid":"d"})", claims(), by(keys().ed)), wrong);
  bad(token_of(R"({"kid":"h"})", claims(), by_h), "token names no algorithm");
  bad(token_of(R"({"alg":256,"kid":"h"})", claims(), by_h), "token names no algorithm");
  bad(token_of(R"({"alg":["HS256"],"kid":"h"})", claims(), by_h), "token names no algorithm");
  bad(token_of(R"({"alg":null,"kid":"h"})", claims(), by_h), "token names no algorithm");
}

TEST_F(Token, KidIsALookUpKeyOnly) {
  const auto with = [](const std::string& kid) {
    return token_of(R"({"alg":"HS256","kid":)" + kid + '}', claims(), by_h);
  };
  for (const char* kid : {R"("x")", R"("H")", R"("h ")", R"(" h")", R"("../../dev/null")", R"("/etc/passwd")",
                          R"("rsa.pem")", R"("h' OR '1'='1")", R"("h\u0000")", R"("\uff48")", R"("h\u200b")",
                          R"("\u0068\u0301")", R"("h#x")", R"("|ls")", R"("https://evil.example/jwks")", R"("-")"})
    bad(with(kid), "key is not known");
  good(with(R"("\u0068")")); // the same text, written otherwise
  for (const std::string& kid : {std::string{R"("")"}, std::string{"7"}, std::string{"null"}, std::string{R"(["h"])"},
                                 '"' + std::string(257, 'h') + '"'})
    bad(with(kid), "token has a malformed kid");
  bad(token_of(R"({"alg":"HS256"})", claims(), by_h), "token names no key");
}

TEST_F(Token, WithoutKidOnlyWhereThereIsOneKey) {
  settings = {
    {"issuer", "https://id.example"}, {"audience", "tickplant"}, {"keys.h.alg", "HS256"}, {"keys.h.secret", secret}};
  load();
  good(token_of(R"({"alg":"HS256"})", claims(), by_h));
  bad(token_of(R"({"alg":"none"})", claims(), nobody), "algorithm does not match the key's");
}

TEST_F(Token, SignaturesHaveToMatch) {
  const std::string wrong = "signature does not match";
  bad(token_of(h_header, claims(), by_secret(secret + 'x')), wrong);
  bad(token_of(h_header, claims(), nobody), wrong);
  bad(token_of(h_header, claims(), [](auto input) { return hmac(secret, input).substr(0, 16); }), wrong);
  bad(token_of(h_header, claims(), [](auto input) { return hmac(secret, input) + 'x'; }), wrong);
  bad(token_of(R"({"alg":"RS256","kid":"r"})", claims(), by(keys().other_rsa)), wrong);
  bad(token_of(R"({"alg":"RS256","kid":"r"})", claims(), nobody), wrong);
  bad(token_of(R"({"alg":"RS256","kid":"r"})", claims(), [](auto) { return std::string(256, '\0'); }), wrong);
  bad(token_of(R"({"alg":"RS256","kid":"r"})", claims(), [](auto i) { return '\0' + keys().rsa.sign(i); }), wrong);
  bad(token_of(R"({"alg":"ES256","kid":"e"})", claims(), by(keys().other_p256)), wrong);
  bad(token_of(R"({"alg":"ES256","kid":"e"})", claims(), [](auto) { return std::string(64, '\0'); }),
      wrong); // CVE-2022-21449
  bad(token_of(R"({"alg":"ES256","kid":"e"})", claims(), [](auto i) { return keys().p256.sign(i) + '\0'; }), wrong);
  bad(token_of(R"({"alg":"ES256","kid":"e"})", claims(), [](auto i) { return keys().p256.sign(i).substr(1); }), wrong);
  bad(token_of(R"({"alg":"ES256","kid":"e"})", claims(), [](auto) { return std::string(64, '\xFF'); }), wrong);
  bad(token_of(R"({"alg":"EdDSA","kid":"d"})", claims(), [](auto) { return std::string(64, '\0'); }), wrong);
  bad(token_of(R"({"alg":"EdDSA","kid":"d"})", claims(), nobody), wrong);
  // Claims of one token under the signature of another.
  const auto alice = token_of(h_header, claims(), by_h);
  const auto last = alice.rfind('.');
  bad(base64url(h_header) + '.' + base64url(bare(R"(,"exp":1900000000)")) + alice.substr(last), wrong);
}

TEST_F(Token, AKeyInTheHeaderIsNotTrusted) {
  const signer& mine = keys().other_rsa;
  bad(token_of(R"({"alg":"RS256","kid":"r","jwk":)" + mine.jwk("r") + '}', claims(), by(mine)),
      "signature does not match");
  bad(token_of(R"({"alg":"RS256","kid":"mine","jku":"https://evil.example"})", claims(), by(mine)), "key is not known");
}

TEST_F(Token, PartsAreThreeAndStrict) {
  const auto token = token_of(h_header, claims(), by_h);
  const auto first = token.find('.'), last = token.rfind('.');
  bad("", "no token was given");
  bad("x", "token has not three parts");
  bad("..", "header is not a strict JSON object");
  bad(token.substr(0, last), "token has not three parts");
  bad(token + ".", "token has not three parts");
  bad(token + ".AAAA.AAAA", "token has not three parts");
  bad(std::string(TP_SECRET_MAX + 1, 'a'), "token is too long");
  bad(token + "=", "signature is not base64url");
  bad(token + " ", "signature is not base64url");
  bad(token + "\n", "signature is not base64url");
  bad(" " + token, "header is not base64url");
  bad("Bearer " + token, "header is not base64url");
  bad(token.substr(0, first) + "=" + token.substr(first), "header is not base64url");
  std::string standard = token;
  standard[last + 1] = '+';
  bad(standard, "signature is not base64url");
  std::string tail = token; // 32 bytes end in two bits that stand for nothing
  tail.back() = static_cast<char>(tail.back() + 1);
  const auto refused = host.check(tail, now);
  EXPECT_FALSE(refused.who);
  bad(base64url("\xEF\xBB\xBF{}") + ".e30." + "AAAA", "header is not a strict JSON object");
}

TEST_F(Token, HeaderAndClaimsAreStrictJson) {
  const std::string no_header = "header is not a strict JSON object", no_claims = "claims are not a strict JSON object";
  for (const char* header :
       {"", "[]", "null", "\"x\"", "{", "{}{}", R"({"alg":"HS256","alg":"none","kid":"h"})",
        R"({"alg":"HS256","kid":"h","\u0061lg":"none"})", R"({alg:"HS256"})", R"({"alg":"HS256","kid":"h",})",
        R"({"alg":"HS256" /* */})", "{\"alg\":\"HS256\xFF\"}", R"({"alg":"HS256","kid":"h","x":{"a":1,"a":2}})"})
    bad(token_of(header, claims(), by_h), no_header);
  for (const std::string& text :
       {std::string{}, std::string{"[]"}, std::string{"1"}, claims(R"(,"sub":"root")"), claims(R"(,"exp":1)"),
        claims(R"(,"x":NaN)"), claims(R"(,"x":1e999)"), claims(R"(,"x":[{"a":1,"a":1}])"),
        claims(R"(,"x":)" + std::string(100, '[') + std::string(100, ']')), claims("\x01")})
    bad(token_of(h_header, text, by_h), no_claims);
}

TEST_F(Token, ExtensionsAreRefused) {
  bad(token_of(R"({"alg":"HS256","kid":"h","crit":["exp"],"exp":1})", claims(), by_h), "token asks for an extension");
  bad(token_of(R"({"alg":"HS256","kid":"h","crit":[]})", claims(), by_h), "token asks for an extension");
  bad(token_of(R"({"alg":"HS256","kid":"h","b64":false})", claims(), by_h), "token asks for an extension");
  bad(token_of(R"({"alg":"HS256","kid":"h","b64":true})", claims(), by_h), "token asks for an extension");
}

TEST_F(Token, ExpiryIsExactAtItsEdges) {
  const auto token = token_of(h_header, bare(R"(,"exp":1800000000)"), by_h);
  const int64_t end = (1'800'000'000 + 30) * second;
  good(token, end - 1);
  bad(token, "token has expired", 4203, end);
  bad(token, "token has expired", 4203, end + second);
  set("leeway", "0s");
  good(token, now - 1);
  bad(token, "token has expired", 4203, now);
  const auto half = token_of(h_header, bare(R"(,"exp":1800000000.5)"), by_h);
  good(half, now + second / 2 - 1);
  bad(half, "token has expired", 4203, now + second / 2);
}

TEST_F(Token, ExpiryOfOddKinds) {
  bad(token_of(h_header, bare(""), by_h), "token has no expiry");
  for (const char* wrong : {R"("1800000100")", "null", "true", "[1800000100]", "{}"})
    bad(token_of(h_header, bare(R"(,"exp":)" + std::string{wrong}), by_h), "claim exp is not a number");
  bad(token_of(h_header, bare(R"(,"exp":0)"), by_h), "token has expired", 4203);
  bad(token_of(h_header, bare(R"(,"exp":-1)"), by_h), "token has expired", 4203);
  bad(token_of(h_header, bare(R"(,"exp":-1e300)"), by_h), "token has expired", 4203);
  good(token_of(h_header, bare(R"(,"exp":9223372036854775807)"), by_h));
  good(token_of(h_header, bare(R"(,"exp":1e300)"), by_h));
  good(token_of(h_header, bare(R"(,"exp":1.8000001e9)"), by_h));
  set("require_expiry", "false");
  EXPECT_EQ(host.check(token_of(h_header, bare(""), by_h), now).who->expires_ns, TP_NONE);
}

TEST_F(Token, BeginAndIssueAreExactAtTheirEdges) {
  const auto begins = token_of(h_header, claims(R"(,"nbf":1800000000)"), by_h);
  good(begins, now - 30 * second);
  bad(begins, "token is not valid yet", 4001, now - 30 * second - 1);
  const auto issued = token_of(h_header, claims(R"(,"iat":1800000000)"), by_h);
  good(issued, now - 30 * second);
  bad(issued, "token was issued in the future", 4001, now - 30 * second - 1);
  bad(token_of(h_header, claims(R"(,"nbf":"soon")"), by_h), "claim nbf is not a number");
  bad(token_of(h_header, claims(R"(,"iat":"now")"), by_h), "claim iat is not a number");
  bad(token_of(h_header, claims(R"(,"nbf":1e300)"), by_h), "token is not valid yet");
}

TEST_F(Token, AgeIsBoundedWhereAsked) {
  set("max_age", "60s");
  const auto token = token_of(h_header, claims(R"(,"iat":1799999970)"), by_h);
  const int64_t end = (1'799'999'970 + 60 + 30) * second;
  good(token, end - 1);
  EXPECT_EQ(host.answer.who->expires_ns, end);
  bad(token, "token is too old", 4203, end);
  bad(token_of(h_header, claims(), by_h), "token does not say when it was issued");
}

TEST_F(Token, AudienceAndIssuer) {
  const auto with = [](const std::string& aud, const std::string& iss = R"("https://id.example")") {
    return token_of(h_header, R"({"iss":)" + iss + R"(,"sub":"a","exp":1800000100)" + aud + '}', by_h);
  };
  const std::string other = "token is for another audience", no_aud = "claim aud is neither a text nor a list of texts";
  good(with(R"(,"aud":["x","tickplant"])"));
  bad(with(R"(,"aud":"other")"), other);
  bad(with(R"(,"aud":["other"])"), other);
  bad(with(R"(,"aud":[])"), other);
  bad(with(R"(,"aud":"Tickplant")"), other);
  bad(with(R"(,"aud":"tickplant ")"), other);
  bad(with(""), other);
  bad(with(R"(,"aud":7)"), no_aud);
  bad(with(R"(,"aud":["tickplant",7])"), no_aud);
  bad(with(R"(,"aud":{"tickplant":1})"), no_aud);
  const std::string ours = R"(,"aud":"tickplant")", stranger = "token is of another issuer";
  bad(with(ours, R"("https://id.example/")"), stranger);
  bad(with(ours, R"("https://evil.example")"), stranger);
  bad(with(ours, R"("")"), stranger);
  bad(with(ours, "7"), "claim iss is not a text");
  bad(token_of(h_header, R"({"aud":"tickplant","sub":"a","exp":1800000100})", by_h), stranger);
}

TEST_F(Token, WithoutConfiguredAudienceTokensThatNameOneAreRefused) {
  std::erase_if(settings, [](const auto& each) { return each.first == "audience"; });
  load();
  bad(token_of(h_header, claims(), by_h), "token is for another audience");
  good(token_of(h_header, R"({"iss":"https://id.example","sub":"a","exp":1800000100})", by_h));
}

TEST_F(Token, NamesOfThePrincipalAreChecked) {
  const std::string base = R"({"iss":"https://id.example","aud":"tickplant","exp":1800000100)";
  const auto with = [&](const std::string& more) { return token_of(h_header, base + more + '}', by_h); };
  bad(with(""), "token has no subject");
  bad(with(R"(,"sub":"")"), "token has no subject");
  const std::string wrong = "claim of the subject is malformed";
  bad(with(R"(,"sub":7)"), wrong);
  bad(with(R"(,"sub":"a\nb")"), wrong);
  bad(with(R"(,"sub":"a\u0000")"), wrong);
  bad(with(R"(,"sub":")" + std::string(257, 'a') + '"'), wrong);
  bad(with(R"(,"sub":"a","tier":7)"), "claim of the tier is malformed");
  bad(with(R"(,"sub":"a","tier":["gold"])"), "claim of the tier is malformed");
  bad(with(R"(,"sub":"a","tenant":{})"), "claim of the tenant is malformed");
  bad(with(R"(,"sub":"a","accounts":[7])"), "claim of the accounts is malformed");
  bad(with(R"(,"sub":"a","entitlements":[""])"), "claim of the entitlements is malformed");
  bad(with(R"(,"sub":"a","jti":7)"), "claim jti is not a text");
  good(with(R"(,"sub":"\u00e4\ud83d\ude00")"));
}

TEST_F(Token, TypeIsCheckedWhereAsked) {
  set("typ", "at+jwt");
  bad(token_of(h_header, claims(), by_h), "token is of another type");
  bad(token_of(R"({"alg":"HS256","kid":"h"})", claims(), by_h), "token is of another type");
  bad(token_of(R"({"alg":"HS256","kid":"h","typ":7})", claims(), by_h), "token has a malformed typ");
  good(token_of(R"({"alg":"HS256","kid":"h","typ":"application/AT+JWT"})", claims(), by_h));
}

TEST_F(Token, RecheckAsksForItsKey) {
  const auto who = *host.check(token_of(h_header, claims(R"(,"jti":"1")"), by_h), now).who;
  EXPECT_EQ(host.recheck(who, now), 0);
  std::erase_if(settings, [](const auto& each) { return each.first.starts_with("keys.h."); });
  load();
  EXPECT_EQ(host.recheck(who, now), -4001);
}

TEST_F(Token, NothingOfATokenIsLoggedOrTold) {
  const auto token = token_of(h_header, claims(R"(,"exp":1)"), by_h);
  host.check(token, now);
  host.logs.push_back(host.answer.reason);
  for (const auto& line : host.logs) {
    EXPECT_THAT(line, testing::Not(testing::HasSubstr(token)));
    EXPECT_THAT(line, testing::Not(testing::HasSubstr(secret)));
  }
}

} // namespace
} // namespace tickplant::jwt
