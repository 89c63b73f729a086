// The `filter` of a subscription (S3-15): {"min_price": 100, "venue": "NASDAQ", "where": ["spread <= 0.02"]}, or
// comparisons alone, as one text or a list. Keeps its buffers; what it hands out borrows the message's texts.
#pragma once

#include "json_tree.hpp"
#include "wording.hpp"

#include <tickplant/dialect.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace tickplant::hft {

inline constexpr size_t max_conditions = 16;

/// mantissa * 10^exponent, exactly as written; nothing where it is no number or has more than 18 digits or places.
struct exact_number {
  int64_t mantissa = 0;
  int8_t exponent = 0;
};
std::optional<exact_number> to_exact(std::string_view text);

class filter_reader {
public:
  filter_reader() { conditions_.reserve(max_conditions); }
  void clear() { conditions_.clear(); }

  problem read(const json_tree& tree, uint32_t at, wording& words);
  const std::vector<tp_filter>& conditions() const { return conditions_; }

private:
  problem read_member(const json_tree::node& member, wording& words);
  problem read_list(const json_tree& tree, uint32_t at, wording& words);
  /// Comparisons joined by "and", "&&" or a comma.
  problem read_text(std::string_view text, wording& words);
  problem read_comparison(std::string_view text, wording& words);
  problem add(const tp_filter& condition, wording& words);

  std::vector<tp_filter> conditions_;
};

} // namespace tickplant::hft
