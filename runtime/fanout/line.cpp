#include "runtime/fanout/line.hpp"

#include <algorithm>
#include <utility>

namespace tickplant::fanout {

void compare_levels(const std::vector<tp_level>& from, const std::vector<tp_level>& to, size_t depth, bool is_bid,
                    std::vector<tp_level>& changes) {
  const size_t olds = std::min(from.size(), depth), news = std::min(to.size(), depth);
  size_t i = 0, k = 0;
  while (i < olds || k < news) {
    if (i < olds && k < news && from[i].price == to[k].price) {
      if (from[i].quantity != to[k].quantity || from[i].orders != to[k].orders) changes.push_back(to[k]);
      ++i;
      ++k;
    } else if (k == news || (i < olds && (is_bid ? from[i].price > to[k].price : from[i].price < to[k].price))) {
      changes.push_back({from[i++].price, 0, 0, 0});
    } else {
      changes.push_back(to[k++]);
    }
  }
}

void line::start(uint64_t epoch, uint64_t sequence) {
  is_live_ = true;
  epoch_ = epoch;
  newest_ = sequence;
  ring_.clear();
}

void line::add_hole(uint64_t to) {
  line_entry made;
  made.kind = line_entry::hole;
  made.previous = newest_;
  made.sequence = newest_ = to;
  ring_.push(made, {}, {});
}

line::outcome line::take(const book::tape_entry& entry) {
  const bool is_new = !is_live_ || entry.epoch != epoch_;
  if (is_new) start(entry.epoch, entry.sequence - 1);
  if (entry.sequence <= newest_) return outcome::nothing;
  if (entry.sequence > newest_ + 1) add_hole(entry.sequence - 1);
  line_entry made;
  made.kind = entry.kind;
  made.previous = newest_;
  made.sequence = newest_ = entry.sequence;
  made.venue_ns = entry.venue_ns;
  made.trade_id = entry.trade_id;
  made.price = entry.price;
  made.quantity = entry.quantity;
  made.conditions = entry.conditions;
  made.aggressor = entry.aggressor;
  made.price_exponent = entry.price_exponent;
  made.quantity_exponent = entry.quantity_exponent;
  ring_.push(made, {}, {});
  return is_new ? outcome::restart : outcome::entry;
}

line::outcome line::take_tape_end(const book::publication& state) {
  if (!state.is_taped) return outcome::nothing;
  if (!is_live_ || state.epoch != epoch_) {
    start(state.epoch, state.tape_sequence);
    return outcome::restart;
  }
  if (state.tape_sequence <= newest_) return outcome::nothing;
  add_hole(state.tape_sequence);
  return outcome::entry;
}

line::outcome line::take_book(const book::publication& state, bool is_void) {
  if (state.state != book::trust::ok) return outcome::nothing;
  if (state.depth < depth_) { // the feed does not know yet how deep it is wanted
    is_live_ = false;
    return outcome::nothing;
  }
  const auto& instrument = *state.instrument;
  const bool is_other =
    instrument.price_exponent != price_exponent_ || instrument.quantity_exponent != quantity_exponent_;
  const auto keep = [&] {
    bids_.assign(state.bids.begin(),
                 state.bids.begin() + static_cast<ptrdiff_t>(std::min<size_t>(state.bids.size(), depth_)));
    asks_.assign(state.asks.begin(),
                 state.asks.begin() + static_cast<ptrdiff_t>(std::min<size_t>(state.asks.size(), depth_)));
  };
  const uint64_t before = std::exchange(seen_, state.sequence);
  if (!is_live_ || is_void || is_other || state.epoch != epoch_ || state.sequence < before) {
    price_exponent_ = instrument.price_exponent;
    quantity_exponent_ = instrument.quantity_exponent;
    start(state.epoch, state.sequence);
    keep();
    return outcome::restart;
  }
  bid_changes_.clear();
  ask_changes_.clear();
  compare_levels(bids_, state.bids, depth_, true, bid_changes_);
  compare_levels(asks_, state.asks, depth_, false, ask_changes_);
  if (bid_changes_.empty() && ask_changes_.empty()) return outcome::nothing;
  line_entry made;
  made.previous = newest_;
  made.sequence = std::max(state.sequence, newest_ + 1);
  made.conflated = state.sequence > before + 1 ? state.sequence - before - 1 : 0;
  made.venue_ns = state.venue_ns != 0 ? state.venue_ns : state.receive_ns;
  made.price_exponent = price_exponent_;
  made.quantity_exponent = quantity_exponent_;
  newest_ = made.sequence;
  ring_.push(made, bid_changes_, ask_changes_);
  keep();
  return outcome::entry;
}

line::verdict line::judge(uint64_t epoch, uint64_t sequence) const {
  if (epoch != epoch_) return verdict::other_epoch;
  if (sequence > newest_) return verdict::ahead;
  if (sequence == newest_) return verdict::ok;
  if (sequence < oldest()) return verdict::too_old;
  // A change of the book leads on from one state alone; a trade follows whatever was before it.
  if (series_ == TP_SERIES_BOOK && ring_.at(ring_.after(sequence)).previous != sequence) return verdict::unknown;
  return verdict::ok;
}

std::string_view line::text_of(verdict why) {
  switch (why) {
    case verdict::ok: return "";
    case verdict::other_epoch: return "epoch";
    case verdict::too_old: return "too old";
    case verdict::ahead: return "ahead";
    case verdict::unknown: return "unknown";
  }
  return "";
}

} // namespace tickplant::fanout
