#include "tickplant_sim/truth.hpp"

namespace tickplant::sim {
namespace {

nlohmann::json side_json(const std::vector<truth_level>& levels) {
  nlohmann::json out = nlohmann::json::array();
  for (const auto& level : levels) {
    nlohmann::json entry{{"price", level.price}, {"size", level.size}};
    if (level.orders > 0) entry["orders"] = level.orders;
    out.push_back(std::move(entry));
  }
  return out;
}

} // namespace

std::string decimal_text(std::int64_t units, unsigned decimals) {
  const bool negative = units < 0;
  auto text = std::to_string(negative ? 0 - static_cast<std::uint64_t>(units) : static_cast<std::uint64_t>(units));
  if (decimals > 0) {
    if (text.size() <= decimals) text.insert(0, decimals + 1 - text.size(), '0');
    text.insert(text.size() - decimals, 1, '.');
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return negative ? "-" + text : text;
}

nlohmann::json to_json(const truth_book& book) {
  return {{"sequence", book.sequence},     {"state", book.state},          {"bid_levels", book.levels_bid},
          {"ask_levels", book.levels_ask}, {"bids", side_json(book.bids)}, {"asks", side_json(book.asks)}};
}

} // namespace tickplant::sim
