#include "tickplant_sim/binance/rest_api.hpp"

#include "tickplant_sim/binance/target.hpp"

#include <algorithm>
#include <charconv>

namespace tickplant::sim::binance {
namespace {

using nlohmann::json;

constexpr std::int64_t minute_ms = 60'000;
constexpr std::uint32_t default_depth = 100;

std::string decimal(scaled value) {
  std::string out;
  append_decimal(out, value);
  return out;
}

bool is_symbol(std::string_view text) {
  return !text.empty() && text.size() <= 20 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

json describe(const listed_market& m, product which) {
  json out = {{"symbol", m.symbol},
              {"status", "TRADING"},
              {"baseAsset", m.base_asset},
              {"baseAssetPrecision", 8},
              {"quoteAsset", m.quote_asset},
              {"quotePrecision", 8},
              {"quoteAssetPrecision", 8},
              {"orderTypes", {"LIMIT", "LIMIT_MAKER", "MARKET"}},
              {"isSpotTradingAllowed", true},
              {"isMarginTradingAllowed", false},
              {"filters",
               {{{"filterType", "PRICE_FILTER"},
                 {"minPrice", decimal(m.tick)},
                 {"maxPrice", decimal(1'000'000 * one)},
                 {"tickSize", decimal(m.tick)}},
                {{"filterType", "LOT_SIZE"},
                 {"minQty", decimal(m.step)},
                 {"maxQty", decimal(9'000 * one)},
                 {"stepSize", decimal(m.step)}}}},
              {"permissions", json::array()},
              {"permissionSets", json::array({json::array({"SPOT"})})}};
  if (which == product::usdm) {
    for (const char* key : {"isSpotTradingAllowed", "isMarginTradingAllowed", "permissions", "permissionSets"})
      out.erase(key);
    out["pair"] = m.symbol;
    out["contractType"] = "PERPETUAL";
    out["pricePrecision"] = 2;
    out["quantityPrecision"] = 5;
  }
  return out;
}

} // namespace

bool weight_budget::spend(std::uint32_t weight, std::int64_t now_ms) noexcept {
  if (now_ms / minute_ms != minute_) {
    minute_ = now_ms / minute_ms;
    used_ = 0;
  }
  used_ = std::min<std::uint32_t>(used_ + weight, 1'000'000'000);
  return used_ <= limit_;
}

std::uint32_t weight_budget::seconds_to_next_minute(std::int64_t now_ms) noexcept {
  return static_cast<std::uint32_t>((minute_ms - now_ms % minute_ms + 999) / 1000);
}

void rest_api::handle(std::string_view method, std::string_view target, std::int64_t now_ms, reply answer) {
  ++requests_;
  const auto parsed = parse_target(target);
  if (!parsed) return answer(error(400, -1100, "Illegal characters found in the request address."));
  if (method != "GET") return answer(error(405, -1000, "Only GET is served here."));
  const auto limits = limits_of(which_);
  std::string_view path = parsed->path;
  if (!path.starts_with(limits.rest_path)) return answer(error(404, -1000, "No such request."));
  path.remove_prefix(limits.rest_path.size());
  if (path == "/ping") {
    if (spend(1, now_ms, answer)) answer(success(json::object()));
  } else if (path == "/time") {
    if (spend(1, now_ms, answer)) answer(success({{"serverTime", now_ms}}));
  } else if (path == "/exchangeInfo") {
    if (spend(limits.exchange_info_weight, now_ms, answer))
      answer(exchange_info(parsed->value("symbol"), parsed->value("symbols"), now_ms));
  } else if (path == "/depth") {
    depth(parsed->value("symbol"), parsed->value("limit"), now_ms, answer);
  } else {
    answer(error(404, -1000, "No such request."));
  }
}

bool rest_api::spend(std::uint32_t weight, std::int64_t now_ms, const reply& answer) {
  if (budget_.spend(weight, now_ms)) return true;
  auto refusal = error(429, -1003,
                       "Too much request weight used; current limit is " + std::to_string(budget_.limit()) +
                         " request weight per 1 MINUTE.");
  refusal.retry_after_s = weight_budget::seconds_to_next_minute(now_ms);
  answer(std::move(refusal));
  return false;
}

rest_answer rest_api::error(unsigned status, int code, std::string_view text) {
  ++refused_;
  return {status, json{{"code", code}, {"msg", text}}.dump(), budget_.used()};
}

rest_answer rest_api::success(const json& body) {
  return {200, body.dump(), budget_.used()};
}

rest_answer rest_api::exchange_info(std::string_view symbol, std::string_view symbols, std::int64_t now_ms) {
  std::vector<std::string> wanted;
  if (!symbol.empty()) wanted.emplace_back(symbol);
  if (!symbols.empty()) {
    const auto list = json::parse(symbols, nullptr, false);
    const bool sound = list.is_array() && !list.empty() &&
                       std::all_of(list.begin(), list.end(), [](const json& name) { return name.is_string(); });
    if (!sound || !symbol.empty())
      return error(400, -1100, "Illegal characters found in parameter 'symbols'; it must be a JSON list of names.");
    wanted = list.get<std::vector<std::string>>();
  }
  const auto& markets = feed_.markets();
  json described = json::array();
  for (const auto& name : wanted)
    if (std::none_of(markets.begin(), markets.end(), [&](const listed_market& m) { return m.symbol == name; }))
      return error(400, -1121, "Invalid symbol.");
  for (const auto& m : markets)
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), m.symbol) != wanted.end())
      described.push_back(describe(m, which_));
  return success(
    {{"timezone", "UTC"},
     {"serverTime", now_ms},
     {"rateLimits",
      {{{"rateLimitType", "REQUEST_WEIGHT"}, {"interval", "MINUTE"}, {"intervalNum", 1}, {"limit", budget_.limit()}},
       {{"rateLimitType", "RAW_REQUESTS"}, {"interval", "MINUTE"}, {"intervalNum", 5}, {"limit", 300'000}}}},
     {"exchangeFilters", json::array()},
     {"symbols", std::move(described)}});
}

void rest_api::depth(std::string_view symbol, std::string_view limit_text, std::int64_t now_ms, const reply& answer) {
  std::uint32_t limit = default_depth;
  if (!limit_text.empty()) {
    const auto* end = limit_text.data() + limit_text.size();
    const auto parsed = std::from_chars(limit_text.data(), end, limit);
    if (parsed.ec != std::errc{} || parsed.ptr != end || limit == 0)
      return answer(error(400, -1100, "Illegal characters found in parameter 'limit'; legal range is 1 to 5000."));
    limit = std::min(limit, limits_of(which_).most_depth);
    if (!is_depth_limit(which_, limit)) return answer(error(400, -4021, "The depth limit is not one of those known."));
  }
  if (!spend(depth_weight(which_, limit), now_ms, answer)) return;
  if (symbol.empty())
    return answer(error(400, -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."));
  if (!is_symbol(symbol))
    return answer(error(400, -1100,
                        "Illegal characters found in parameter 'symbol'; legal range is "
                        "'^[A-Z0-9-_.]{1,20}$'."));
  const auto& markets = feed_.markets();
  if (std::none_of(markets.begin(), markets.end(), [&](const listed_market& m) { return m.symbol == symbol; }))
    return answer(error(400, -1121, "Invalid symbol."));
  feed_.depth(symbol, limit, [this, answer](std::optional<std::string> body) {
    if (body)
      answer({200, std::move(*body), budget_.used()});
    else
      answer(error(503, -1008, "Request throttled by system-level protection."));
  });
}

} // namespace tickplant::sim::binance
