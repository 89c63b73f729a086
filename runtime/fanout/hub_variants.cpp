// What decides bytes and times: variants that clients share, ticks, and which lines a row of some options has.
#include "runtime/fanout/hub_core.hpp"

#include <algorithm>

namespace tickplant::fanout {

uint32_t hub_core::find_variant(const printer& print, const tp_variant& wanted, uint32_t group) const {
  for (uint32_t i = 0; i < variants_.size(); ++i) {
    const auto& v = variants_[i];
    if (v.rows > 0 && v.print == &print && v.group == group && v.options.data_types == wanted.data_types &&
        v.options.depth == wanted.depth && v.options.extras == wanted.extras && v.options.fields == wanted.fields &&
        v.options.series == wanted.series)
      return i;
  }
  return none;
}

uint32_t hub_core::take_variant(const printer& print, const tp_variant& wanted, uint32_t group) {
  if (const uint32_t known = find_variant(print, wanted, group); known != none) {
    ++variants_[known].rows;
    return known;
  }
  const auto first = std::ranges::find(variants_, 0u, &hub::print_variant::rows);
  uint32_t free = first == variants_.end() ? none : static_cast<uint32_t>(first - variants_.begin());
  if (free == none) {
    if (variants_.size() >= max_variants) {
      ++counters_.refused_variants;
      return none;
    }
    free = static_cast<uint32_t>(variants_.size());
    variants_.emplace_back();
  }
  variants_[free] = {&print, wanted, group, 1, ++variant_stamps_};
  for (auto& slot : instruments_)
    if (free < slot.fragments.size()) slot.fragments[free].version = slot.fragments[free].sequence = 0;
  return free;
}

void hub_core::give_variant(uint32_t variant) {
  --variants_[variant].rows;
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

tp_variant hub_core::wanted_variant(const printer& print, const option_set& options, uint32_t series) {
  tp_variant wanted{};
  wanted.struct_size = sizeof wanted;
  wanted.extras = options.extras;
  wanted.series = series;
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

namespace {
/// What makes bytes differ by frequency: stamps on lines, and which sequence a state's client had before.
bool differs_by_group(const option_set& options, uint32_t series) {
  return (options.extras & (series == TP_SERIES_STATE ? TP_EXTRA_SEQUENCE : TP_EXTRA_STAMPS)) != 0;
}
} // namespace

uint32_t hub_core::variant_for(const printer& print, const option_set& options, uint32_t series, uint32_t group) {
  return take_variant(print, wanted_variant(print, options, series), differs_by_group(options, series) ? group : none);
}

bool hub_core::has_room(const printer& print, const option_set& options) const {
  const uint64_t period = uint64_t{options.frequency_ms} * 1'000'000;
  uint32_t group = none, used = 0, with_fields = 0, missing = 0, missing_with_fields = 0;
  for (uint32_t i = 0; i < groups_.size(); ++i)
    if (groups_[i].rows > 0 && groups_[i].period_ns == period) group = i;
  for (const auto& v : variants_) {
    used += v.rows > 0 ? 1 : 0;
    with_fields += v.rows > 0 && v.options.fields != 0 ? 1 : 0;
  }
  const uint32_t lines = lines_of(print, options);
  for (const uint32_t series : {TP_SERIES_STATE, TP_SERIES_TRADES, TP_SERIES_BOOK}) {
    if (!(lines & TP_LINE_OF(series))) continue;
    const auto wanted = wanted_variant(print, options, series);
    const bool has_group = differs_by_group(options, series);
    if ((!has_group || group != none) && find_variant(print, wanted, has_group ? group : none) != none) continue;
    ++missing;
    missing_with_fields += wanted.fields != 0 ? 1 : 0;
  }
  if (missing_with_fields > 0 && with_fields + missing_with_fields > max_field_variants) return false;
  return used + missing <= max_variants;
}

uint32_t hub_core::take_group(uint32_t frequency_ms) {
  const uint64_t period = uint64_t{frequency_ms} * 1'000'000;
  uint32_t free = none;
  for (uint32_t i = 0; i < groups_.size(); ++i) {
    if (groups_[i].rows == 0) {
      free = std::min(free, i);
    } else if (groups_[i].period_ns == period) {
      ++groups_[i].rows;
      return i;
    }
  }
  if (free == none) {
    free = static_cast<uint32_t>(groups_.size());
    groups_.emplace_back();
  }
  auto& g = groups_[free];
  std::fill(g.dirty.begin(), g.dirty.end(), 0);
  g.is_dirty = false;
  g.period_ns = period;
  g.next_ns = 0;
  g.rows = 1;
  return free;
}

// What the slots of one row have, by series; none where it has no such line.
bool hub_core::take_variants(const printer& print, const option_set& options, uint32_t group, row_variants& to) {
  to.fill(none);
  const uint32_t lines = lines_of(print, options);
  for (uint32_t series = 0; series < to.size(); ++series) {
    if (!(lines & TP_LINE_OF(series))) continue;
    to[series] = variant_for(print, options, series, group);
    if (to[series] != none) continue;
    for (uint32_t taken = 0; taken < series; ++taken)
      if (to[taken] != none) give_variant(to[taken]);
    return false;
  }
  return true;
}

} // namespace tickplant::fanout
