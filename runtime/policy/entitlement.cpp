#include "runtime/policy/entitlement.hpp"

#include <algorithm>
#include <utility>

namespace tickplant::policy {

namespace {

constexpr int32_t not_entitled = 4305;

pattern_set compile(const std::optional<std::vector<std::string>>& symbols) {
  static const std::string everything[] = {"*"};
  return symbols ? pattern_set{*symbols} : pattern_set{everything};
}

} // namespace

compiled_tier::compiled_tier(tier_rules given) : rules(std::move(given)), symbols(compile(rules.symbols)) {}

entitlement::entitlement(std::shared_ptr<const compiled_tier> tier, std::span<const std::string> own)
  : tier_(std::move(tier)), own_(own) {}

int32_t entitlement::decide(std::string_view venue, std::string_view symbol) const {
  const bool allowed = !tier_ || tier_->symbols.matches(venue, symbol) || own_.matches(venue, symbol);
  return allowed ? 0 : not_entitled;
}

std::optional<stream_options> entitlement::granted(stream_options wanted) const {
  if (!tier_) return wanted;
  const auto& rules = tier_->rules;
  const bool is_named = wanted.data_types != 0;
  wanted.data_types &= rules.data_types;
  if (rules.data_types == 0 || (is_named && wanted.data_types == 0)) return std::nullopt;
  wanted.depth = std::min(wanted.depth, rules.depth);
  wanted.frequency_ms = std::max(wanted.frequency_ms, rules.min_frequency_ms);
  return wanted;
}

tier_table::tier_table(std::vector<tier_rules> tiers) {
  for (auto& each : tiers) {
    auto name = each.name;
    tiers_.emplace(std::move(name), std::make_shared<const compiled_tier>(std::move(each)));
  }
}

std::optional<entitlement> tier_table::grant(const principal& who) const {
  if (who.tier.empty()) return entitlement{};
  const auto found = tiers_.find(who.tier);
  if (found == tiers_.end()) return std::nullopt;
  return entitlement{found->second, who.entitlements};
}

const compiled_tier* tier_table::find(std::string_view name) const {
  const auto found = tiers_.find(name);
  return found == tiers_.end() ? nullptr : found->second.get();
}

} // namespace tickplant::policy
