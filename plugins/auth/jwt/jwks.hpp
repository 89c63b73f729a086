// A JSON Web Key Set (RFC 7517) as a file: its public keys, each with the algorithm that it is for. Pure.
#pragma once

#include "verify_key.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::jwt {

struct named_key {
  std::string kid; // empty: none, in a set of one key
  verify_key key;
};

/// Whether a text may be a configured key's name: 1 to 128 bytes of visible ASCII without '#'.
bool is_key_name(std::string_view text);

/// Appends the keys of a set. What cannot be used by design (unknown types, other curves, keys for encryption) goes to
/// `skipped`; what is wrong or dangerous (no JSON, private parts, weak keys, an algorithm of another type) to
/// `problem`.
void read_jwks(std::string_view text, std::vector<named_key>& to, const std::function<void(std::string)>& skipped,
               const std::function<void(std::string)>& problem);

} // namespace tickplant::jwt
