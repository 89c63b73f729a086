// JSON Web Tokens in compact form (RFC 7519, RFC 7515), judged by RFC 8725. Pure: bytes and time in, a principal or a
// refusal out. Any thread.
#pragma once

#include "options.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::jwt {

/// What a good token says; or why it is none.
struct judgement {
  int32_t code = 0;        // 0: good; 4001, or 4203 for a token that was good once
  std::string_view reason; // static text; never a part of the token
  std::string subject, tier, tenant, credential;
  int64_t expires_ns = TP_NONE; // leeway included
  std::vector<std::string> accounts, entitlements;
};

judgement judge(const options& rules, std::string_view token, int64_t now_ns);

/// Whether the key of a principal's credential is still there. A credential is the key's name ("-" for a key without
/// one), and "#" with the token's `jti` where there is one that can be shown.
bool has_key_of(const options& rules, std::string_view credential);

} // namespace tickplant::jwt
