// States as bytes: printed once per variant, or apart for those who had something else before.
#include "runtime/fanout/hub_core.hpp"

#include <algorithm>
#include <utility>

namespace tickplant::fanout {

namespace {

uint32_t depth_of(const tp_variant& shown) {
  return shown.data_types & TP_DATA_ORDER_BOOK ? shown.depth : 0;
}

/// Whether the levels of a state are those of its book: where they are not known, none are told of in it, which is no
/// empty book.
bool knows_levels(const book::publication& state) {
  if (state.state == book::trust::ok || !state.bids.empty() || !state.asks.empty()) return true;
  if (!state.consolidated.legs.empty()) return false; // keeps none
  const bool has_levels = state.instrument->book == TP_BOOK_ORDERS || state.instrument->book == TP_BOOK_LEVELS;
  if (!has_levels || state.trading_state == TP_STATE_NO_DEPTH) return true; // a quote is all that there is
  // It was live once, and empty then.
  return state.state == book::trust::stale && state.bid == TP_NONE && state.ask == TP_NONE;
}

} // namespace

// A state of a row that has conditions, or is told what it had before: shared if that is what all of its variant had.
hub::piece hub_core::special_piece(const client& c, uint32_t number, uint64_t wall_ns) {
  const auto& row = c.slots[number];
  auto& instrument = instruments_[row.instrument];
  hub::piece nothing{number, 0, 0, nullptr};
  const auto& options = options_[row.options].options;
  if ((row.flags & hub::slot_has_filter) && !options.filter->admits(instrument.state)) return nothing;
  auto& fragment = fragment_of(instrument, row.place, wall_ns);
  if (!(row.flags & hub::slot_is_sequenced) || row.at == fragment.previous)
    return {number, static_cast<uint32_t>(fragment.text.size()), 0, &fragment};
  if (!fragment.apart) fragment.apart = std::make_unique<hub::apart_fragment>();
  auto& apart = *fragment.apart;
  if (apart.serial != fragment.serial || apart.previous != row.at) {
    apart.serial = fragment.serial;
    apart.previous = row.at;
    print_state(instrument, row.variant, wall_ns, row.at, apart.text);
    ++counters_.apart;
  }
  const auto offset = static_cast<uint32_t>(apart_.size());
  apart_.insert(apart_.end(), apart.text.begin(), apart.text.end());
  return {number, static_cast<uint32_t>(apart.text.size()), offset, nullptr};
}

// What is published again because somebody wants more levels is nothing new to whoever had it: with all of its own, as
// nothing less is printed.
bool hub_core::has_state(const client_slot& row) const {
  return (row.flags & hub::slot_is_extended) && row.at != 0 && row.at == instruments_[row.instrument].state.sequence;
}

// Whoever asked for one snapshot of what meets some conditions gets none of what does not.
bool hub_core::is_kept_back(const client_slot& row) const {
  if (!(row.flags & hub::slot_is_once) || !(row.flags & hub::slot_has_filter)) return false;
  return !options_[row.options].options.filter->admits(instruments_[row.instrument].state);
}

// What is shown without the levels that were asked for would be shown wrong. A state that has them comes: as soon as
// the feed knows how many are wanted, and the book is live.
bool hub_core::can_show(const book::publication& state, const tp_variant& shown) {
  const bool has_levels = shown.fields == 0 || (shown.fields & TP_FIELD_LEVELS) != 0;
  const uint32_t depth = has_levels ? depth_of(shown) : 0;
  return depth == 0 || (state.depth >= depth && knows_levels(state));
}

bool hub_core::print_state(const instrument_slot& slot, uint32_t variant, uint64_t wall_ns, uint64_t previous,
                           bytes& to) {
  to.clear();
  if (!slot.is_known || !can_show(slot.state, variants_[variant].options)) return false;
  auto element = to_element(slot.state, wall_ns, &legs_);
  const auto& v = variants_[variant];
  // Those who know the document alone drop a message for an entry without a price.
  if (element.price == TP_NONE && !(v.options.extras & TP_EXTRA_SEQUENCE)) return false;
  if (v.options.series == TP_SERIES_TRADES) element.sequence = slot.state.tape_sequence;
  const uint32_t depth = depth_of(v.options);
  element.bid_count = std::min(element.bid_count, depth);
  element.ask_count = std::min(element.ask_count, depth);
  element.previous_sequence = previous;
  if (previous != 0 && element.sequence > previous) element.conflated = element.sequence - previous - 1;
  const auto separator = v.print->separator();
  to.insert(to.end(), separator.begin(), separator.end());
  if (!v.print->element(element, v.options, to)) to.clear();
  ++counters_.encoded;
  return true;
}

hub_core::printed_fragment& hub_core::fragment_of(instrument_slot& slot, uint32_t place, uint64_t wall_ns) {
  auto& fragment = slot.fragments[place];
  if (fragment.version == slot.version) return fragment;
  const uint64_t merged = fragment.version != 0 ? slot.version - fragment.version - 1 : 0;
  const uint64_t start_ns = slot.trace ? traces_->now_ns() : 0;
  fragment.version = slot.version;
  ++fragment.serial;
  fragment.previous = std::exchange(fragment.sequence, slot.state.sequence);
  if (print_state(slot, fragment.variant, wall_ns, fragment.previous, fragment.text) && slot.trace) {
    slot.trace->encode_start_ns = start_ns;
    slot.trace->encode_end_ns = traces_->now_ns();
    slot.trace->conflated = merged;
    slot.trace->encoded = {};
  }
  return fragment;
}

} // namespace tickplant::fanout
