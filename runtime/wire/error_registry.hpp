// The registry of protocol errors: one number serves ERROR messages and close frames. The hundred tells a client what
// to do without a table. Dialects may print other names and texts; numbers are the same everywhere.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tickplant::wire {

enum class error_code : uint16_t {
  unsupported_version = 4000,
  authentication_failed = 4001,
  origin_refused = 4002,
  connection_not_entitled = 4003,
  protocol_violation = 4009,
  server_error = 4100,
  rate_limit_exceeded = 4101,
  connection_limit = 4102,
  slow_consumer = 4103,
  overloaded = 4104,
  shutting_down = 4200,
  heartbeat_timeout = 4201,
  authentication_timeout = 4202,
  token_expired = 4203,
  idle_timeout = 4204,
  message_parse_error = 4300,
  unsupported_action = 4301,
  message_too_large = 4302,
  subscription_failed = 4303,
  subscription_limit = 4304,
  not_entitled = 4305,
  invalid_symbol = 4306,
  resume_failed = 4307,
  rate_limit_warning = 4308,
  slow_consumer_warning = 4309,
  data_stale = 4310,
  source_failure = 4311
};

constexpr uint16_t number_of(error_code code) {
  return static_cast<uint16_t>(code);
}

/// What the hundred says.
enum class advice : uint8_t { do_not_reconnect, reconnect_with_back_off, reconnect_now, session_goes_on };

struct error_entry {
  error_code code;
  std::string_view name; ///< canonical: "RATE_LIMIT_EXCEEDED"
  std::string_view text; ///< default text for people
  bool recoverable;      ///< the `recoverable` key of ERROR: trying again, now or later, can succeed
  bool closes;           ///< the connection is closed with this number
};

/// In order of their numbers.
std::span<const error_entry> error_registry();

/// Null if the number is not in the registry (a plugin may bring any).
const error_entry* find_error(uint32_t number);
/// The entry of a code of the enumeration.
const error_entry& entry_of(error_code code);
/// For any number of 4000 to 4399; others are advised to reconnect with back-off.
advice advice_of(uint32_t number);

} // namespace tickplant::wire
