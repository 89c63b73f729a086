// Close codes of RFC 6455, section 7.4, beside those of the error registry (4000 to 4999).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tickplant::wire {

namespace close_code {
inline constexpr uint16_t normal = 1000, going_away = 1001, protocol_error = 1002, unsupported_data = 1003;
/// Never on the wire: the peer's close frame named no code.
inline constexpr uint16_t no_status = 1005;
/// Never on the wire: the connection ended without a close frame.
inline constexpr uint16_t abnormal = 1006;
inline constexpr uint16_t invalid_payload = 1007, policy_violation = 1008, message_too_big = 1009;
inline constexpr uint16_t mandatory_extension = 1010, internal_error = 1011, service_restart = 1012;
inline constexpr uint16_t try_again_later = 1013, bad_gateway = 1014;
} // namespace close_code

/// Whether a close frame may carry the code: 1000 to 1003, 1007 to 1014, 3000 to 4999.
constexpr bool may_be_sent(uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

/// A control frame holds 125 bytes; two are the code.
inline constexpr size_t max_close_reason = 123;

/// The longest start of `reason` that fits a close frame and does not end inside a character.
std::string_view clip_reason(std::string_view reason);

/// A stable name for logs and metrics: that of RFC 6455 or of the error registry, "other" if neither knows the code.
std::string_view close_name(uint16_t code);

} // namespace tickplant::wire
