// What an auth plugin hands over, checked and copied into our own memory. Pure; any thread.
#pragma once

#include "runtime/policy/principal.hpp"

#include <string>
#include <string_view>

namespace tickplant::plugin {

/// The principal in our own memory; nothing, and `why`, if it makes no sense: no struct, names that are too long or not
/// printable, lists without end.
std::optional<policy::principal> copy_of(const tp_principal* given, std::string& why);

/// A reason for people: at most `longest` bytes, control characters as '?'.
std::string tidy_reason(std::string_view reason, size_t longest);

/// Whether `code` may be the number of a refusal by a policy (auth.h).
constexpr bool is_refusal(int32_t code) {
  return code == 4001 || code == 4003 || code == 4104 || code == 4203;
}

/// Whether `text` shows `secret`. Secrets of less than 8 bytes are not looked for: they are found by chance.
bool shows_secret(std::string_view text, std::string_view secret);
bool shows_secret(const policy::principal& who, std::string_view secret);

} // namespace tickplant::plugin
