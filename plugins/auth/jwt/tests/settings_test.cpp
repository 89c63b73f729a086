// Keys and rules from settings, key files and key sets: what is taken, left out, and refused.
#include "issuer.hpp"
#include "recording_auth_host.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tickplant::jwt {
namespace {

using sdk::testing::linked_policy;
using sdk::testing::recording_auth_host;
using testing::HasSubstr;

const std::string secret(32, 's');

struct Settings : testing::Test {
  std::string told(const recording_auth_host::settings_list& settings) {
    return host.validate(linked_policy(), settings);
  }
  std::string set_told(const std::string& set) {
    host.files["set"] = set;
    return told({{"jwks_file", "set"}});
  }
  recording_auth_host host;
};

TEST_F(Settings, FaultsAreToldWithTheirKey) {
  EXPECT_EQ(told({{"keys.k.alg", "HS256"}, {"keys.k.secret", secret}}), "");
  EXPECT_THAT(told({}), HasSubstr("keys: there is no key"));
  EXPECT_THAT(told({{"isuer", "x"}}), HasSubstr("isuer: is no key of this policy"));
  EXPECT_THAT(told({{"keys.k.alg", "none"}, {"keys.k.secret", secret}}), HasSubstr("keys.k.alg: wanted HS256"));
  EXPECT_THAT(told({{"keys.k.secret", secret}}), HasSubstr("keys.k.alg: wanted HS256"));
  EXPECT_THAT(told({{"keys.k.alg", "HS256"}}), HasSubstr("keys.k: wanted one of secret"));
  EXPECT_THAT(told({{"keys.k.alg", "HS256"}, {"keys.k.secret", "short"}}), HasSubstr("keys.k.secret: has 5 bytes"));
  EXPECT_THAT(told({{"keys.k.alg", "RS256"}, {"keys.k.secret", secret}}), HasSubstr("a secret is for HS256 alone"));
  EXPECT_THAT(told({{"keys.a b.alg", "HS256"}, {"keys.a b.secret", secret}}), HasSubstr("keys.a b: wanted a name"));
  const recording_auth_host::settings_list one{{"keys.k.alg", "HS256"}, {"keys.k.secret", secret}};
  const auto with = [&](const char* key, const char* value) {
    auto settings = one;
    settings.emplace_back(key, value);
    return told(settings);
  };
  EXPECT_THAT(with("leeway", "30"), HasSubstr("leeway: wanted a time of at most 10m"));
  EXPECT_THAT(with("leeway", "1h"), HasSubstr("leeway: wanted a time of at most 10m"));
  EXPECT_THAT(with("require_expiry", "yes"), HasSubstr("require_expiry: wanted true or false"));
  EXPECT_THAT(with("subject_claim", ""), HasSubstr("subject_claim: wanted 1 to 1024 bytes"));
  EXPECT_THAT(with("audience.0", ""), HasSubstr("audience: is empty"));
}

TEST_F(Settings, KeyFilesHoldPublicKeysThatAreStrongEnough) {
  const signer rsa{signer::kind::rsa}, weak{signer::kind::rsa, 1024}, p384{signer::kind::p384},
    ed{signer::kind::ed25519};
  const auto file = [&](const char* alg, const std::string& text) {
    host.files["f"] = text;
    return told({{"keys.k.alg", alg}, {"keys.k.public_key_file", "f"}});
  };
  EXPECT_EQ(file("RS256", rsa.public_pem()), "");
  EXPECT_EQ(file("EdDSA", ed.public_pem()), "");
  EXPECT_THAT(file("RS256", weak.public_pem()), HasSubstr("RSA key of 1024 bits, wanted 2048 to 8192"));
  EXPECT_THAT(file("RS256", rsa.private_pem()), HasSubstr("holds a private key"));
  EXPECT_THAT(file("RS256", ed.public_pem()), HasSubstr("is no RSA key"));
  EXPECT_THAT(file("ES256", p384.public_pem()), HasSubstr("is no key of the curve P-256"));
  EXPECT_THAT(file("EdDSA", rsa.public_pem()), HasSubstr("is no Ed25519 key"));
  EXPECT_THAT(file("RS256", "rubbish"), HasSubstr("holds no PEM public key"));
  EXPECT_THAT(file("HS256", rsa.public_pem()), HasSubstr("HS256 wants secret"));
  host.files["f"] = rsa.public_pem();
  EXPECT_THAT(told({{"keys.k.alg", "HS256"}, {"keys.k.secret_file", "f"}}), HasSubstr("is a PEM file"));
  EXPECT_THAT(told({{"keys.k.alg", "HS256"}, {"keys.k.secret_file", "gone"}}), HasSubstr("cannot be read"));
}

TEST_F(Settings, ASecretFileMayEndInANewline) {
  host.files["f"] = secret + '\n';
  ASSERT_TRUE(host.create(linked_policy(), {{"keys.k.alg", "HS256"}, {"keys.k.secret_file", "f"}}));
  const auto token = token_of(R"({"alg":"HS256"})", R"({"sub":"a","exp":10})", [](auto i) { return hmac(secret, i); });
  EXPECT_TRUE(host.check(token, 0).who) << host.answer.reason;
}

TEST_F(Settings, AKeySetGivesKeysOfEachType) {
  const signer rsa{signer::kind::rsa}, p256{signer::kind::p256}, ed{signer::kind::ed25519};
  const std::string set = R"({"keys":[)" + rsa.jwk("r", R"(,"use":"sig","alg":"RS256")") + ',' +
                          p256.jwk("e", R"(,"key_ops":["verify"])") + ',' + ed.jwk("d") +
                          R"(,{"kty":"oct","kid":"h","k":")" + base64url(secret) +
                          R"("},{"kty":"EC","crv":"P-521","kid":"x"},{"kty":"new"},)" +
                          rsa.jwk("enc", R"(,"use":"enc")") + ',' + rsa.jwk("ps", R"(,"alg":"PS256")") + "]}";
  ASSERT_EQ(set_told(set), "");
  ASSERT_TRUE(host.create(linked_policy(), {{"jwks_file", "set"}}));
  const std::string claims = R"({"sub":"a","exp":10})";
  const auto check = [&](const std::string& header, const auto& sign) {
    return host.check(token_of(header, claims, sign), 0);
  };
  EXPECT_TRUE(check(R"({"alg":"RS256","kid":"r"})", [&](auto i) { return rsa.sign(i); }).who);
  EXPECT_TRUE(check(R"({"alg":"ES256","kid":"e"})", [&](auto i) { return p256.sign(i); }).who);
  EXPECT_TRUE(check(R"({"alg":"EdDSA","kid":"d"})", [&](auto i) { return ed.sign(i); }).who);
  EXPECT_TRUE(check(R"({"alg":"HS256","kid":"h"})", [&](auto i) { return hmac(secret, i); }).who);
  for (const char* kid : {"enc", "ps", "x"})
    EXPECT_EQ(
      check(R"({"alg":"RS256","kid":")" + std::string{kid} + R"("})", [&](auto i) { return rsa.sign(i); }).reason,
      "key is not known");
  EXPECT_EQ(std::count_if(host.logs.begin(), host.logs.end(),
                          [](const auto& l) { return l.starts_with("jwks_file: left out"); }),
            8); // four, told by validate and by create
}

TEST_F(Settings, AKeySetThatIsWrongIsRefused) {
  const signer rsa{signer::kind::rsa}, weak{signer::kind::rsa, 1024}, p256{signer::kind::p256};
  const auto one = [&](const std::string& key) { return set_told(R"({"keys":[)" + key + "]}"); };
  EXPECT_THAT(set_told("rubbish"), HasSubstr("jwks_file: is not one JSON object"));
  EXPECT_THAT(set_told(R"({"keys":[],"keys":[]})"), HasSubstr("is not one JSON object without repeated keys"));
  EXPECT_THAT(set_told(R"({"keys":{}})"), HasSubstr("has no list 'keys'"));
  EXPECT_THAT(set_told(R"({"keys":[7]})"), HasSubstr("has no list 'keys'"));
  EXPECT_THAT(set_told(R"({"keys":[]})"), HasSubstr("there is no key"));
  EXPECT_THAT(one(rsa.jwk("r", R"(,"d":"AAAA")")), HasSubstr("key 1: holds the private part 'd'"));
  EXPECT_THAT(one(weak.jwk("r")), HasSubstr("RSA key of 1024 bits"));
  EXPECT_THAT(one(rsa.jwk("r", R"(,"alg":"HS256")")), HasSubstr("its algorithm does not fit its type"));
  EXPECT_THAT(one(R"({"kty":"oct","kid":"h","k":"c2hvcnQ"})"), HasSubstr("has 5 bytes"));
  EXPECT_THAT(one(R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})"), HasSubstr("coordinates of another size"));
  const std::string off(32, '\x01'); // not on the curve
  EXPECT_THAT(one(R"({"kty":"EC","crv":"P-256","x":")" + base64url(off) + R"(","y":")" + base64url(off) + R"("})"),
              HasSubstr("is not a valid public key"));
  EXPECT_THAT(one(p256.jwk("a b")), HasSubstr("kid is not 1 to 128 bytes"));
  EXPECT_THAT(one(p256.jwk("e") + ',' + p256.jwk("e")), HasSubstr("keys.e: is there twice"));
  EXPECT_THAT(one(p256.jwk("") + ',' + p256.jwk("e")),
              HasSubstr("a key without kid is of use only if it is the only key"));
  EXPECT_EQ(one(p256.jwk("")), "");
}

} // namespace
} // namespace tickplant::jwt
