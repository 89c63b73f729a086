#include "jwks.hpp"

#include "base64url.hpp"
#include "strict_json.hpp"

#include <algorithm>

namespace tickplant::jwt {

namespace {

using found = strict_json::found;
using report = std::function<void(std::string)>;

constexpr size_t most_keys = 256;

/// A member in base64url, decoded; empty if it is not there or wrong.
std::string bytes_of(const strict_json& key, std::string_view member) {
  std::string_view coded;
  if (key.text(member, coded) != found::good) return {};
  return base64url_decoded(coded).value_or(std::string{});
}

std::string text_of(const strict_json& key, std::string_view member) {
  std::string_view text;
  return key.text(member, text) == found::good ? std::string{text} : std::string{};
}

/// The algorithm of a key by its type and curve; nothing for what we do not know.
std::optional<algorithm> kind_of(const std::string& kty, const std::string& crv) {
  if (kty == "oct") return algorithm::hs256;
  if (kty == "RSA") return algorithm::rs256;
  if (kty == "EC" && crv == "P-256") return algorithm::es256;
  if (kty == "OKP" && crv == "Ed25519") return algorithm::eddsa;
  return std::nullopt;
}

/// Empty if the key is for verifying signatures.
std::string other_purpose(const strict_json& key) {
  std::string_view use;
  if (const auto is = key.text("use", use); is == found::wrong || (is == found::good && use != "sig"))
    return "its use is not sig";
  std::vector<std::string_view> ops;
  if (const auto is = key.texts("key_ops", ops, 16);
      is == found::wrong || (is == found::good && std::find(ops.begin(), ops.end(), "verify") == ops.end()))
    return "its key_ops do not name verify";
  return {};
}

std::optional<verify_key> key_of(algorithm which, const strict_json& key, std::string& problem) {
  switch (which) {
    case algorithm::hs256: return verify_key::from_secret(bytes_of(key, "k"), problem);
    case algorithm::rs256: return verify_key::from_rsa(bytes_of(key, "n"), bytes_of(key, "e"), problem);
    case algorithm::es256: return verify_key::from_p256(bytes_of(key, "x"), bytes_of(key, "y"), problem);
    case algorithm::eddsa: return verify_key::from_ed25519(bytes_of(key, "x"), problem);
  }
  return std::nullopt;
}

void read_key(const strict_json& key, const std::string& place, std::vector<named_key>& to, const report& skipped,
              const report& problem) {
  const auto kty = text_of(key, "kty");
  const auto which = kind_of(kty, text_of(key, "crv"));
  if (!which) return skipped(place + ": type '" + kty.substr(0, 32) + "' or its curve is not used here");
  if (auto why = other_purpose(key); !why.empty()) return skipped(place + ": " + why);
  if (*which != algorithm::hs256)
    for (const char* const part : {"d", "p", "q", "dp", "dq", "qi", "oth"})
      if (key.has(part))
        return problem(place + ": holds the private part '" + part +
                       "', which has no place here: publish and give the "
                       "public key alone");
  if (std::string_view alg; key.text("alg", alg) != found::absent) {
    const auto named = parse_algorithm(alg);
    if (!named) return skipped(place + ": its algorithm is not one of HS256, RS256, ES256, EdDSA");
    if (*named != *which) return problem(place + ": its algorithm does not fit its type");
  }
  std::string_view kid;
  if (const auto is = key.text("kid", kid); is == found::wrong || (is == found::good && !is_key_name(kid)))
    return problem(place + ": kid is not 1 to 128 bytes of visible ASCII without #");
  std::string why;
  auto made = key_of(*which, key, why);
  if (!made) return problem(place + ": " + why);
  to.push_back({std::string{kid}, std::move(*made)});
}

} // namespace

bool is_key_name(std::string_view text) {
  return !text.empty() && text.size() <= 128 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '#'; });
}

void read_jwks(std::string_view text, std::vector<named_key>& to, const report& skipped, const report& problem) {
  strict_json set;
  if (!set.read(text)) return problem("is not one JSON object without repeated keys");
  std::vector<strict_json> keys;
  if (set.objects("keys", keys, most_keys) != found::good) return problem("has no list 'keys' of at most 256 objects");
  for (size_t i = 0; i < keys.size(); ++i) read_key(keys[i], "key " + std::to_string(i + 1), to, skipped, problem);
}

} // namespace tickplant::jwt
