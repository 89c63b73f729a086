#include "runtime/wire/close_code.hpp"

#include "runtime/wire/error_registry.hpp"

namespace tickplant::wire {

std::string_view clip_reason(std::string_view reason) {
  if (reason.size() <= max_close_reason) return reason;
  size_t size = max_close_reason;
  // A continuation byte (10xxxxxx) behind the cut means that a character would be torn.
  while (size > 0 && (static_cast<uint8_t>(reason[size]) & 0xC0u) == 0x80u) --size;
  return reason.substr(0, size);
}

std::string_view close_name(uint16_t code) {
  switch (code) {
    case close_code::normal: return "normal";
    case close_code::going_away: return "going_away";
    case close_code::protocol_error: return "protocol_error";
    case close_code::unsupported_data: return "unsupported_data";
    case close_code::no_status: return "no_status";
    case close_code::abnormal: return "abnormal";
    case close_code::invalid_payload: return "invalid_payload";
    case close_code::policy_violation: return "policy_violation";
    case close_code::message_too_big: return "message_too_big";
    case close_code::mandatory_extension: return "mandatory_extension";
    case close_code::internal_error: return "internal_error";
    case close_code::service_restart: return "service_restart";
    case close_code::try_again_later: return "try_again_later";
    case close_code::bad_gateway: return "bad_gateway";
    default: break;
  }
  const error_entry* entry = find_error(code);
  return entry ? entry->name : "other";
}

} // namespace tickplant::wire
