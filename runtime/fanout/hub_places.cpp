// Clients that come back to a place on a line, or fall behind on it: what becomes of them, and what they are told.
#include "runtime/fanout/hub_core.hpp"
#include "runtime/wire/error_registry.hpp"

#include <algorithm>

namespace tickplant::fanout {

// What becomes of a client that is behind. False: it is being closed.
bool hub_core::catch_up(client& c, hub::slot_move& move, bool& wants_snapshot, uint64_t wall_ns) {
  auto& row = c.slots[move.slot];
  const auto& line = lines_[row.line]->line;
  const uint32_t policy = options_[row.options].options.on_slow;
  const bool is_overtaken = move.at < line.oldest();
  const auto& ring = line.ring();
  const bool is_late = policy == TP_SLOW_CONFLATE && c.was_blocked && ring.after(move.at) + 1 < ring.next();
  if (!is_overtaken && !is_late) return true;
  if (policy == TP_SLOW_DISCONNECT && !(row.flags & hub::slot_has_rested)) {
    give_up(c, row);
    return false;
  }
  ++counters_.overtaken;
  if (line.series() == TP_SERIES_BOOK) {
    tell_gap(c, row, move.at + 1, line.newest(), "too slow", wall_ns);
    wants_snapshot = true;
    return true;
  }
  const uint64_t to = policy == TP_SLOW_CONFLATE ? ring.at(ring.next() - 1).previous : line.oldest();
  tell_gap(c, row, move.at + 1, to, "too slow", wall_ns);
  move.at = to;
  return true;
}

// The client has not read for so long that its place is nearly, or really, overtaken.
void hub_core::watch_patience(client& c, uint32_t number) {
  auto& row = c.slots[number];
  if (c.is_closing || options_[row.options].options.on_slow != TP_SLOW_DISCONNECT) return;
  if (row.flags & (hub::slot_wants_snapshot | hub::slot_is_paused | hub::slot_has_rested)) return;
  const auto& line = lines_[row.line]->line;
  const auto& ring = line.ring();
  if (row.at < line.oldest()) return give_up(c, row);
  const bool is_near = line.is_full() && ring.after(row.at) < ring.first() + (ring.next() - ring.first()) / 2;
  if (!is_near || (row.flags & hub::slot_is_warned)) return;
  row.flags |= hub::slot_is_warned;
  tell_slow(c, row);
}

void hub_core::tell_slow(const client& c, const client_slot& row) {
  const auto result = result_of(row, lines_[row.line]->line.epoch(), 0, row.at);
  tp_reply reply{};
  reply.struct_size = sizeof reply;
  reply.kind = TP_REPLY_SLOW_CONSUMER;
  reply.wall_ms = static_cast<int64_t>(wall_ns_ / 1'000'000);
  reply.expires_ms = TP_NONE;
  reply.code = static_cast<int32_t>(wire::number_of(wire::error_code::slow_consumer_warning));
  reply.name = {"SLOW_CONSUMER_WARNING", 21};
  constexpr std::string_view what = "Read faster, or this connection is closed";
  reply.detail = {what.data(), what.size()};
  reply.recoverable = 1;
  reply.result_count = 1;
  reply.results = &result;
  reply.extras = options_[row.options].options.extras;
  bytes text;
  if (c.print->reply(reply, text)) port_.reply(c.key, c.print->opcode(), text);
  ++counters_.warned;
}

void hub_core::give_up(client& c, client_slot& row) {
  if (c.is_closing) return;
  if (!(row.flags & hub::slot_is_warned)) tell_slow(c, row);
  row.flags |= hub::slot_is_warned;
  c.is_closing = c.is_blocked = true; // nothing more is built for it
  ++counters_.slow_closed;
  port_.close(c.key, wire::number_of(wire::error_code::slow_consumer), "too slow for what it subscribed to");
}

// The line of this hub begins where it begins: what lies between that and the client's place came while no hub was
// there. A book is sent anew in any case, as its numbers alone do not prove that nothing changed.
void hub_core::go_on_from_left(client& c, hub::slot_move& move, const hub::resume_point& point, bool& wants_snapshot,
                               uint64_t wall_ns) {
  const auto& row = c.slots[move.slot];
  const auto& line = lines_[row.line]->line;
  wants_snapshot = true;
  move.at = line.newest();
  if (point.epoch != line.epoch() || point.sequence > line.newest()) return; // another line, which says so itself
  const bool is_book = line.series() == TP_SERIES_BOOK;
  const uint64_t first = is_book ? line.newest() : std::max(line.oldest(), point.sequence);
  if (first > point.sequence)
    tell_gap(c, row, point.sequence + 1, first, "a part of the server was restarted", wall_ns);
  if (is_book) return;
  wants_snapshot = false;
  move.done |= hub::slot_wants_snapshot;
  move.at = first;
}

const hub::resume_point* hub_core::point_of(const client& c, uint32_t slot) {
  if (!c.rest) return nullptr;
  const auto& points = c.rest->points;
  const auto found = std::find_if(points.begin(), points.end(), [slot](const auto& p) { return p.slot == slot; });
  return found == points.end() ? nullptr : &*found;
}

void hub_core::judge_point(client& c, hub::slot_move& move, bool& wants_snapshot, uint64_t wall_ns) {
  const auto& row = c.slots[move.slot];
  const auto& line = lines_[row.line]->line;
  const auto* point = point_of(c, move.slot);
  if (!point) return;
  move.done |= hub::slot_resumes;
  if (point->is_left) return go_on_from_left(c, move, *point, wants_snapshot, wall_ns);
  const auto verdict = line.judge(point->epoch, point->sequence);
  auto result = result_of(row, line.epoch(), 0, line.newest());
  if (verdict == line::verdict::ok) {
    move.at = point->sequence;
    move.done |= hub::slot_wants_snapshot;
    wants_snapshot = false;
    result.from = point->sequence;
    resumed_.push_back(result);
    return;
  }
  move.at = line.newest();
  wants_snapshot = true;
  result.code = static_cast<int32_t>(wire::number_of(wire::error_code::resume_failed));
  const auto why = line::text_of(verdict);
  result.reason = {why.data(), why.size()};
  not_resumed_.push_back(result);
}

// A client that waits for a snapshot has nothing yet that could be lost. Whatever state a fault left the tables in,
// nothing is followed that is not there.
std::vector<left_place> hub_core::places_left() const {
  std::vector<left_place> places;
  for (const auto& c : clients_) {
    if (!c.is_attached || c.is_closing) continue;
    for (uint32_t i = 0; i < c.slots.size(); ++i) {
      const auto& row = c.slots[i];
      if (row.instrument == none || row.variant >= variants_.size() || row.options >= options_.size()) continue;
      left_place place{c.key, model::instrument_id{row.instrument}, options_[row.options].options, {}};
      place.point.series = variants_[row.variant].options.series;
      if (row.flags & hub::slot_resumes) {
        const auto* point = point_of(c, i);
        if (!point) continue;
        place.point.epoch = point->epoch;
        place.point.sequence = point->sequence;
        place.point.is_left = point->is_left;
      } else {
        if (row.line >= lines_.size() || !lines_[row.line]) continue;
        if (!(row.flags & hub::slot_is_extended) || (row.flags & (hub::slot_is_once | hub::slot_wants_snapshot)))
          continue;
        place.point.epoch = lines_[row.line]->line.epoch();
        place.point.sequence = row.at;
        place.point.is_left = true;
      }
      places.push_back(std::move(place));
    }
  }
  return places;
}

// A state resumes by its newest value, which tells by the sequence that the client had what it missed.
void hub_core::judge_state(client& c, uint32_t number) {
  auto& row = c.slots[number];
  const auto& state = instruments_[row.instrument].state;
  const auto* point = point_of(c, number);
  if (!point) return;
  auto result = result_of(row, state.epoch, 0, state.sequence);
  const auto verdict = point->epoch != state.epoch        ? line::verdict::other_epoch
                       : point->sequence > state.sequence ? line::verdict::ahead
                                                          : line::verdict::ok;
  if (verdict == line::verdict::ok) {
    row.at = result.from = point->sequence;
    resumed_.push_back(result);
  } else {
    row.at = 0;
    result.code = static_cast<int32_t>(wire::number_of(wire::error_code::resume_failed));
    const auto why = line::text_of(verdict);
    result.reason = {why.data(), why.size()};
    not_resumed_.push_back(result);
  }
}

tp_result hub_core::result_of(const client_slot& row, uint64_t epoch, uint64_t from, uint64_t to) const {
  tp_result result{};
  result.struct_size = sizeof result;
  const auto& instrument = *instruments_[row.instrument].state.instrument;
  result.symbol = {instrument.symbol.data(), instrument.symbol.size()};
  result.venue = {instrument.venue.data(), instrument.venue.size()};
  result.series = variants_[row.variant].options.series;
  result.epoch = epoch;
  result.from = from;
  result.sequence = to;
  return result;
}

namespace {
tp_reply reply_of(uint32_t kind, uint32_t extras, std::span<const tp_result> results, uint64_t wall_ns) {
  tp_reply reply{};
  reply.struct_size = sizeof reply;
  reply.kind = kind;
  reply.wall_ms = static_cast<int64_t>(wall_ns / 1'000'000);
  reply.expires_ms = TP_NONE;
  reply.results = results.data();
  reply.result_count = static_cast<uint32_t>(results.size());
  reply.extras = extras;
  return reply;
}
} // namespace

// In front of the data of the write that is being built.
void hub_core::add_reply(const client& c, const tp_reply& reply, bytes& to) {
  reply_text_.clear();
  if (c.print->reply(reply, reply_text_))
    wire::append_frame(to, c.print->opcode(), std::span<const uint8_t>{reply_text_});
}

void hub_core::tell_gap(const client& c, const client_slot& row, uint64_t from, uint64_t to, std::string_view why,
                        uint64_t wall_ns) {
  const auto result = result_of(row, lines_[row.line]->line.epoch(), from, to);
  auto reply = reply_of(TP_REPLY_GAP, options_[row.options].options.extras, {&result, 1}, wall_ns);
  reply.detail = {why.data(), why.size()};
  add_reply(c, reply, replies_);
  ++counters_.gaps;
}

void hub_core::tell_resumed(const client& c, uint64_t wall_ns) {
  if (!resumed_.empty()) add_reply(c, reply_of(TP_REPLY_RESUMED, TP_EXTRA_SEQUENCE, resumed_, wall_ns), frame_);
  if (!not_resumed_.empty()) {
    auto reply = reply_of(TP_REPLY_RESUME_FAILED, TP_EXTRA_SEQUENCE, not_resumed_, wall_ns);
    reply.code = not_resumed_.front().code;
    reply.recoverable = 1;
    add_reply(c, reply, frame_);
  }
  counters_.resumed += resumed_.size();
  counters_.not_resumed += not_resumed_.size();
}

} // namespace tickplant::fanout
