// What a client may see: the rules of its tier, and patterns that its principal brings along. Compiled
// once; decisions allocate nothing. Values are plain, as the configuration says them. Pure; a compiled tier is shared
// and read by any thread, an entitlement by the sessions of its principal.
#pragma once

#include "runtime/policy/pattern.hpp"
#include "runtime/policy/principal.hpp"

#include <tickplant/dialect.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::policy {

inline constexpr uint32_t no_bound = UINT32_MAX;
inline constexpr uint32_t all_data_types =
  TP_DATA_QUOTES | TP_DATA_TRADES | TP_DATA_ORDER_BOOK | TP_DATA_STATISTICS | TP_DATA_SIGNALS;

/// A tier as configured. The defaults bound nothing.
struct tier_rules {
  std::string name;
  std::optional<std::vector<std::string>> symbols =
    std::nullopt;                       // patterns; nothing: all; empty: only the principal's own
  uint32_t data_types = all_data_types; // TP_DATA_*
  uint32_t depth = no_bound;            // levels a side; 0: no levels
  uint32_t min_frequency_ms = 0;        // floor of the interval between updates
  uint32_t max_symbols = no_bound;      // a connection
  uint32_t max_connections = no_bound;  // a principal
  bool oldest_gives_way = false;        // to one connection more than that; else that one is refused
};

/// What a client asks of its streams, and what it gets.
struct stream_options {
  uint32_t data_types = 0; // TP_DATA_*; 0: not named
  uint32_t frequency_ms = 0, depth = 0;
  friend bool operator==(const stream_options&, const stream_options&) = default;
};

/// Rules with their patterns compiled.
struct compiled_tier {
  explicit compiled_tier(tier_rules given);
  tier_rules rules;
  pattern_set symbols;
};

class entitlement {
public:
  /// Everything is allowed: a listener without policy.
  entitlement() = default;
  /// `tier` null: no bound but the listener's. `own`: patterns beyond the tier's.
  entitlement(std::shared_ptr<const compiled_tier> tier, std::span<const std::string> own);

  /// 0, or 4305 NOT_ENTITLED.
  int32_t decide(std::string_view venue, std::string_view symbol) const;
  /// The options cut to the tier: data types and depth at most, interval at least. Nothing if no data type is left that
  /// the tier allows: 4305. Types that are not named stay so and are cut once they are known.
  std::optional<stream_options> granted(stream_options wanted) const;

  uint32_t max_symbols() const { return tier_ ? tier_->rules.max_symbols : no_bound; }
  uint32_t max_connections() const { return tier_ ? tier_->rules.max_connections : no_bound; }
  bool oldest_gives_way() const { return tier_ && tier_->rules.oldest_gives_way; }
  std::string_view tier() const { return tier_ ? std::string_view{tier_->rules.name} : std::string_view{}; }

private:
  std::shared_ptr<const compiled_tier> tier_;
  pattern_set own_;
};

/// The tiers of one configuration.
class tier_table {
public:
  tier_table() = default;
  explicit tier_table(std::vector<tier_rules> tiers);

  /// What a principal may see; nothing if its tier is not configured: refuse the connection with 4003 NOT_ENTITLED.
  std::optional<entitlement> grant(const principal& who) const;
  const compiled_tier* find(std::string_view name) const;

private:
  std::map<std::string, std::shared_ptr<const compiled_tier>, std::less<>> tiers_;
};

} // namespace tickplant::policy
