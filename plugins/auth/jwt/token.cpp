#include "token.hpp"

#include "base64url.hpp"
#include "strict_json.hpp"

#include <algorithm>
#include <cmath>

namespace tickplant::jwt {

namespace {

using found = strict_json::found;

constexpr size_t longest_kid = 256, longest_name = 256, longest_jti = 64, most_names = 256;
constexpr int64_t most_seconds = 9'000'000'000; // the year 2255: nanoseconds fit int64_t with any leeway
constexpr std::string_view no_key_name = "-";

/// Ends the judgement: thrown and caught in this file alone, as the ways to be refused are many and the good way is
/// one.
struct refused {
  int32_t code;
  std::string_view reason;
};

[[noreturn]] void refuse(std::string_view reason, int32_t code = sdk::refusal::failed) {
  throw refused{code, reason};
}

bool is_shown(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; });
}

struct parts {
  std::string_view header, claims, signature, signed_text;
};

parts split(std::string_view token) {
  if (token.size() > TP_SECRET_MAX) refuse("token is too long");
  const auto first = token.find('.');
  const auto second = first == token.npos ? first : token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos) refuse("token has not three parts");
  return {token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1),
          token.substr(0, second)};
}

strict_json object_of(std::string_view coded, std::string_view not_coded, std::string_view not_json) {
  const auto text = base64url_decoded(coded);
  if (!text) refuse(not_coded);
  strict_json object;
  if (!object.read(*text)) refuse(not_json);
  return object;
}

bool same_type(std::string_view given, std::string_view wanted) {
  const auto bare = [](std::string_view type) {
    constexpr std::string_view prefix = "application/";
    std::string lower{type};
    for (char& c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower.starts_with(prefix) ? lower.substr(prefix.size()) : lower;
  };
  return bare(given) == bare(wanted);
}

/// The key that the header asks for, if the header may have it.
const named_key& key_for(const options& rules, const strict_json& header) {
  // Extensions that we do not know must not be passed over (RFC 7515, 4.1.11); `b64` changes what is signed (RFC 7797).
  if (header.has("crit") || header.has("b64")) refuse("token asks for an extension");
  std::string_view alg, kid, type;
  if (header.text("alg", alg) != found::good) refuse("token names no algorithm");
  const auto has_kid = header.text("kid", kid);
  if (has_kid == found::wrong || (has_kid == found::good && (kid.empty() || kid.size() > longest_kid)))
    refuse("token has a malformed kid");
  if (has_kid == found::absent && rules.keys.size() != 1) refuse("token names no key");
  const auto has_type = header.text("typ", type);
  if (has_type == found::wrong) refuse("token has a malformed typ");
  if (!rules.type.empty() && (has_type == found::absent || !same_type(type, rules.type)))
    refuse("token is of another type");
  const auto at = has_kid == found::absent
                    ? rules.keys.begin()
                    : std::find_if(rules.keys.begin(), rules.keys.end(), [&](const auto& k) { return k.kid == kid; });
  if (at == rules.keys.end()) refuse("key is not known");
  if (alg != name_of(at->key.which())) refuse("algorithm does not match the key's");
  return *at;
}

/// Seconds as nanoseconds; times that a clock will never show are cut.
int64_t to_ns(double seconds) {
  const double cut = std::clamp(seconds, -static_cast<double>(most_seconds), static_cast<double>(most_seconds));
  const double whole = std::floor(cut);
  return static_cast<int64_t>(whole) * 1'000'000'000 + static_cast<int64_t>((cut - whole) * 1e9);
}

struct claimed_time {
  bool is_there = false;
  int64_t ns = 0;
};

claimed_time time_of(const strict_json& claims, std::string_view key, std::string_view malformed) {
  double seconds = 0;
  const auto is = claims.number(key, seconds);
  if (is == found::wrong) refuse(malformed);
  return {is == found::good, is == found::good ? to_ns(seconds) : 0};
}

void judge_times(const options& rules, const strict_json& claims, int64_t now_ns, judgement& result) {
  const auto expiry = time_of(claims, "exp", "claim exp is not a number");
  const auto begin = time_of(claims, "nbf", "claim nbf is not a number");
  const auto issued = time_of(claims, "iat", "claim iat is not a number");
  if (expiry.is_there) {
    // "on or after which the JWT MUST NOT be accepted" (RFC 7519, 4.1.4).
    result.expires_ns = expiry.ns + rules.leeway_ns;
    if (now_ns >= result.expires_ns) refuse("token has expired", sdk::refusal::expired);
  } else if (rules.require_expiry) {
    refuse("token has no expiry");
  }
  if (begin.is_there && now_ns < begin.ns - rules.leeway_ns) refuse("token is not valid yet");
  if (issued.is_there && now_ns < issued.ns - rules.leeway_ns) refuse("token was issued in the future");
  if (rules.max_age_ns == 0) return;
  if (!issued.is_there) refuse("token does not say when it was issued");
  const int64_t oldest = issued.ns + rules.max_age_ns + rules.leeway_ns;
  if (now_ns >= oldest) refuse("token is too old", sdk::refusal::expired);
  if (result.expires_ns == TP_NONE || oldest < result.expires_ns) result.expires_ns = oldest;
}

void judge_parties(const options& rules, const strict_json& claims) {
  std::string_view issuer;
  const auto has_issuer = claims.text("iss", issuer);
  if (has_issuer == found::wrong) refuse("claim iss is not a text");
  if (!rules.issuer.empty() && (has_issuer == found::absent || issuer != rules.issuer))
    refuse("token is of another issuer");
  std::vector<std::string_view> audience;
  const auto has_audience = claims.texts("aud", audience, most_names);
  if (has_audience == found::wrong) refuse("claim aud is neither a text nor a list of texts");
  // A token with an audience is for that audience alone (RFC 7519, 4.1.3), also where we have no name.
  const bool is_ours = std::any_of(audience.begin(), audience.end(), [&](std::string_view each) {
    return std::find(rules.audience.begin(), rules.audience.end(), each) != rules.audience.end();
  });
  if (!is_ours && (has_audience == found::good || !rules.audience.empty())) refuse("token is for another audience");
}

std::string name_of_claim(const strict_json& claims, const std::string& key, std::string_view malformed) {
  std::string_view text;
  if (key.empty()) return {};
  const auto is = claims.text(key, text);
  if (is == found::wrong || text.size() > longest_name || !is_shown(text)) refuse(malformed);
  return std::string{text};
}

std::vector<std::string> names_of_claim(const strict_json& claims, const std::string& key, std::string_view malformed) {
  std::vector<std::string_view> texts;
  if (key.empty()) return {};
  if (claims.texts(key, texts, most_names) == found::wrong) refuse(malformed);
  for (const auto each : texts)
    if (each.empty() || each.size() > longest_name || !is_shown(each)) refuse(malformed);
  return {texts.begin(), texts.end()};
}

void read_principal(const options& rules, const strict_json& claims, const std::string& kid, judgement& result) {
  result.subject = name_of_claim(claims, rules.subject_claim, "claim of the subject is malformed");
  if (result.subject.empty()) refuse("token has no subject");
  result.tier = name_of_claim(claims, rules.tier_claim, "claim of the tier is malformed");
  result.tenant = name_of_claim(claims, rules.tenant_claim, "claim of the tenant is malformed");
  result.accounts = names_of_claim(claims, rules.accounts_claim, "claim of the accounts is malformed");
  result.entitlements = names_of_claim(claims, rules.entitlements_claim, "claim of the entitlements is malformed");
  result.credential = kid.empty() ? std::string{no_key_name} : kid;
  std::string_view id;
  const auto has_id = claims.text("jti", id);
  if (has_id == found::wrong) refuse("claim jti is not a text");
  if (has_id == found::good && !id.empty() && id.size() <= longest_jti && is_shown(id))
    result.credential.append("#").append(id);
}

} // namespace

judgement judge(const options& rules, std::string_view token, int64_t now_ns) {
  judgement result;
  try {
    const auto part = split(token);
    const auto header = object_of(part.header, "header is not base64url", "header is not a strict JSON object");
    const auto& key = key_for(rules, header);
    const auto signature = base64url_decoded(part.signature);
    if (!signature) refuse("signature is not base64url");
    if (!key.key.verifies(part.signed_text, *signature)) refuse("signature does not match");
    // Nothing of the claims is looked at before it is known who wrote them.
    const auto claims = object_of(part.claims, "claims are not base64url", "claims are not a strict JSON object");
    judge_parties(rules, claims);
    judge_times(rules, claims, now_ns, result);
    read_principal(rules, claims, key.kid, result);
  } catch (const refused& why) {
    result = {};
    result.code = why.code;
    result.reason = why.reason;
  }
  return result;
}

bool has_key_of(const options& rules, std::string_view credential) {
  const auto name = credential.substr(0, credential.find('#'));
  return std::any_of(rules.keys.begin(), rules.keys.end(),
                     [&](const named_key& each) { return each.kid.empty() ? name == no_key_name : name == each.kid; });
}

} // namespace tickplant::jwt
