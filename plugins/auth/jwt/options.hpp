// The policy's settings: keys, and what a token has to say.
#pragma once

#include "jwks.hpp"

#include <tickplant/auth.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace tickplant::jwt {

struct options {
  std::vector<named_key> keys;                        // at least one; names differ
  std::string issuer;                                 // empty: any
  std::vector<std::string> audience;                  // empty: tokens without `aud` alone
  std::string type;                                   // wanted `typ`; empty: any
  int64_t leeway_ns = 30'000'000'000, max_age_ns = 0; // 0: no bound
  bool require_expiry = true;
  std::string subject_claim = "sub", tier_claim = "tier", tenant_claim = "tenant", accounts_claim = "accounts",
              entitlements_claim = "entitlements";
};

/// Complains about every fault; `good` tells whether there was none.
options read_options(sdk::settings settings, sdk::auth_host host, bool& good);

} // namespace tickplant::jwt
