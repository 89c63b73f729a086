// What clients of lines get: snapshots and entries from their own places on, and word of what they missed.
#include "runtime/fanout/bits.hpp"
#include "runtime/fanout/hub_core.hpp"

#include <algorithm>

namespace tickplant::fanout {

// False: nothing more fits this write.
bool hub_core::gather_line(client& c, uint32_t number, uint64_t wall_ns, size_t& size) {
  const auto& row = c.slots[number];
  auto& on = *lines_[row.line];
  if (!on.line.is_live() || !instruments_[row.instrument].is_known) { // it marks its rows when it begins
    clear_bit(c.ready, number);
    return true;
  }
  if (size >= max_frame) return false;
  hub::slot_move move{number, 0, false, row.at};
  bool wants_snapshot = (row.flags & hub::slot_wants_snapshot) != 0;
  if (row.flags & hub::slot_resumes) judge_point(c, move, wants_snapshot, wall_ns);
  if (!wants_snapshot && !catch_up(c, move, wants_snapshot, wall_ns)) return false;
  if (wants_snapshot) gather_snapshot(c, move, wall_ns, size);
  while (move.at < on.line.newest()) {
    if (size >= max_frame) {
      move.is_ready = true;
      break;
    }
    if (!gather_entries(c, move, wall_ns, size)) break;
  }
  moves_.push_back(move);
  return true;
}

// Adds the next entries, or word of those that never came. False: not in this write.
bool hub_core::gather_entries(client& c, hub::slot_move& move, uint64_t wall_ns, size_t& size) {
  const auto& row = c.slots[move.slot];
  auto& on = *lines_[row.line];
  const auto& ring = on.line.ring();
  const uint64_t from = ring.after(move.at);
  auto& part = line_parts_[on.line.series() == TP_SERIES_TRADES ? hub::trades : hub::deltas];
  if (ring.at(from).kind == line_entry::hole) {
    // Behind entries of the same frame it would come too early.
    const bool has_entries = !part.pieces.empty() && part.pieces.back().slot == move.slot;
    if (has_entries || (move.done & hub::slot_wants_snapshot)) {
      move.is_ready = true;
      return false;
    }
    const auto& hole = ring.at(from);
    tell_gap(c, row, std::max(move.at, hole.previous) + 1, hole.sequence, "lost before this server", wall_ns);
    move.at = hole.sequence;
    return true;
  }
  uint64_t to = from + 1;
  while (to < ring.next() && ring.at(to).kind != line_entry::hole) ++to;
  const size_t most = c.print->ops().max_elements == 0 ? SIZE_MAX : c.print->ops().max_elements;
  if (part.count >= most) {
    move.is_ready = true;
    return false;
  }
  to = from + std::min<uint64_t>(to - from, most - part.count);
  if (row.flags & hub::slot_has_filter) {
    gather_admitted(c, move, from, to, wall_ns, size);
    return true;
  }
  const size_t budget = max_frame - size;
  auto& log = log_of(on, row.variant);
  hub::line_piece piece{move.slot, 0, 0, 0, nullptr, from};
  uint64_t end = from;
  if (log.begin(from, write_number_)) {
    while (log.next() < to && (log.next() <= from || log.size_between(from, log.next()) < budget)) {
      print_entry(on, row.variant, ring.at(log.next()), wall_ns, log.text());
      log.close_entry();
    }
    end = log.fit(from, std::min(to, log.next()), budget);
    piece.log = &log;
    piece.size = log.size_between(from, end);
  } else {
    piece.offset = apart_.size();
    for (; end < to && (end == from || apart_.size() - piece.offset < budget); ++end)
      print_entry(on, row.variant, ring.at(end), wall_ns, apart_);
    piece.size = apart_.size() - piece.offset;
    ++counters_.apart;
  }
  piece.count = static_cast<uint32_t>(end - from);
  if (piece.size > 0) {
    part.pieces.push_back(piece);
    part.size += piece.size;
    part.count += piece.count;
    size += piece.size;
  }
  move.at = ring.at(end - 1).sequence;
  return true;
}

// Those of a row with conditions, each by itself.
void hub_core::gather_admitted(client& c, hub::slot_move& move, uint64_t from, uint64_t to, uint64_t wall_ns,
                               size_t& size) {
  const auto& row = c.slots[move.slot];
  auto& on = *lines_[row.line];
  const auto& filter = *options_[row.options].options.filter;
  auto& part = line_parts_[hub::trades];
  for (uint64_t i = from; i < to && size < max_frame; ++i) {
    const auto& entry = on.line.ring().at(i);
    move.at = entry.sequence;
    if (!filter.admits_trade(instruments_[row.instrument].state, entry.price)) continue;
    hub::line_piece piece{move.slot, 1, 0, apart_.size(), nullptr, i};
    print_entry(on, row.variant, entry, wall_ns, apart_);
    piece.size = apart_.size() - piece.offset;
    part.pieces.push_back(piece);
    part.size += piece.size;
    ++part.count;
    size += piece.size;
  }
}

void hub_core::gather_snapshot(client& c, hub::slot_move& move, uint64_t wall_ns, size_t& size) {
  const auto& row = c.slots[move.slot];
  auto& on = *lines_[row.line];
  const bool is_book = on.line.series() == TP_SERIES_BOOK;
  if (is_book || move.at < on.line.oldest() || move.at > on.line.newest()) move.at = on.line.newest();
  move.done |= hub::slot_wants_snapshot;
  const auto& state = instruments_[row.instrument].state;
  auto& log = log_of(on, row.variant);
  if (log.is_other_snapshot({move.at, instruments_[row.instrument].version, wall_ns})) {
    log.snapshot.clear();
    auto element = to_element(state, wall_ns);
    auto variant = variants_[row.variant].options;
    variant.depth = on.line.depth();
    element.epoch = on.line.epoch();
    element.sequence = move.at;
    element.bids = on.line.bids().data();
    element.asks = on.line.asks().data();
    element.bid_count = static_cast<uint32_t>(on.line.bids().size());
    element.ask_count = static_cast<uint32_t>(on.line.asks().size());
    // The last trade of the state may be one that this client gets after the snapshot.
    if (!is_book && (move.at != state.tape_sequence || state.epoch != on.line.epoch())) element.last_price = TP_NONE;
    const auto separator = c.print->separator();
    log.snapshot.insert(log.snapshot.end(), separator.begin(), separator.end());
    if (!c.print->element(element, variant, log.snapshot)) log.snapshot.clear();
    ++counters_.encoded;
  }
  if (log.snapshot.empty()) return;
  auto& part = line_parts_[is_book ? hub::book_snapshots : hub::trade_snapshots];
  part.pieces.push_back({move.slot, 1, log.snapshot.size(), apart_.size(), nullptr, 0});
  part.size += log.snapshot.size();
  ++part.count;
  size += log.snapshot.size();
  apart_.insert(apart_.end(), log.snapshot.begin(), log.snapshot.end());
}

print_log& hub_core::log_of(hub::line_slot& on, uint32_t variant) {
  const uint64_t stamp = variants_[variant].stamp;
  for (auto& log : on.logs) {
    if (log->variant() != variant) continue;
    if (!log->is_for(variant, stamp)) log->reset(variant, stamp);
    return *log;
  }
  auto& made = *on.logs.emplace_back(std::make_unique<print_log>());
  made.reset(variant, stamp);
  return made;
}

void hub_core::print_entry(const hub::line_slot& on, uint32_t number, const line_entry& entry, uint64_t wall_ns,
                           bytes& to) {
  const auto& v = variants_[number];
  const auto& instrument = *instruments_[on.instrument].state.instrument;
  const tp_str symbol{instrument.symbol.data(), instrument.symbol.size()};
  const tp_str venue{instrument.venue.data(), instrument.venue.size()};
  const size_t before = to.size();
  const auto separator = v.print->separator();
  to.insert(to.end(), separator.begin(), separator.end());
  ++counters_.encoded;
  bool is_done = false;
  if (entry.kind == line_entry::delta) {
    const auto levels = on.line.ring().levels_of(entry);
    tp_book_delta d{};
    d.struct_size = sizeof d;
    d.price_exponent = entry.price_exponent;
    d.quantity_exponent = entry.quantity_exponent;
    d.symbol = symbol;
    d.venue = venue;
    d.bids = levels.data();
    d.bid_count = entry.bids;
    d.asks = levels.data() + entry.bids;
    d.ask_count = entry.asks;
    d.venue_ns = entry.venue_ns;
    d.epoch = on.line.epoch();
    d.sequence = entry.sequence;
    d.previous_sequence = entry.previous;
    d.conflated = entry.conflated;
    d.tick_ns = wall_ns;
    auto variant = v.options;
    variant.depth = on.line.depth();
    is_done = v.print->book_delta(d, variant, to);
  } else {
    tp_trade t{};
    t.struct_size = sizeof t;
    t.kind = entry.kind;
    t.aggressor = entry.aggressor;
    t.price_exponent = entry.price_exponent;
    t.quantity_exponent = entry.quantity_exponent;
    t.symbol = symbol;
    t.venue = venue;
    t.price = entry.price;
    t.quantity = entry.quantity;
    t.trade_id = entry.trade_id;
    t.conditions = entry.conditions;
    t.venue_ns = entry.venue_ns;
    t.epoch = on.line.epoch();
    t.sequence = entry.sequence;
    t.tick_ns = wall_ns;
    is_done = v.print->trade(t, v.options, to);
  }
  if (!is_done) to.resize(before); // the dialect failed, which its host has counted
}

} // namespace tickplant::fanout
