#include "runtime/fanout/wildcard.hpp"

#include "runtime/consolidation/listing.hpp"

namespace tickplant::fanout {

wildcard::wildcard(std::string_view venue, std::string_view symbol)
  : venue_(venue == "*" ? std::string_view{} : venue), symbol_(symbol), what_(symbol == "*"   ? part::one
                                                                              : symbol == ">" ? part::rest
                                                                                              : part::exact) {}

std::optional<wildcard> wildcard::from(std::string_view text) {
  if (text == "*" || text == ">") return wildcard{"*", text};
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return std::nullopt;
  const auto venue = text.substr(0, colon), symbol = text.substr(colon + 1);
  if (venue != "*" && symbol != "*" && symbol != ">") return std::nullopt;
  return wildcard{venue, symbol};
}

bool wildcard::matches(std::string_view venue, std::string_view symbol) const {
  if (venue_.empty() ? venue == consolidation::venue_name : venue != venue_) return false;
  switch (what_) {
    case part::one: return symbol.find(':') == std::string_view::npos;
    case part::rest: return true;
    default: return symbol == symbol_;
  }
}

} // namespace tickplant::fanout
