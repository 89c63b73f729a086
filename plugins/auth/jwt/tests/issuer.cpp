#include "issuer.hpp"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdexcept>
#include <vector>

namespace tickplant::jwt {

namespace {

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::string pem(const std::function<int(BIO*)>& write) {
  BIO* const out = BIO_new(BIO_s_mem());
  write(out);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out, &text);
  std::string result{text, static_cast<size_t>(size)};
  BIO_free(out);
  return result;
}

std::string raw_of(const std::string& der) {
  const uint8_t* at = bytes_of(der);
  ECDSA_SIG* const signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  std::string raw(64, '\0');
  auto* out = reinterpret_cast<uint8_t*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + 32, 32);
  ECDSA_SIG_free(signature);
  return raw;
}

} // namespace

std::string base64url(std::string_view bytes) {
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

signer::signer(kind which, unsigned bits) : which_(which) {
  EVP_PKEY* key = nullptr;
  switch (which) {
    case kind::rsa: key = EVP_RSA_gen(bits); break;
    case kind::p256: key = EVP_EC_gen("P-256"); break;
    case kind::p384: key = EVP_EC_gen("P-384"); break;
    case kind::ed25519: key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"); break;
  }
  if (!key) throw std::runtime_error("OpenSSL makes no key");
  key_ = {key, EVP_PKEY_free};
}

std::string signer::public_pem() const {
  return pem([&](BIO* out) { return PEM_write_bio_PUBKEY(out, key_.get()); });
}

std::string signer::private_pem() const {
  return pem(
    [&](BIO* out) { return PEM_write_bio_PrivateKey(out, key_.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}

std::string signer::sign(std::string_view input) const {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  size_t size = 1024;
  std::string signature(size, '\0');
  const bool good =
    EVP_DigestSignInit(context, nullptr, which_ == kind::ed25519 ? nullptr : EVP_sha256(), nullptr, key_.get()) == 1 &&
    EVP_DigestSign(context, reinterpret_cast<uint8_t*>(signature.data()), &size, bytes_of(input), input.size()) == 1;
  EVP_MD_CTX_free(context);
  if (!good) throw std::runtime_error("OpenSSL does not sign");
  signature.resize(size);
  return which_ == kind::p256 ? raw_of(signature) : signature;
}

std::string signer::number(const char* name) const {
  BIGNUM* value = nullptr;
  if (EVP_PKEY_get_bn_param(key_.get(), name, &value) != 1) throw std::runtime_error("no such number");
  std::string bytes(static_cast<size_t>(which_ == kind::p256 ? 32 : BN_num_bytes(value)), '\0');
  BN_bn2binpad(value, reinterpret_cast<uint8_t*>(bytes.data()), static_cast<int>(bytes.size()));
  BN_free(value);
  return base64url(bytes);
}

std::string signer::jwk(std::string_view kid, std::string_view more) const {
  std::string body;
  if (which_ == kind::rsa) {
    body = R"("kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" + number(OSSL_PKEY_PARAM_RSA_E) + '"';
  } else if (which_ == kind::p256) {
    body = R"("kty":"EC","crv":"P-256","x":")" + number(OSSL_PKEY_PARAM_EC_PUB_X) + R"(","y":")" +
           number(OSSL_PKEY_PARAM_EC_PUB_Y) + '"';
  } else {
    std::string raw(32, '\0');
    size_t size = raw.size();
    EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<uint8_t*>(raw.data()), &size);
    body = R"("kty":"OKP","crv":"Ed25519","x":")" + base64url(raw) + '"';
  }
  if (!kid.empty()) body += R"(,"kid":")" + std::string{kid} + '"';
  return '{' + body + std::string{more} + '}';
}

std::string hmac(std::string_view secret, std::string_view input) {
  std::string result(32, '\0');
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(input), input.size(),
       reinterpret_cast<uint8_t*>(result.data()), nullptr);
  return result;
}

std::string token_of(std::string_view header, std::string_view claims,
                     const std::function<std::string(std::string_view)>& sign) {
  const std::string input = base64url(header) + '.' + base64url(claims);
  return input + '.' + base64url(sign(input));
}

} // namespace tickplant::jwt
