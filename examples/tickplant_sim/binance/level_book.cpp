#include "tickplant_sim/binance/level_book.hpp"

#include <algorithm>
#include <charconv>

namespace tickplant::sim::binance {
namespace {

constexpr std::size_t decimals = 8;

bool all_digits(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

void append_decimal(std::string& out, scaled value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value / one).ptr;
  out.append(digits, end);
  out.push_back('.');
  auto fraction = value % one;
  char tail[decimals];
  for (std::size_t i = decimals; i-- > 0; fraction /= 10) tail[i] = static_cast<char>('0' + fraction % 10);
  out.append(tail, decimals);
}

std::optional<scaled> parse_decimal(std::string_view text) noexcept {
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || whole.size() > 10 || fraction.size() > decimals || !all_digits(whole) || !all_digits(fraction))
    return std::nullopt;
  scaled value = 0;
  for (const char c : whole) value = value * 10 + (c - '0');
  for (std::size_t i = 0; i < decimals; ++i) value = value * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  return value;
}

std::optional<depth_diff> diff_collector::take(const level_book& book, std::uint64_t last_id) {
  if (bids_.empty() && asks_.empty()) return std::nullopt;
  depth_diff diff;
  diff.first_id = last_id_ + 1;
  diff.last_id = last_id_ = last_id;
  diff.bids.reserve(bids_.size());
  diff.asks.reserve(asks_.size());
  for (const auto price : bids_) diff.bids.push_back({price, book.bid_quantity(price)});
  for (const auto price : asks_) diff.asks.push_back({price, book.ask_quantity(price)});
  bids_.clear();
  asks_.clear();
  return diff;
}

} // namespace tickplant::sim::binance
