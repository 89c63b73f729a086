#include "runtime/net/client/tls_server.hpp"

#include "tests/unit/net_client/tls_peer.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace tickplant::net {
namespace {

using namespace testing;
using ::testing::HasSubstr;

std::string refusal(const std::string& certificate, const std::string& key) {
  try {
    tls_server::load(certificate, key);
  } catch (const std::runtime_error& fault) {
    return fault.what();
  }
  return "nothing was thrown";
}

TEST(TlsServer, LoadsACertificateAndSaysWhose) {
  const identity mine{"md.example.com"};
  const auto server = mine.load();
  EXPECT_EQ(server->subject(), "CN = md.example.com");
  EXPECT_EQ(server->warning(), "");
  const auto now = static_cast<int64_t>(wall_now_ns() / 1'000'000'000);
  EXPECT_GT(server->expires_s(), now + 3'000);
  EXPECT_LT(server->expires_s(), now + 4'000);
}

TEST(TlsServer, WarnsOfDatesThatClientsWillRefuse) {
  const identity expired{"a", -7'200, -3'600}, early{"b", 3'600, 7'200};
  EXPECT_THAT(expired.load()->warning(), HasSubstr(expired.certificate_file + ": certificate has expired on 20"));
  EXPECT_THAT(early.load()->warning(), HasSubstr("not valid before"));
}

TEST(TlsServer, SaysWhichFileIsWrongAndWhy) {
  const identity mine{"a"}, other{"b"}, locked{"c", -3'600, 3'600, "secret"};
  const auto nowhere = ::testing::TempDir() + "tickplant_no_such_file.pem";
  EXPECT_THAT(refusal(nowhere, mine.key_file), HasSubstr(nowhere + ": certificate cannot be opened: No such file"));
  EXPECT_THAT(refusal(mine.certificate_file, nowhere), HasSubstr(nowhere + ": key cannot be opened: No such file"));
  EXPECT_THAT(refusal("", mine.key_file), HasSubstr("no certificate file is named"));
  EXPECT_THAT(refusal(::testing::TempDir(), mine.key_file), HasSubstr("cannot be read: Is a directory"));
  EXPECT_THAT(refusal(mine.certificate_file, other.key_file),
              HasSubstr(other.key_file + ": key does not belong to the certificate " + mine.certificate_file));
  EXPECT_THAT(refusal(locked.certificate_file, locked.key_file),
              HasSubstr(locked.key_file + ": key is protected by a password"));
  EXPECT_THAT(refusal(mine.key_file, mine.key_file), HasSubstr(mine.key_file + ": no certificate in PEM form"));
  EXPECT_THAT(refusal(mine.certificate_file, mine.certificate_file), HasSubstr("no private key in PEM form"));
  const auto empty = ::testing::TempDir() + "tickplant_empty_" + std::to_string(::getpid()) + ".pem";
  std::ofstream{empty};
  EXPECT_THAT(refusal(empty, mine.key_file), HasSubstr(empty + ": certificate file is empty"));
  std::ofstream{empty} << "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n";
  EXPECT_THAT(refusal(empty, mine.key_file), HasSubstr("no certificate in PEM form"));
  std::filesystem::remove(empty);
}

} // namespace
} // namespace tickplant::net
