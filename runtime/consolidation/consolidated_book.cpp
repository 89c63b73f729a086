#include "runtime/consolidation/consolidated_book.hpp"

#include "runtime/model/decimal.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace tickplant::consolidation {

namespace {

constexpr uint32_t none = book::consolidated_part::none;

/// The value at the common exponent; empty if it does not fit. TP_NONE stays.
std::optional<int64_t> scale(int64_t value, int64_t by) {
  if (value == TP_NONE || by == 1) return value;
  return model::narrow(model::multiply(value, by));
}

/// The same where what does not fit is as if not known.
int64_t scale_or_none(int64_t value, int64_t by) {
  return scale(value, by).value_or(TP_NONE);
}

/// Whether orders meet in this state, so that the top may be traded on. A venue that never tells its state trades.
bool is_tradable(uint8_t trading_state) {
  return trading_state == TP_STATE_UNKNOWN || trading_state == TP_STATE_TRADING || trading_state == TP_STATE_NO_DEPTH;
}

uint32_t status_of(uint8_t trading_state) {
  return trading_state == TP_STATE_CLOSED || trading_state == TP_STATE_PRE_OPEN ? TP_STATUS_CLOSED : TP_STATUS_HALTED;
}

std::string_view words_of(uint8_t trading_state) {
  switch (trading_state) {
    case TP_STATE_HALTED: return "halted";
    case TP_STATE_PAUSED: return "paused";
    case TP_STATE_QUOTE_ONLY: return "quotes only";
    case TP_STATE_AUCTION: return "in an auction";
    case TP_STATE_PRE_OPEN: return "before its opening";
    case TP_STATE_CLOSED: return "closed";
    default: return "not trading";
  }
}

} // namespace

consolidated_book::consolidated_book(model::instrument_id id, const listing& made_of, const arbitrage_rules& rules,
                                     uint64_t epoch)
  : id_(id), epoch_(epoch) {
  change(made_of, rules, 0, 0);
}

void consolidated_book::change(const listing& made_of, const arbitrage_rules& rules, uint64_t monotonic_ns,
                               uint64_t wall_ns) {
  instrument_ = made_of.instrument;
  legs_ = made_of.legs;
  states_.clear();
  states_.resize(legs_.size());
  quotes_.assign(legs_.size(), {});
  bid_ = ask_ = {};
  is_touched_ = is_snapshot_due_ = true;
  arbitrage_.configure(id_, instrument_, legs_, rules, "its legs or rules have changed", monotonic_ns, wall_ns);
}

void consolidated_book::take(size_t number, const book::top_state& says) {
  if (number >= states_.size()) return;
  auto& s = states_[number];
  // One by one, so that the memory of its texts and levels is used again.
  s.own.state = says.state;
  s.own.trading_state = says.trading_state;
  s.own.price_exponent = says.price_exponent;
  s.own.quantity_exponent = says.quantity_exponent;
  s.own.bid = says.bid;
  s.own.ask = says.ask;
  s.own.bid_quantity = says.bid_quantity;
  s.own.ask_quantity = says.ask_quantity;
  s.own.last = says.last;
  s.own.volume = says.volume;
  s.own.trades = says.trades;
  s.own.venue_ns = says.venue_ns;
  s.own.receive_ns = says.receive_ns;
  s.own.reason = says.reason;
  s.own.bids.assign(says.bids.begin(), says.bids.end());
  s.own.asks.assign(says.asks.begin(), says.asks.end());
  if (says.venue_ns != 0) venue_ns_ = std::max(venue_ns_, says.venue_ns);
  receive_ns_ = std::max(receive_ns_, says.receive_ns);
  judge(number);
}

void consolidated_book::lose(size_t number, std::string_view why) {
  if (number >= states_.size()) return;
  auto& s = states_[number];
  s.own.state = book::trust::stale;
  s.own.reason = why;
  judge(number);
}

// What a leg is worth at the common exponents.
void consolidated_book::judge(size_t number) {
  auto& s = states_[number];
  const auto& leg = legs_[number];
  auto& q = s.shown;
  is_touched_ = true;
  q = {};
  s.why = {};
  const bool is_other_scale = s.own.price_exponent != leg.instrument->price_exponent ||
                              s.own.quantity_exponent != leg.instrument->quantity_exponent;
  if (s.own.state == book::trust::awaiting) {
    s.status = TP_STATUS_RECOVERING;
    s.why = "not live yet";
  } else if (s.own.state != book::trust::ok) {
    s.status = TP_STATUS_STALE;
  } else if (is_other_scale) {
    s.status = TP_STATUS_RECOVERING;
    s.why = "its definition changes";
  } else {
    const auto bid = scale(s.own.bid, leg.price_scale), ask = scale(s.own.ask, leg.price_scale);
    q.bid = bid.value_or(TP_NONE);
    q.ask = ask.value_or(TP_NONE);
    q.bid_quantity = scale_or_none(s.own.bid_quantity, leg.quantity_scale);
    q.ask_quantity = scale_or_none(s.own.ask_quantity, leg.quantity_scale);
    if (!bid || !ask) {
      s.status = TP_STATUS_STALE;
      s.why = "its price is too great to be compared";
    } else if (!is_tradable(s.own.trading_state)) {
      s.status = status_of(s.own.trading_state);
      s.why = words_of(s.own.trading_state);
    } else {
      s.status = TP_STATUS_OK;
    }
  }
  q.is_good = s.status == TP_STATUS_OK;
  quotes_[number] = q;
}

consolidated_book::best consolidated_book::best_of(bool is_bid) const {
  best found;
  for (uint32_t i = 0; i < states_.size(); ++i) {
    const auto& q = states_[i].shown;
    const int64_t price = is_bid ? q.bid : q.ask, quantity = is_bid ? q.bid_quantity : q.ask_quantity;
    if (!q.is_good || price == TP_NONE) continue;
    const bool is_better = found.leg == none || (is_bid ? price > found.price : price < found.price);
    if (is_better) {
      found = {price, quantity, quantity, i};
    } else if (price == found.price && quantity != TP_NONE) {
      int64_t sum = quantity;
      if (found.total != TP_NONE && __builtin_add_overflow(found.total, quantity, &sum)) sum = INT64_MAX;
      found.total = sum;
      // At one price the greatest is named; of equals the first of the configuration.
      if (found.quantity == TP_NONE || quantity > found.quantity) {
        found.quantity = quantity;
        found.leg = i;
      }
    }
  }
  return found;
}

std::string consolidated_book::reasons() const {
  std::string text = "no venue is good";
  for (size_t i = 0; i < states_.size(); ++i) {
    const auto& s = states_[i];
    text += (i == 0 ? ": " : ", ") + legs_[i].instrument->venue + ' ';
    if (!s.why.empty())
      text += s.why;
    else
      text += s.own.reason.empty() ? std::string{"stale"} : "stale (" + s.own.reason + ')';
  }
  return text;
}

bool consolidated_book::settle(uint64_t monotonic_ns, uint64_t wall_ns) {
  const bool was_touched = std::exchange(is_touched_, false);
  if (was_touched) {
    const bool is_good =
      legs_.empty() || std::any_of(quotes_.begin(), quotes_.end(), [](const leg_quote& q) { return q.is_good; });
    if (is_good) {
      bid_ = best_of(true);
      ask_ = best_of(false);
      state_ = book::trust::ok;
      if (!reason_.empty()) reason_.clear();
    } else {
      if (state_ == book::trust::ok) is_interrupted_ = true;
      // One that never was good goes on awaiting: there is nothing to be kept.
      if (state_ != book::trust::awaiting) state_ = book::trust::stale;
      reason_ = reasons();
    }
    ++sequence_;
    is_due_ = true;
  }
  arbitrage_.observe(quotes_, monotonic_ns, wall_ns, [this](uint32_t number) {
    const auto& s = states_[number];
    const std::string_view why = s.why.empty() ? std::string_view{s.own.reason} : s.why;
    return legs_[number].instrument->venue + ": " + (why.empty() ? std::string{"stale"} : std::string{why});
  });
  return was_touched;
}

void consolidated_book::close(std::string_view why, uint64_t monotonic_ns, uint64_t wall_ns) {
  arbitrage_.close(why, monotonic_ns, wall_ns);
}

void consolidated_book::abandon(std::string_view why) {
  state_ = book::trust::stale;
  reason_ = why;
  bid_ = ask_ = {};
  ++sequence_;
  is_touched_ = false;
  is_due_ = true;
}

bool consolidated_book::has_to_be_listed() {
  if (is_listed_ || !is_due_ || wanted_.want == 0) return false;
  return is_listed_ = true;
}

bool consolidated_book::is_due() {
  if (is_due_ && wanted_.want != 0) return true;
  is_listed_ = false;
  return false;
}

void consolidated_book::set_interest(book::interest wanted) {
  is_snapshot_due_ |= (wanted.want & ~wanted_.want) != 0;
  wanted_ = wanted;
  // Even if nothing is new in it: whoever asked has not seen the present state.
  if (wanted.want != 0) is_due_ = true;
}

void consolidated_book::publish(book::publication& out, uint64_t now_ns) {
  fill(out, wanted_.depth);
  out.depth = wanted_.depth;
  out.apply_ns = now_ns;
  out.was_interrupted = is_interrupted_ && state_ == book::trust::ok;
  is_due_ = is_listed_ = is_snapshot_due_ = is_interrupted_ = false;
}

void consolidated_book::view(book::publication& out, uint32_t depth) const {
  fill(out, depth);
  out.apply_ns = out.receive_ns;
}

void consolidated_book::fill(book::publication& out, size_t depth) const {
  out.id = id_;
  out.instrument = instrument_;
  out.epoch = epoch_;
  out.sequence = sequence_;
  out.venue_ns = venue_ns_;
  out.receive_ns = receive_ns_;
  out.state = state_;
  out.reason = reason_;
  out.is_snapshot = is_snapshot_due_;
  out.trading_state = state_ == book::trust::ok ? TP_STATE_TRADING : TP_STATE_UNKNOWN;
  out.bid = bid_.price;
  out.bid_quantity = bid_.quantity;
  out.ask = ask_.price;
  out.ask_quantity = ask_.quantity;
  auto& part = out.consolidated;
  part.bid_leg = bid_.leg;
  part.ask_leg = ask_.leg;
  part.bid_total = bid_.total;
  part.ask_total = ask_.total;
  part.legs.resize(states_.size());
  for (size_t i = 0; i < states_.size(); ++i) {
    const auto& s = states_[i];
    auto& shown = part.legs[i];
    shown.instrument = legs_[i].instrument;
    shown.bid = s.shown.bid;
    shown.ask = s.shown.ask;
    shown.bid_quantity = s.shown.bid_quantity;
    shown.ask_quantity = s.shown.ask_quantity;
    shown.status = s.status;
    shown.trading_state = s.own.trading_state;
    if (s.why.empty())
      shown.reason = s.own.reason;
    else
      shown.reason = s.why;
  }
  sum_up(out);
  out.bids.clear();
  out.asks.clear();
  if (state_ != book::trust::ok || depth == 0) return;
  merge(true, depth, out.bids);
  merge(false, depth, out.asks);
}

// Last trade: the latest of the good legs. Totals: of all legs, as a venue that is stale has traded nonetheless.
void consolidated_book::sum_up(book::publication& out) const {
  out.day = book::statistics{};
  uint64_t latest = 0;
  for (size_t i = 0; i < states_.size(); ++i) {
    const auto& s = states_[i];
    const auto& leg = legs_[i];
    if (const auto own = model::narrow(s.own.volume))
      (void)model::add_to(out.day.volume, model::multiply(*own, leg.quantity_scale)); // 16 of 2^126 fit
    out.day.trades += s.own.trades;
    if (!s.shown.is_good || s.own.last.price == TP_NONE || s.own.last.venue_ns < latest) continue;
    const auto price = scale(s.own.last.price, leg.price_scale);
    if (!price) continue;
    latest = s.own.last.venue_ns;
    out.day.last = s.own.last;
    out.day.last.price = *price;
    out.day.last.quantity = scale_or_none(s.own.last.quantity, leg.quantity_scale);
  }
}

// The levels of all good legs, those of one price as one.
void consolidated_book::merge(bool is_bid, size_t depth, std::vector<tp_level>& out) const {
  size_t at[most_legs] = {};
  const auto head = [&](size_t i) -> std::optional<tp_level> {
    const auto& s = states_[i];
    if (!s.shown.is_good) return std::nullopt;
    const auto& levels = is_bid ? s.own.bids : s.own.asks;
    if (levels.empty() && at[i] == 0) { // a venue that tells its top alone
      const int64_t price = is_bid ? s.shown.bid : s.shown.ask;
      if (price == TP_NONE) return std::nullopt;
      return tp_level{price, is_bid ? s.shown.bid_quantity : s.shown.ask_quantity, 0, 0};
    }
    for (; at[i] < levels.size(); ++at[i]) {
      const auto& own = levels[at[i]];
      const auto price = scale(own.price, legs_[i].price_scale);
      if (price) return tp_level{*price, scale_or_none(own.quantity, legs_[i].quantity_scale), own.orders, 0};
    }
    return std::nullopt;
  };
  std::optional<tp_level> heads[most_legs];
  const size_t count = states_.size();
  for (size_t i = 0; i < count; ++i) heads[i] = head(i);
  while (out.size() < depth) {
    const tp_level* first = nullptr;
    for (size_t i = 0; i < count; ++i)
      if (heads[i] && (first == nullptr || (is_bid ? heads[i]->price > first->price : heads[i]->price < first->price)))
        first = &*heads[i];
    if (first == nullptr) return;
    tp_level level{first->price, 0, 0, 0};
    for (size_t i = 0; i < count; ++i) {
      if (!heads[i] || heads[i]->price != level.price) continue;
      const int64_t quantity = heads[i]->quantity == TP_NONE ? 0 : heads[i]->quantity;
      if (__builtin_add_overflow(level.quantity, quantity, &level.quantity)) level.quantity = INT64_MAX;
      level.orders += heads[i]->orders;
      ++at[i];
      heads[i] = head(i);
    }
    out.push_back(level);
  }
}

} // namespace tickplant::consolidation
