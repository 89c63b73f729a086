#include "verify_key.hpp"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <array>
#include <utility>

namespace tickplant::jwt {

namespace {

constexpr size_t p256_bytes = 32, ed25519_bytes = 32;
constexpr std::pair<std::string_view, algorithm> names[] = {
  {"HS256", algorithm::hs256}, {"RS256", algorithm::rs256}, {"ES256", algorithm::es256}, {"EdDSA", algorithm::eddsa}};

template <auto Free>
struct freed_by {
  template <class Object>
  void operator()(Object* object) const {
    Free(object);
  }
};
template <class Object, auto Free>
using owned = std::unique_ptr<Object, freed_by<Free>>;

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::shared_ptr<EVP_PKEY> shared(EVP_PKEY* key) {
  return {key, [](EVP_PKEY* each) { EVP_PKEY_free(each); }};
}

/// A public key of the given kind from its numbers.
std::shared_ptr<EVP_PKEY> from_numbers(const char* kind, OSSL_PARAM_BLD* numbers) {
  const owned<OSSL_PARAM, OSSL_PARAM_free> params{OSSL_PARAM_BLD_to_param(numbers)};
  const owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> maker{EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr)};
  EVP_PKEY* made = nullptr;
  if (!params || !maker || EVP_PKEY_fromdata_init(maker.get()) != 1 ||
      EVP_PKEY_fromdata(maker.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    made = nullptr;
  return shared(made);
}

/// The DER form of r and s, each 32 bytes; empty if they cannot be put into it.
std::string der_of(std::string_view raw) {
  const owned<ECDSA_SIG, ECDSA_SIG_free> signature{ECDSA_SIG_new()};
  owned<BIGNUM, BN_free> r{BN_bin2bn(bytes_of(raw), p256_bytes, nullptr)};
  owned<BIGNUM, BN_free> s{BN_bin2bn(bytes_of(raw) + p256_bytes, p256_bytes, nullptr)};
  if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release()); // the signature owns them now
  static_cast<void>(s.release());
  uint8_t* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return {};
  std::string result{reinterpret_cast<const char*>(der), static_cast<size_t>(size)};
  OPENSSL_free(der);
  return result;
}

/// Empty if the key fits the algorithm.
std::string problem_of(algorithm which, EVP_PKEY* key) {
  if (which == algorithm::rs256) {
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return "is no RSA key";
    const int bits = EVP_PKEY_get_bits(key);
    if (bits < verify_key::least_rsa_bits || bits > verify_key::most_rsa_bits)
      return "is an RSA key of " + std::to_string(bits) + " bits, wanted 2048 to 8192";
  } else if (which == algorithm::es256) {
    std::array<char, 64> curve{};
    size_t size = 0;
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
        EVP_PKEY_get_group_name(key, curve.data(), curve.size(), &size) != 1 ||
        std::string_view{curve.data()} != "prime256v1")
      return "is no key of the curve P-256";
  } else if (which == algorithm::eddsa && EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519) {
    return "is no Ed25519 key";
  }
  const owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> checker{EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)};
  if (!checker || EVP_PKEY_public_check(checker.get()) != 1) return "is not a valid public key";
  return {};
}

} // namespace

std::optional<algorithm> parse_algorithm(std::string_view name) {
  for (const auto& [known, which] : names)
    if (known == name) return which;
  return std::nullopt;
}

std::string_view name_of(algorithm which) {
  for (const auto& [name, known] : names)
    if (known == which) return name;
  return "";
}

std::optional<verify_key> verify_key::from_secret(std::string_view secret, std::string& problem) {
  if (secret.size() < least_secret) {
    problem = "has " + std::to_string(secret.size()) + " bytes; an HS256 secret has at least 32";
  } else if (secret.find("-----BEGIN") != secret.npos) {
    // A published key as the secret of HS256: everybody could sign.
    problem = "is a PEM file; an HS256 secret is random bytes";
  } else {
    verify_key key;
    key.secret_ = {new std::string{secret}, [](const std::string* each) {
                     OPENSSL_cleanse(const_cast<char*>(each->data()), each->size());
                     delete each;
                   }};
    return key;
  }
  return std::nullopt;
}

std::optional<verify_key> verify_key::checked(algorithm which, public_key key, std::string& problem) {
  problem = key ? problem_of(which, key.get()) : "is not a valid public key";
  ERR_clear_error();
  if (!problem.empty()) return std::nullopt;
  verify_key made;
  made.which_ = which;
  made.key_ = std::move(key);
  return made;
}

std::optional<verify_key> verify_key::from_pem(algorithm which, std::string_view pem, std::string& problem) {
  if (which == algorithm::hs256) {
    problem = "is for public keys; HS256 wants secret or secret_file";
    return std::nullopt;
  }
  if (pem.find("PRIVATE KEY-----") != pem.npos) {
    problem = "holds a private key, which has no place here: give the public one (openssl pkey -pubout)";
    return std::nullopt;
  }
  const owned<BIO, BIO_free_all> text{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  auto key = shared(text ? PEM_read_bio_PUBKEY(text.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!key) {
    ERR_clear_error();
    problem = "holds no PEM public key (-----BEGIN PUBLIC KEY-----)";
    return std::nullopt;
  }
  return checked(which, std::move(key), problem);
}

std::optional<verify_key> verify_key::from_rsa(std::string_view n, std::string_view e, std::string& problem) {
  if (n.empty() || n.size() > most_rsa_bits / 8 || e.empty() || e.size() > 8) {
    problem = "has a modulus or exponent of impossible size";
    return std::nullopt;
  }
  const owned<BIGNUM, BN_free> modulus{BN_bin2bn(bytes_of(n), static_cast<int>(n.size()), nullptr)};
  const owned<BIGNUM, BN_free> exponent{BN_bin2bn(bytes_of(e), static_cast<int>(e.size()), nullptr)};
  const owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> numbers{OSSL_PARAM_BLD_new()};
  if (!modulus || !exponent || !numbers ||
      OSSL_PARAM_BLD_push_BN(numbers.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(numbers.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1)
    return checked(algorithm::rs256, nullptr, problem);
  return checked(algorithm::rs256, from_numbers("RSA", numbers.get()), problem);
}

std::optional<verify_key> verify_key::from_p256(std::string_view x, std::string_view y, std::string& problem) {
  if (x.size() != p256_bytes || y.size() != p256_bytes) {
    problem = "has coordinates of another size than 32 bytes";
    return std::nullopt;
  }
  const std::string point = std::string{'\x04'}.append(x).append(y); // uncompressed, SEC 1, 2.3.3
  const owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> numbers{OSSL_PARAM_BLD_new()};
  if (!numbers || OSSL_PARAM_BLD_push_utf8_string(numbers.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(numbers.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1)
    return checked(algorithm::es256, nullptr, problem);
  return checked(algorithm::es256, from_numbers("EC", numbers.get()), problem);
}

std::optional<verify_key> verify_key::from_ed25519(std::string_view x, std::string& problem) {
  if (x.size() != ed25519_bytes) {
    problem = "has a key of another size than 32 bytes";
    return std::nullopt;
  }
  auto key = shared(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), x.size()));
  return checked(algorithm::eddsa, std::move(key), problem);
}

bool verify_key::verifies(std::string_view input, std::string_view signature) const {
  if (which_ == algorithm::hs256) {
    std::array<uint8_t, 32> wanted{};
    unsigned size = 0;
    return HMAC(EVP_sha256(), secret_->data(), static_cast<int>(secret_->size()), bytes_of(input), input.size(),
                wanted.data(), &size) &&
           size == wanted.size() && signature.size() == wanted.size() &&
           CRYPTO_memcmp(wanted.data(), signature.data(), wanted.size()) == 0;
  }
  std::string der;
  if (which_ == algorithm::es256) {
    if (signature.size() != 2 * p256_bytes) return false;
    der = der_of(signature);
    signature = der;
  } else if (which_ == algorithm::rs256 && signature.size() != static_cast<size_t>(EVP_PKEY_get_size(key_.get()))) {
    return false;
  } else if (which_ == algorithm::eddsa && signature.size() != 2 * ed25519_bytes) {
    return false;
  }
  const owned<EVP_MD_CTX, EVP_MD_CTX_free> context{EVP_MD_CTX_new()};
  // Ed25519 hashes by itself; RSA keys verify PKCS #1 v1.5 by default, which is what RS256 means.
  const EVP_MD* const hash = which_ == algorithm::eddsa ? nullptr : EVP_sha256();
  const bool good =
    context && EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, key_.get()) == 1 &&
    EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(input), input.size()) == 1;
  ERR_clear_error();
  return good;
}

} // namespace tickplant::jwt
