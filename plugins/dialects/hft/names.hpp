// The words that both directions of the dialect share: data types, stream states, error numbers.
#pragma once

#include <tickplant/dialect.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace tickplant::hft {

struct data_type_name {
  uint32_t bit;
  std::string_view name;
};

/// Document 000, "Subscription Management", enum DataType.
inline constexpr std::array data_type_names{
  data_type_name{TP_DATA_QUOTES, "QUOTES"}, data_type_name{TP_DATA_TRADES, "TRADES"},
  data_type_name{TP_DATA_ORDER_BOOK, "ORDER_BOOK"}, data_type_name{TP_DATA_STATISTICS, "STATISTICS"},
  data_type_name{TP_DATA_SIGNALS, "SIGNALS"}};

/// A word of the protocol and what it stands for in the ABI.
struct choice_name {
  uint32_t value;
  std::string_view name;
};

inline constexpr std::array mode_names{choice_name{TP_MODE_ALL, "ALL"}, choice_name{TP_MODE_CONFLATE, "CONFLATE"},
                                       choice_name{TP_MODE_SNAPSHOT_ONLY, "SNAPSHOT_ONLY"}};
inline constexpr std::array slow_names{choice_name{TP_SLOW_CONFLATE, "CONFLATE"},
                                       choice_name{TP_SLOW_DROP_OLDEST, "DROP_OLDEST"},
                                       choice_name{TP_SLOW_DISCONNECT, "DISCONNECT"}};

/// Keys of an entry by which a client chooses; 0: it comes always.
inline constexpr std::array field_names{choice_name{TP_FIELD_PRICE, "price"},
                                        choice_name{TP_FIELD_BID, "bid"},
                                        choice_name{TP_FIELD_ASK, "ask"},
                                        choice_name{TP_FIELD_BID_SIZE, "bidSize"},
                                        choice_name{TP_FIELD_ASK_SIZE, "askSize"},
                                        choice_name{TP_FIELD_VOLUME, "volume"},
                                        choice_name{TP_FIELD_CHANGE, "change"},
                                        choice_name{TP_FIELD_CHANGE_PERCENT, "changePercent"},
                                        choice_name{TP_FIELD_HIGH, "high"},
                                        choice_name{TP_FIELD_LOW, "low"},
                                        choice_name{TP_FIELD_OPEN, "open"},
                                        choice_name{TP_FIELD_PREVIOUS_CLOSE, "previousClose"},
                                        choice_name{TP_FIELD_LAST_TRADE, "lastTrade"},
                                        choice_name{TP_FIELD_LEVELS, "bids"},
                                        choice_name{TP_FIELD_LEVELS, "asks"},
                                        choice_name{0, "symbol"},
                                        choice_name{0, "exchange"},
                                        choice_name{0, "timestamp"}};

/// The name of a choice, empty for one that is not in the list.
template <size_t Size>
constexpr std::string_view name_of_choice(const std::array<choice_name, Size>& names, uint32_t value) {
  const auto found = std::ranges::find(names, value, &choice_name::value);
  return found == names.end() ? std::string_view{} : found->name;
}

constexpr std::string_view name_of_series(uint32_t series) {
  switch (series) {
    case TP_SERIES_TRADES: return "TRADES";
    case TP_SERIES_BOOK: return "BOOK";
    default: return "STATE";
  }
}

/// One row of the error registry.
struct error_name {
  int32_t code;
  std::string_view name; ///< canonical
  std::string_view type; ///< document 000, "Error Types": what its recovery manager decides by
  std::string_view text; ///< fixed text, empty if there is none
};

// The document's client retries at once on CONNECTION_FAILED, so it stands for closes that allow that only.
inline constexpr std::array error_names{
  error_name{4000, "UNSUPPORTED_VERSION", "SERVER_ERROR", ""},
  error_name{4001, "AUTHENTICATION_FAILED", "AUTHENTICATION_FAILED", ""},
  error_name{4002, "ORIGIN_REFUSED", "SERVER_ERROR", ""},
  error_name{4003, "NOT_ENTITLED", "AUTHENTICATION_FAILED", ""},
  error_name{4009, "PROTOCOL_VIOLATION", "MESSAGE_PARSE_ERROR", ""},
  error_name{4100, "SERVER_ERROR", "SERVER_ERROR", ""},
  error_name{4101, "RATE_LIMIT_EXCEEDED", "RATE_LIMIT_EXCEEDED", ""},
  error_name{4102, "CONNECTION_LIMIT", "RATE_LIMIT_EXCEEDED", ""},
  error_name{4103, "SLOW_CONSUMER", "NETWORK_ERROR", ""},
  error_name{4104, "OVERLOADED", "SERVER_ERROR", ""},
  error_name{4200, "SHUTTING_DOWN", "CONNECTION_FAILED", ""},
  error_name{4201, "HEARTBEAT_TIMEOUT", "CONNECTION_FAILED", ""},
  error_name{4202, "AUTHENTICATION_TIMEOUT", "AUTHENTICATION_FAILED", "Authentication timeout"},
  error_name{4203, "TOKEN_EXPIRED", "AUTHENTICATION_FAILED", ""},
  error_name{4204, "IDLE_TIMEOUT", "CONNECTION_FAILED", ""},
  error_name{4300, "MESSAGE_PARSE_ERROR", "MESSAGE_PARSE_ERROR", "Invalid message format"},
  error_name{4301, "UNSUPPORTED_ACTION", "MESSAGE_PARSE_ERROR", ""},
  error_name{4302, "MESSAGE_TOO_LARGE", "MESSAGE_PARSE_ERROR", ""},
  error_name{4303, "SUBSCRIPTION_FAILED", "SUBSCRIPTION_FAILED", ""},
  error_name{4304, "SUBSCRIPTION_LIMIT", "SUBSCRIPTION_FAILED", ""},
  error_name{4305, "NOT_ENTITLED", "SUBSCRIPTION_FAILED", ""},
  error_name{4306, "INVALID_SYMBOL", "SUBSCRIPTION_FAILED", ""},
  error_name{4307, "RESUME_FAILED", "SUBSCRIPTION_FAILED", ""},
  error_name{4308, "RATE_LIMIT_WARNING", "RATE_LIMIT_EXCEEDED", "Rate limit exceeded. Please slow down."},
  error_name{4309, "SLOW_CONSUMER_WARNING", "NETWORK_ERROR", ""},
  error_name{4310, "DATA_STALE", "SERVER_ERROR", ""},
  error_name{4311, "SOURCE_FAILURE", "SERVER_ERROR", ""}};

/// The row of `code`; a number outside the registry is a server error.
inline error_name name_of_error(int32_t code) {
  const auto found = std::ranges::find(error_names, code, &error_name::code);
  return found == error_names.end() ? error_name{code, "SERVER_ERROR", "SERVER_ERROR", ""} : *found;
}

/// Empty for "not said" and for states that this dialect does not know.
constexpr std::string_view name_of_status(uint32_t status) {
  switch (status) {
    case TP_STATUS_OK: return "ok";
    case TP_STATUS_STALE: return "stale";
    case TP_STATUS_HALTED: return "halted";
    case TP_STATUS_RECOVERING: return "recovering";
    case TP_STATUS_CLOSED: return "closed";
    case TP_STATUS_PENDING: return "pending";
    case TP_STATUS_PAUSED: return "paused";
    default: return {};
  }
}

} // namespace tickplant::hft
