// What decides bytes and times: variants that clients share, ticks, and which lines a row of some options has.
#include "runtime/fanout/hub_core.hpp"

#include <algorithm>

namespace tickplant::fanout {

uint32_t hub_core::take_party(std::string_view name) {
  auto known = party_numbers_.find(name);
  if (known == party_numbers_.end()) {
    uint32_t number = static_cast<uint32_t>(parties_.size());
    if (free_parties_.empty()) {
      parties_.emplace_back();
    } else {
      number = free_parties_.back();
      free_parties_.pop_back();
    }
    parties_[number].name = name;
    known = party_numbers_.emplace(name, number).first;
  }
  ++parties_[known->second].clients;
  return known->second;
}

void hub_core::give_party(uint32_t number) {
  auto& given = parties_[number];
  if (--given.clients > 0) return;
  party_numbers_.erase(given.name);
  given = {};
  free_parties_.push_back(number);
}

void hub_core::set_party(client_key key, std::string_view party) {
  auto* c = find(key);
  if (!c || c->rows != 0) return;
  const uint32_t before = c->party;
  c->party = take_party(party);
  give_party(before);
}

namespace {
uint64_t use_of(uint32_t variant, uint32_t party) {
  return uint64_t{variant} << 32 | party;
}
} // namespace

void hub_core::add_user(hub::print_variant& v, uint32_t variant, uint32_t party) {
  if (++uses_[use_of(variant, party)] > 1) return;
  if (v.parties == 1) --parties_[v.party_sum].alone;
  if (v.parties == 0) ++parties_[party].alone;
  ++v.parties;
  v.party_sum += party;
}

void hub_core::remove_user(hub::print_variant& v, uint32_t variant, uint32_t party) {
  const auto use = uses_.find(use_of(variant, party));
  if (--use->second > 0) return;
  uses_.erase(use);
  --v.parties;
  v.party_sum -= party;
  if (v.parties == 0) --parties_[party].alone;
  if (v.parties == 1) ++parties_[v.party_sum].alone;
}

uint32_t hub_core::find_variant(const hub::variant_key& wanted) const {
  const auto found = variant_numbers_.find(wanted);
  return found == variant_numbers_.end() ? none : found->second;
}

/// A variant that nobody has yet.
bool hub_core::may_add(const client& c, const hub::variant_key& wanted) const {
  if (variant_numbers_.size() >= max_variants) return false;
  return wanted.fields == 0 || (chosen_variants_ < max_chosen && parties_[c.party].alone < max_chosen_alone);
}

uint32_t hub_core::take_variant(const client& c, const hub::variant_key& wanted) {
  uint32_t number = find_variant(wanted);
  if (number == none) {
    if (!may_add(c, wanted)) {
      ++counters_.refused_variants;
      return none;
    }
    if (free_variants_.empty()) {
      number = static_cast<uint32_t>(variants_.size());
      variants_.emplace_back();
    } else {
      number = free_variants_.back();
      free_variants_.pop_back();
    }
    tp_variant options{};
    options.struct_size = sizeof options;
    options.data_types = wanted.data_types;
    options.depth = wanted.depth;
    options.extras = wanted.extras;
    options.fields = wanted.fields;
    options.series = wanted.series;
    variants_[number] = {wanted.print, options, wanted.group, 0, ++variant_stamps_};
    variant_numbers_.emplace(wanted, number);
    chosen_variants_ += wanted.fields != 0 ? 1 : 0;
  }
  auto& v = variants_[number];
  ++v.rows;
  if (v.is_chosen()) add_user(v, number, c.party);
  return number;
}

void hub_core::give_variant(const client& c, uint32_t variant) {
  auto& v = variants_[variant];
  if (v.is_chosen()) remove_user(v, variant, c.party);
  if (--v.rows > 0) return;
  const auto& o = v.options;
  variant_numbers_.erase({v.print, o.data_types, o.depth, o.extras, o.fields, o.series, v.group});
  chosen_variants_ -= v.is_chosen() ? 1 : 0;
  free_variants_.push_back(variant);
}

uint32_t hub_core::lines_of(const printer& print, const option_set& options) {
  uint32_t lines = 0, of_state = options.data_types;
  if (options.is_extended() && options.mode == TP_MODE_ALL) {
    if ((options.data_types & TP_DATA_TRADES) && print.has_series(TP_SERIES_TRADES)) {
      lines |= TP_LINE_OF(TP_SERIES_TRADES);
      of_state &= ~uint32_t{TP_DATA_TRADES};
    }
    // Changes cannot be left out of a book, so that under conditions it comes as states.
    if ((options.data_types & TP_DATA_ORDER_BOOK) && options.depth > 0 && !options.filter &&
        print.has_series(TP_SERIES_BOOK)) {
      lines |= TP_LINE_OF(TP_SERIES_BOOK);
      of_state &= ~uint32_t{TP_DATA_ORDER_BOOK};
    }
  }
  return of_state != 0 ? lines | TP_LINE_OF(TP_SERIES_STATE) : lines;
}

// What a snapshot alone is called after: the line whose data it has.
uint32_t hub_core::series_of_snapshot(const printer& print, const option_set& options) {
  if (options.data_types == TP_DATA_TRADES && print.has_series(TP_SERIES_TRADES)) return TP_SERIES_TRADES;
  if (options.data_types == TP_DATA_ORDER_BOOK && print.has_series(TP_SERIES_BOOK)) return TP_SERIES_BOOK;
  return TP_SERIES_STATE;
}

namespace {
/// What makes bytes differ by frequency: stamps on lines, and which sequence a state's client had before.
bool differs_by_group(const option_set& options, uint32_t series) {
  return (options.extras & (series == TP_SERIES_STATE ? TP_EXTRA_SEQUENCE : TP_EXTRA_STAMPS)) != 0;
}
} // namespace

hub::variant_key hub_core::key_of(const printer& print, const option_set& options, uint32_t series, uint32_t group) {
  hub::variant_key wanted;
  wanted.print = &print;
  wanted.extras = options.extras;
  wanted.series = series;
  if (differs_by_group(options, series)) wanted.group = group;
  if (series != TP_SERIES_STATE) { // the depth is the line's, and a line has no fields to choose from
    wanted.data_types = series == TP_SERIES_TRADES ? uint32_t{TP_DATA_TRADES} : uint32_t{TP_DATA_ORDER_BOOK};
    return wanted;
  }
  const uint32_t lines = lines_of(print, options);
  wanted.data_types = options.data_types & ~uint32_t{TP_DATA_SIGNALS}; // which are no part of an element
  if (lines & TP_LINE_OF(TP_SERIES_TRADES)) wanted.data_types &= ~uint32_t{TP_DATA_TRADES};
  if (lines & TP_LINE_OF(TP_SERIES_BOOK)) wanted.data_types &= ~uint32_t{TP_DATA_ORDER_BOOK};
  wanted.depth = wanted.data_types & TP_DATA_ORDER_BOOK ? options.depth : 0;
  wanted.fields = options.fields;
  if (options.mode == TP_MODE_SNAPSHOT_ONLY) wanted.series = series_of_snapshot(print, options);
  return wanted;
}

bool hub_core::has_room(client_key key, const option_set& options) const {
  const auto* c = find(key);
  if (!c) return true; // it is told when it has rows
  const uint32_t group = find_group(options.frequency_ms), lines = lines_of(*c->print, options);
  for (const uint32_t series : {TP_SERIES_STATE, TP_SERIES_TRADES, TP_SERIES_BOOK}) {
    if (!(lines & TP_LINE_OF(series))) continue;
    const auto wanted = key_of(*c->print, options, series, group);
    const bool is_new_group = group == none && differs_by_group(options, series);
    if ((is_new_group || find_variant(wanted) == none) && !may_add(*c, wanted)) return false;
  }
  return true;
}

uint32_t hub_core::find_group(uint32_t frequency_ms) const {
  const uint64_t period = uint64_t{frequency_ms} * 1'000'000;
  for (uint32_t i = 0; i < groups_.size(); ++i)
    if (groups_[i].rows > 0 && groups_[i].period_ns == period) return i;
  return none;
}

uint32_t hub_core::take_group(uint32_t frequency_ms) {
  if (const uint32_t known = find_group(frequency_ms); known != none) {
    ++groups_[known].rows;
    return known;
  }
  const auto first = std::ranges::find(groups_, 0u, &hub::frequency_group::rows);
  const auto free = static_cast<uint32_t>(first - groups_.begin());
  if (first == groups_.end()) groups_.emplace_back();
  auto& g = groups_[free];
  std::fill(g.dirty.begin(), g.dirty.end(), 0);
  g.is_dirty = false;
  g.period_ns = uint64_t{frequency_ms} * 1'000'000;
  g.next_ns = 0;
  g.rows = 1;
  return free;
}

// What the slots of one row have, by series; none where it has no such line.
bool hub_core::take_variants(const client& c, const option_set& options, uint32_t group, row_variants& to) {
  to.fill(none);
  const uint32_t lines = lines_of(*c.print, options);
  for (uint32_t series = 0; series < to.size(); ++series) {
    if (!(lines & TP_LINE_OF(series))) continue;
    to[series] = take_variant(c, key_of(*c.print, options, series, group));
    if (to[series] != none) continue;
    for (uint32_t taken = 0; taken < series; ++taken)
      if (to[taken] != none) give_variant(c, to[taken]);
    return false;
  }
  return true;
}

} // namespace tickplant::fanout
