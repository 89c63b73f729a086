// An identity provider for tests: keys made by OpenSSL when they are asked for, tokens of any content.
#pragma once

#include <openssl/evp.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tickplant::jwt {

std::string base64url(std::string_view bytes);

class signer {
public:
  enum class kind { rsa, p256, p384, ed25519 };
  explicit signer(kind which, unsigned bits = 2048);

  std::string public_pem() const;
  std::string private_pem() const;
  /// The signature as a token carries it: r and s raw for curves.
  std::string sign(std::string_view input) const;
  /// A public JWK; `more` is put behind its own members, with a comma at its front.
  std::string jwk(std::string_view kid, std::string_view more = {}) const;

private:
  std::string number(const char* name) const;

  kind which_;
  std::shared_ptr<EVP_PKEY> key_;
};

/// HMAC-SHA-256, raw.
std::string hmac(std::string_view secret, std::string_view input);

/// Joins and signs.
std::string token_of(std::string_view header, std::string_view claims,
                     const std::function<std::string(std::string_view)>& sign);

} // namespace tickplant::jwt
