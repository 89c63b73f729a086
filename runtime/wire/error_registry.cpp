#include "runtime/wire/error_registry.hpp"

#include <algorithm>
#include <array>

namespace tickplant::wire {

namespace {

using enum error_code;

constexpr std::array table{
  error_entry{unsupported_version, "UNSUPPORTED_VERSION", "Protocol version is not supported", false, true},
  error_entry{authentication_failed, "AUTHENTICATION_FAILED", "Authentication failed", false, true},
  error_entry{origin_refused, "ORIGIN_REFUSED", "Origin is not allowed", false, true},
  error_entry{connection_not_entitled, "NOT_ENTITLED", "Not entitled to this service", false, true},
  error_entry{protocol_violation, "PROTOCOL_VIOLATION", "Too many invalid messages", false, true},
  error_entry{server_error, "SERVER_ERROR", "Internal server error", true, true},
  error_entry{rate_limit_exceeded, "RATE_LIMIT_EXCEEDED", "Rate limit exceeded", true, true},
  error_entry{connection_limit, "CONNECTION_LIMIT", "Too many connections", true, true},
  error_entry{slow_consumer, "SLOW_CONSUMER", "Connection is too slow for its data", true, true},
  error_entry{overloaded, "OVERLOADED", "Server is overloaded", true, true},
  error_entry{shutting_down, "SHUTTING_DOWN", "Server is shutting down", true, true},
  error_entry{heartbeat_timeout, "HEARTBEAT_TIMEOUT", "No answer to heartbeat", true, true},
  error_entry{authentication_timeout, "AUTHENTICATION_TIMEOUT", "Authentication timeout", true, true},
  error_entry{token_expired, "TOKEN_EXPIRED", "Token has expired", true, true},
  error_entry{idle_timeout, "IDLE_TIMEOUT", "Connection was idle for too long", true, true},
  error_entry{message_parse_error, "MESSAGE_PARSE_ERROR", "Invalid message format", true, false},
  error_entry{unsupported_action, "UNSUPPORTED_ACTION", "Action is not supported", true, false},
  error_entry{message_too_large, "MESSAGE_TOO_LARGE", "Message is too large", true, false},
  error_entry{subscription_failed, "SUBSCRIPTION_FAILED", "Subscription failed", true, false},
  error_entry{subscription_limit, "SUBSCRIPTION_LIMIT", "Too many subscriptions", true, false},
  error_entry{not_entitled, "NOT_ENTITLED", "Not entitled to this stream", true, false},
  error_entry{invalid_symbol, "INVALID_SYMBOL", "Symbol is not known", true, false},
  error_entry{resume_failed, "RESUME_FAILED", "Cannot resume from there, a snapshot follows", true, false},
  error_entry{rate_limit_warning, "RATE_LIMIT_WARNING", "Rate limit exceeded. Please slow down.", true, false},
  error_entry{slow_consumer_warning, "SLOW_CONSUMER_WARNING", "Connection is slow, updates are being merged", true,
              false},
  error_entry{data_stale, "DATA_STALE", "Data is stale", true, false},
  error_entry{source_failure, "SOURCE_FAILURE", "Source of the data has failed", true, false},
};

constexpr bool by_number(const error_entry& a, const error_entry& b) {
  return number_of(a.code) < number_of(b.code);
}
static_assert(std::is_sorted(table.begin(), table.end(), by_number), "find_error searches by halves");

} // namespace

std::span<const error_entry> error_registry() {
  return table;
}

const error_entry* find_error(uint32_t number) {
  const auto at = std::lower_bound(table.begin(), table.end(), number, [](const error_entry& entry, uint32_t wanted) {
    return number_of(entry.code) < wanted;
  });
  return at != table.end() && number_of(at->code) == number ? &*at : nullptr;
}

const error_entry& entry_of(error_code code) {
  const error_entry* found = find_error(number_of(code));
  return found ? *found : entry_of(server_error);
}

advice advice_of(uint32_t number) {
  if (number >= 4000 && number < 4100) return advice::do_not_reconnect;
  if (number >= 4200 && number < 4300) return advice::reconnect_now;
  if (number >= 4300 && number < 4400) return advice::session_goes_on;
  return advice::reconnect_with_back_off;
}

} // namespace tickplant::wire
