#include "symbol_map.hpp"

#include <algorithm>

namespace tickplant::binance {
namespace {

constexpr size_t longest_symbol = 64;

/// Only ASCII has a case here: the venue's other names (venue document, A1) come as they are.
std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

} // namespace

instrument::instrument(uint32_t number_, std::string_view symbol_, sync_limits limits, buffer_budget& budget)
  : number(number_), symbol(symbol_), stream_name(lower(symbol_)), sync(limits, budget) {}

instrument* symbol_map::find(std::string_view symbol) {
  if (last_found_ != nullptr && last_found_->symbol == symbol) return last_found_;
  const auto found = by_symbol_.find(symbol);
  if (found == by_symbol_.end()) return nullptr;
  last_found_ = found->second;
  return last_found_;
}

instrument* symbol_map::find_stream(std::string_view name) {
  const auto found = by_stream_name_.find(name);
  return found == by_stream_name_.end() ? nullptr : found->second;
}

instrument* symbol_map::add(std::string_view symbol) {
  const auto forbidden = [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\\' || c == '@';
  };
  if (symbol.empty() || symbol.size() > longest_symbol || all_.size() >= most_instruments ||
      std::any_of(symbol.begin(), symbol.end(), forbidden))
    return nullptr;
  instrument& added = all_.emplace_back(static_cast<uint32_t>(all_.size()), symbol, limits_, *budget_);
  by_symbol_.emplace(added.symbol, &added);
  by_stream_name_.emplace(added.stream_name, &added);
  return &added;
}

void symbol_map::retire(instrument& which) {
  which.retired = true;
  by_symbol_.erase(which.symbol);
  const auto by_name = by_stream_name_.find(which.stream_name);
  if (by_name != by_stream_name_.end() && by_name->second == &which) by_stream_name_.erase(by_name);
  if (last_found_ == &which) last_found_ = nullptr;
}

} // namespace tickplant::binance
