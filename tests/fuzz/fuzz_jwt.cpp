// A token of any content is refused with one answer, as nobody can sign it; header and claims of any content, rightly
// signed, get one answer; a key set of any content gives keys or complaints. The first byte chooses.
#include "base64url.hpp"
#include "jwks.hpp"
#include "token.hpp"

#include <openssl/hmac.h>

#include <cstdint>
#include <string>

namespace {

using namespace tickplant::jwt;

const std::string secret = "a secret that the fuzzer does not see in time";

const options& rules() {
  static const options made = [] {
    options result;
    std::string problem;
    result.keys.push_back({"k", *verify_key::from_secret(secret, problem)});
    return result;
  }();
  return made;
}

std::string coded(std::string_view bytes) {
  constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  uint32_t bits = 0;
  int have = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<uint8_t>(c);
    for (have += 8; have >= 6;) {
      have -= 6;
      text += letters[(bits >> have) & 63];
    }
  }
  if (have > 0) text += letters[(bits << (6 - have)) & 63];
  return text;
}

std::string signed_token(std::string_view header, std::string_view claims) {
  const std::string input = coded(header) + '.' + coded(claims);
  uint8_t raw[32];
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const uint8_t*>(input.data()),
       input.size(), raw, nullptr);
  return input + '.' + coded({reinterpret_cast<const char*>(raw), sizeof raw});
}

void expect_sense(const judgement& result) {
  if (result.code == 0 ? result.subject.empty() || result.subject.size() > 256
                       : (result.code != 4001 && result.code != 4203) || result.reason.empty())
    __builtin_trap();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data + 1), size - 1};
  constexpr int64_t now = 1'800'000'000'000'000'000;
  switch (data[0] % 4) {
    case 0:
      if (judge(rules(), text, now).code == 0) __builtin_trap();
      break;
    case 1: expect_sense(judge(rules(), signed_token(text, R"({"sub":"a","exp":1900000000})"), now)); break;
    case 2: expect_sense(judge(rules(), signed_token(R"({"alg":"HS256","kid":"k"})", text), now)); break;
    default: {
      std::vector<named_key> keys;
      size_t told = 0;
      read_jwks(
        text, keys, [&](const std::string&) { ++told; }, [&](const std::string&) { ++told; });
      if (keys.size() + told > 256) __builtin_trap();
    }
  }
  return 0;
}
