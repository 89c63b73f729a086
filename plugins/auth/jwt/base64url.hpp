// base64url without padding (RFC 4648, section 5; RFC 7515, section 2), strictly: one text for one value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tickplant::jwt {

/// Nothing if the text holds anything else than its alphabet, padding included, or bits that stand for nothing.
std::optional<std::string> base64url_decoded(std::string_view text);

} // namespace tickplant::jwt
