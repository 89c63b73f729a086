// One key and the one algorithm that it is for (RFC 8725, section 3.1): a token that names another algorithm never
// reaches it. HS256, RS256, ES256 (P-256), EdDSA (Ed25519) of RFC 7518 and RFC 8037, over OpenSSL. Immutable once made;
// any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

typedef struct evp_pkey_st EVP_PKEY; // as OpenSSL declares it

namespace tickplant::jwt {

enum class algorithm : uint8_t { hs256, rs256, es256, eddsa };

std::optional<algorithm> parse_algorithm(std::string_view name);
std::string_view name_of(algorithm which);

class verify_key {
public:
  static constexpr size_t least_secret = 32;                        // bytes, RFC 7518, section 3.2
  static constexpr int least_rsa_bits = 2048, most_rsa_bits = 8192; // section 3.3; larger ones cost too much time

  /// Each answers nothing, and `problem`, for what is too weak, of another kind, or no key at all.
  static std::optional<verify_key> from_secret(std::string_view secret, std::string& problem);
  /// A SubjectPublicKeyInfo ("BEGIN PUBLIC KEY").
  static std::optional<verify_key> from_pem(algorithm which, std::string_view pem, std::string& problem);
  static std::optional<verify_key> from_rsa(std::string_view n, std::string_view e, std::string& problem);
  static std::optional<verify_key> from_p256(std::string_view x, std::string_view y, std::string& problem);
  static std::optional<verify_key> from_ed25519(std::string_view x, std::string& problem);

  algorithm which() const { return which_; }
  /// Whether `signature`, raw as in a token, is that of `input`.
  bool verifies(std::string_view input, std::string_view signature) const;

private:
  using public_key = std::shared_ptr<EVP_PKEY>;
  static std::optional<verify_key> checked(algorithm which, public_key key, std::string& problem);

  algorithm which_ = algorithm::hs256;
  std::shared_ptr<const std::string> secret_; // hs256; overwritten at the end
  public_key key_;                            // the others
};

} // namespace tickplant::jwt
