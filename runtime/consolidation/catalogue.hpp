// Which symbols are consolidated, and of what: follows the instruments that venues define and withdraw. Plain object,
// one thread.
#pragma once

#include "runtime/consolidation/rules.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tickplant::consolidation {

class catalogue {
public:
  /// Makes every listing one that may have changed.
  void set_rules(rules now);
  const rules& current() const { return rules_; }

  /// A new instrument, or another definition of a known one.
  void add(model::instrument_id id, model::instrument_ptr instrument);
  void remove(model::instrument_id id);
  void clear();

  /// Names of listings that may have changed since the last call.
  std::set<std::string> take_changed() { return std::exchange(changed_, {}); }
  /// The listing as it is to be; `instrument` is null where fewer than two venues have it.
  listing make(const std::string& name) const;

private:
  size_t order_of(std::string_view venue) const;
  const cross_listing* configured(std::string_view name) const;
  void note(const model::instrument& instrument);

  rules rules_;
  std::unordered_map<uint32_t, model::instrument_ptr> by_id_;
  std::map<std::string, std::vector<model::instrument_id>, std::less<>> by_symbol_;
  std::map<std::string, model::instrument_id, std::less<>> by_full_name_;
  std::set<std::string> changed_;
};

} // namespace tickplant::consolidation
