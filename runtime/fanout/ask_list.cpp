#include "runtime/fanout/ask_list.hpp"

#include "runtime/consolidation/listing.hpp"

#include <algorithm>

namespace tickplant::fanout {

using kind = row_order::kind;

std::vector<ask_list::row>::iterator ask_list::place_of(model::instrument_id id) {
  return std::lower_bound(rows_.begin(), rows_.end(), id,
                          [](const row& r, auto wanted) { return model::index_of(r.id) < model::index_of(wanted); });
}

ask_list::row* ask_list::find_row(model::instrument_id id) {
  const auto at = place_of(id);
  return at == rows_.end() || at->id != id ? nullptr : &*at;
}

const ask_list::ask* ask_list::find(std::string_view name) const {
  const auto found = asks_.find(name);
  return found == asks_.end() ? nullptr : &found->second;
}

const ask_list::ask* ask_list::owner_of(model::instrument_id id) const {
  const auto* found = const_cast<ask_list*>(this)->find_row(id);
  return found ? found->owner : nullptr;
}

/// Gives the row of an instrument to an ask; there is none yet, or it is another's, or this one's already.
void ask_list::own(model::instrument_id id, ask& by, std::vector<line_point> from) {
  const auto at = place_of(id);
  if (at == rows_.end() || at->id != id) {
    rows_.insert(at, {id, &by});
    if (by.pattern) ++by.matched;
    orders_.push_back({kind::add, id, by.options, {}, std::move(from), by.is_paused});
    return;
  }
  ask& before = *std::exchange(at->owner, &by);
  if (&before != &by) {
    if (before.pattern) --before.matched;
    if (by.pattern) ++by.matched;
    if (before.options != by.options) orders_.push_back({kind::change, id, before.options, by.options, {}, false});
    if (before.is_paused != by.is_paused) orders_.push_back({kind::pause, id, by.options, {}, {}, by.is_paused});
  }
  if (!from.empty()) orders_.push_back({kind::add, id, by.options, {}, std::move(from), by.is_paused});
}

void ask_list::let_go(model::instrument_id id) {
  const auto at = place_of(id);
  if (at->owner->pattern) --at->owner->matched;
  orders_.push_back({kind::remove, id, at->owner->options, {}, {}, false});
  rows_.erase(at);
  budget_.give_symbol();
}

bool ask_list::means(const ask& by, const model::instrument& instrument) const {
  if (!by.pattern || !by.pattern->matches(instrument)) return false;
  // The one that stands for the signals of all has nothing else to show.
  const bool is_every =
    instrument.venue == consolidation::venue_name && instrument.symbol == consolidation::every_symbol;
  return (!is_every || (by.options.data_types & TP_DATA_SIGNALS) != 0) && is_allowed(instrument);
}

ask_list::ask* ask_list::heir_of(model::instrument_id id, const ask* except) {
  ask* found = nullptr;
  const auto consider = [&](ask& one) {
    if (&one != except && (!found || one.number > found->number)) found = &one;
  };
  // Only a name beyond those that have a row of their own can be a second one for an instrument.
  if (known_ > 0)
    for (auto& [name, one] : asks_)
      if (one.id == id) consider(one);
  if (found) return found;
  const auto instrument = names_.find(id);
  if (!instrument) return nullptr;
  for (auto* one : wildcards_)
    if (means(*one, *instrument)) consider(*one);
  return found;
}

ask_list::outcome ask_list::put_name(std::string_view name, std::optional<model::instrument_id> id,
                                     const option_set& options, std::vector<line_point> from) {
  auto found = asks_.find(name);
  if (found != asks_.end()) {
    change(name, options);
  } else {
    const bool needs_room = !id || !find_row(*id);
    if (needs_room && !budget_.take_symbol(size())) return outcome::no_room;
    found = asks_.emplace(std::string{name}, ask{}).first;
    found->second.options = options;
    found->second.id = id;
    ++(id ? known_ : pending_);
  }
  auto& one = found->second;
  one.number = ++last_number_;
  if (one.id)
    own(*one.id, one, std::move(from));
  else
    one.from = std::move(from);
  return outcome::done;
}

/// Takes what a wildcard stands for and what no name has; true if the rights kept something back.
bool ask_list::expand(ask& by, const places& from) {
  bool is_held = false;
  by.left_out = 0;
  for (const auto id : names_.matching(*by.pattern)) {
    const auto instrument = names_.find(id);
    if (!means(by, *instrument)) {
      is_held |= !is_allowed(*instrument);
      continue;
    }
    const auto* present = find_row(id);
    if (present && present->owner != &by && (!present->owner->pattern || present->owner->number > by.number)) continue;
    if (!present && !budget_.take_symbol(size())) {
      ++by.left_out;
      continue;
    }
    const auto point = from.find(id);
    own(id, by, point == from.end() ? std::vector<line_point>{} : point->second);
  }
  return is_held;
}

ask_list::outcome ask_list::put_wildcard(std::string_view name, const wildcard& pattern, const option_set& options,
                                         const places& from) {
  auto found = asks_.find(name);
  const bool is_new = found == asks_.end();
  if (is_new) {
    found = asks_.emplace(std::string{name}, ask{}).first;
    found->second.options = options;
    found->second.pattern = std::make_unique<const wildcard>(pattern);
    wildcards_.push_back(&found->second);
  } else {
    change(name, options);
  }
  auto& one = found->second;
  one.number = ++last_number_;
  const bool is_held = expand(one, from);
  if (!is_new || one.matched > 0 || (one.left_out == 0 && !is_held)) return outcome::done;
  const auto why = one.left_out > 0 ? outcome::no_room : outcome::not_entitled;
  std::erase(wildcards_, &one);
  asks_.erase(found);
  return why;
}

bool ask_list::remove(std::string_view name) {
  const auto found = asks_.find(name);
  if (found == asks_.end()) return false;
  auto& one = found->second;
  if (one.pattern) std::erase(wildcards_, &one);
  if (one.id) --known_;
  if (!one.pattern && !one.id) {
    --pending_;
    budget_.give_symbol();
  }
  std::vector<model::instrument_id> owned;
  for (const auto& r : rows_)
    if (r.owner == &one) owned.push_back(r.id);
  for (const auto id : owned) {
    if (auto* heir = heir_of(id, &one))
      own(id, *heir, {});
    else
      let_go(id);
  }
  asks_.erase(found);
  fill();
  return true;
}

void ask_list::change(std::string_view name, const option_set& options) {
  const auto found = asks_.find(name);
  if (found == asks_.end() || found->second.options == options) return;
  auto& one = found->second;
  for (const auto& r : rows_)
    if (r.owner == &one) orders_.push_back({kind::change, r.id, one.options, options, {}, false});
  one.options = options;
}

void ask_list::pause(std::string_view name, bool is_paused) {
  const auto found = asks_.find(name);
  if (found == asks_.end() || found->second.is_paused == is_paused) return;
  found->second.is_paused = is_paused;
  for (const auto& r : rows_)
    if (r.owner == &found->second) orders_.push_back({kind::pause, r.id, r.owner->options, {}, {}, is_paused});
}

void ask_list::settle(std::string_view name, model::instrument_id id) {
  const auto found = asks_.find(name);
  if (found == asks_.end() || found->second.id || found->second.pattern) return;
  --pending_;
  ++known_;
  if (find_row(id)) budget_.give_symbol(); // else the place that was kept is this instrument's
  found->second.id = id;
  own(id, found->second, std::exchange(found->second.from, {}));
  fill();
}

bool ask_list::instrument_came(model::instrument_id id) {
  const auto instrument = names_.find(id);
  if (!instrument || find_row(id)) return false;
  auto* heir = heir_of(id, nullptr);
  if (!heir) return false;
  if (!budget_.take_symbol(size())) {
    if (heir->pattern) ++heir->left_out;
    return false;
  }
  own(id, *heir, {});
  return true;
}

void ask_list::instrument_gone(model::instrument_id id) {
  if (!find_row(id)) return;
  let_go(id);
  for (auto& [name, one] : asks_) {
    if (one.id != id) continue;
    one.id.reset();
    --known_;
    ++pending_;
    budget_.keep_symbol();
  }
}

std::vector<model::instrument_id> ask_list::hold_to_rights() {
  std::vector<model::instrument_id> lost;
  for (const auto& r : rows_) {
    const auto instrument = names_.find(r.id);
    if (r.owner->pattern && instrument && !means(*r.owner, *instrument)) lost.push_back(r.id);
  }
  for (const auto id : lost) let_go(id);
  for (auto* one : wildcards_) expand(*one, {});
  return lost;
}

void ask_list::resume(model::instrument_id id, std::vector<line_point> from) {
  if (auto* found = find_row(id)) own(id, *found->owner, std::move(from));
}

/// Room has come up: wildcards that were cut short take what they lack.
void ask_list::fill() {
  for (auto* one : wildcards_)
    if (one->left_out > 0) expand(*one, {});
}

} // namespace tickplant::fanout
