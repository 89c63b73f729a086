#include "exchange_info.hpp"

#include "decimal.hpp"

#include <tickplant/venue.h>

#include <simdjson.h>

#include <algorithm>

namespace tickplant::binance {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

namespace {

// Ten times what the venue lists; more is not a directory.
constexpr size_t most_symbols = 65'536;

/// A text, or nothing for null and what is no text.
error_code text(ondemand::value& value, std::string_view& out) {
  ondemand::json_type type;
  SIMDJSON_TRY(value.type().get(type));
  if (type != ondemand::json_type::string) return simdjson::SUCCESS;
  return value.get_string().get(out);
}

/// Calls `each` with key and value of every member.
template <class Each>
error_code members(ondemand::value& value, Each&& each) {
  ondemand::object fields;
  SIMDJSON_TRY(value.get_object().get(fields));
  for (auto entry : fields) {
    ondemand::field field;
    SIMDJSON_TRY(std::move(entry).get(field));
    std::string_view key;
    SIMDJSON_TRY(field.unescaped_key().get(key));
    SIMDJSON_TRY(each(key, field.value()));
  }
  return simdjson::SUCCESS;
}

template <class Each>
error_code elements(ondemand::value& value, Each&& each) {
  ondemand::array list;
  SIMDJSON_TRY(value.get_array().get(list));
  for (auto entry : list) {
    ondemand::value element;
    SIMDJSON_TRY(std::move(entry).get(element));
    SIMDJSON_TRY(each(element));
  }
  return simdjson::SUCCESS;
}

error_code filter(ondemand::value& value, symbol_row& row) {
  std::string_view type, tick, step;
  SIMDJSON_TRY(members(value, [&](std::string_view key, ondemand::value& v) {
    if (key == "filterType") return text(v, type);
    if (key == "tickSize") return text(v, tick);
    if (key == "stepSize") return text(v, step);
    return simdjson::SUCCESS;
  }));
  if (type == "PRICE_FILTER") row.tick = tick;
  if (type == "LOT_SIZE") row.step = step;
  return simdjson::SUCCESS;
}

error_code symbol(ondemand::value& value, exchange_info& out) {
  symbol_row row;
  SIMDJSON_TRY(members(value, [&](std::string_view key, ondemand::value& v) {
    if (key == "symbol") return text(v, row.symbol);
    if (key == "status" || key == "contractStatus") return text(v, row.status); // the second: COIN-M
    if (key == "contractType") return text(v, row.contract);
    if (key == "baseAsset") return text(v, row.base);
    if (key == "quoteAsset") return text(v, row.quote);
    if (key == "filters") return elements(v, [&](ondemand::value& f) { return filter(f, row); });
    return simdjson::SUCCESS;
  }));
  if (out.symbols.size() == most_symbols) return simdjson::CAPACITY;
  if (row.symbol.empty())
    out.complete = false;
  else
    out.symbols.push_back(row);
  return simdjson::SUCCESS;
}

error_code rate_limit(ondemand::value& value, exchange_info& out) {
  std::string_view type, interval;
  int64_t count = 0, limit = 0;
  SIMDJSON_TRY(members(value, [&](std::string_view key, ondemand::value& v) {
    if (key == "rateLimitType") return text(v, type);
    if (key == "interval") return text(v, interval);
    if (key == "intervalNum") return v.get_int64().get(count);
    if (key == "limit") return v.get_int64().get(limit);
    return simdjson::SUCCESS;
  }));
  if (type == "REQUEST_WEIGHT" && interval == "MINUTE" && count > 0 && limit > 0)
    out.weight_per_minute = static_cast<uint32_t>(std::min<int64_t>(limit / count, UINT32_MAX));
  return simdjson::SUCCESS;
}

error_code body_of(ondemand::document& doc, exchange_info& out) {
  ondemand::value root;
  SIMDJSON_TRY(doc.get_value().get(root));
  return members(root, [&](std::string_view key, ondemand::value& v) {
    if (key == "symbols") return elements(v, [&](ondemand::value& s) { return symbol(s, out); });
    if (key == "rateLimits") return elements(v, [&](ondemand::value& l) { return rate_limit(l, out); });
    return simdjson::SUCCESS;
  });
}

} // namespace

bool read_exchange_info(std::string_view body, exchange_info& out) {
  // Goes with the rows instead of being kept: it needs several times the body, which comes once in minutes.
  const auto parser = std::make_shared<ondemand::parser>();
  out.texts = parser;
  ondemand::document doc;
  if (parser->iterate(simdjson::padded_string_view{body.data(), body.size(), body.size() + TP_PADDING}).get(doc))
    return false;
  return body_of(doc, out) == simdjson::SUCCESS && !out.symbols.empty();
}

uint8_t state_of(std::string_view status, bool& known) {
  known = true;
  if (status == "TRADING") return TP_STATE_TRADING;
  if (status == "BREAK" || status == "HALT" || status == "CANCEL_ONLY") return TP_STATE_HALTED;
  if (status == "END_OF_DAY" || status == "POST_TRADING") return TP_STATE_CLOSED;
  if (status == "CLOSE" || status == "DELIVERED") return TP_STATE_CLOSED; // a future that has ended
  if (status == "PRE_SETTLE" || status == "SETTLING" || status == "PRE_DELIVERING" || status == "DELIVERING")
    return TP_STATE_HALTED;
  if (status == "PRE_TRADING" || status == "PENDING_TRADING") return TP_STATE_PRE_OPEN;
  if (status == "AUCTION_MATCH") return TP_STATE_AUCTION;
  known = false;
  return TP_STATE_HALTED;
}

} // namespace tickplant::binance
