#include "market_view.hpp"

#include <algorithm>

namespace tickplant::testing {

using nlohmann::json;

void market_view::take(const json& body) {
  const auto type = body.value("type", "");
  if (type == "MARKET_DATA") {
    for (const auto& entry : body.at("symbols")) {
      auto& one = symbols_[entry.at("symbol").get<std::string>()];
      one.entry = entry;
      ++one.entries;
    }
    return;
  }
  const char* key = type == "STREAM_STATUS" ? "symbols" : "results";
  if (!body.contains(key)) return;
  for (const auto& result : body.at(key))
    if (result.contains("status"))
      symbols_[result.at("symbol").get<std::string>()].statuses.push_back(result.at("status"));
}

bool market_view::follow(ws_client& client, const std::function<bool()>& holds, milliseconds within) {
  const auto end = steady_clock::now() + within;
  while (!holds()) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - steady_clock::now());
    if (left <= 0ms) return false;
    const auto one = client.next(left);
    if (!one) return false;
    take(one->body);
  }
  return true;
}

bool market_view::follow_entries(ws_client& client, const std::vector<std::string>& symbols, size_t count,
                                 milliseconds within) {
  std::map<std::string, size_t> wanted;
  for (const auto& symbol : symbols) wanted[symbol] = entries(symbol) + count;
  const auto has_all = [&] {
    return std::all_of(wanted.begin(), wanted.end(), [&](const auto& one) { return entries(one.first) >= one.second; });
  };
  return follow(client, has_all, within);
}

const market_view::known& market_view::of(const std::string& symbol) const {
  static const known nothing;
  const auto found = symbols_.find(symbol);
  return found == symbols_.end() ? nothing : found->second;
}

const json& market_view::entry(const std::string& symbol) const {
  return of(symbol).entry;
}
size_t market_view::entries(const std::string& symbol) const {
  return of(symbol).entries;
}
const std::vector<std::string>& market_view::statuses(const std::string& symbol) const {
  return of(symbol).statuses;
}

std::string market_view::status(const std::string& symbol) const {
  const auto& all = statuses(symbol);
  return all.empty() ? std::string{} : all.back();
}

bool market_view::all_have_status(const std::vector<std::string>& symbols, const std::string& wanted) const {
  return std::all_of(symbols.begin(), symbols.end(), [&](const auto& symbol) { return status(symbol) == wanted; });
}

std::string book_fault(const json& entry) {
  const auto& bids = entry.at("bids");
  const auto& asks = entry.at("asks");
  const auto prices = [](const json& levels) {
    std::vector<double> all;
    for (const auto& level : levels) all.push_back(level.at("price").get<double>());
    return all;
  };
  const auto bid = prices(bids), ask = prices(asks);
  // Strictly: a price stands in a side once.
  const auto is_ordered = [](const std::vector<double>& all, auto before) {
    return std::adjacent_find(all.begin(), all.end(), [&](double a, double b) { return !before(a, b); }) == all.end();
  };
  if (!is_ordered(bid, std::greater<>{})) return "bids are out of order: " + entry.dump();
  if (!is_ordered(ask, std::less<>{})) return "asks are out of order: " + entry.dump();
  if (!bid.empty() && !ask.empty() && bid.front() >= ask.front()) return "the book is crossed: " + entry.dump();
  for (const auto* levels : {&bids, &asks})
    for (const auto& level : *levels)
      if (level.at("size").get<double>() <= 0) return "a level is empty: " + entry.dump();
  return {};
}

} // namespace tickplant::testing
