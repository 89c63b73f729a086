#include "harbour.hpp"

#include <algorithm>
#include <stdexcept>

namespace harbour {

namespace {

enum line : uint32_t { line_a, line_b, line_snapshot };
enum timer : uint32_t { hole_timer, retry_timer_a, retry_timer_b, snapshot_timer };
enum counter : uint32_t { instruments, levels, trades, gaps_seen, malformed, unknown, snapshots };
constexpr std::array names{sdk::to_tp("messages.I"), sdk::to_tp("messages.L"), sdk::to_tp("messages.T"),
                           sdk::to_tp("gaps.seen"),  sdk::to_tp("malformed"),  sdk::to_tp("unknown"),
                           sdk::to_tp("snapshots")};
constexpr uint32_t channel = 0;
constexpr size_t most_events = 256;

} // namespace

std::span<const tp_str> venue::counters() {
  return names;
}

void venue::validate(sdk::settings settings, sdk::venue_host host) {
  read_options(settings, [&](std::string_view key, std::string_view problem) { host.complain(key, problem); });
}

venue::venue(sdk::settings settings, sdk::venue_host host) : host_(host) {
  bool is_good = true;
  options_ = read_options(settings, [&](std::string_view key, std::string_view problem) {
    is_good = false;
    host.complain(key, problem);
  });
  if (!is_good) throw std::invalid_argument("the settings have faults");
  events_.reserve(most_events);
  feed_.deliver = [this](uint64_t number, std::span<const uint8_t> bytes) { message(number, bytes); };
  feed_.restarted = [this] {
    flush();
    host_.stream(channel, TP_ALL, TP_STREAM_RESTARTED, "another session");
    // Instruments are named again; those that are not are gone.
    for (uint32_t number = 0; number < listed_.size(); ++number) host_.retire(number);
    listed_.clear();
    snapshot_.forget_all();
    host_.stream(channel, TP_ALL, TP_STREAM_LIVE, {}, 1);
  };
  snapshot_.begin = [this](uint16_t id, uint64_t number) { mark(TP_EV_SNAPSHOT_BEGIN, id, number); };
  snapshot_.level = [this](std::span<const uint8_t> body) { level(body, 0, TP_SNAPSHOT); };
  snapshot_.end = [this](uint16_t id, uint64_t number) { mark(TP_EV_SNAPSHOT_END, id, number); };
}

int32_t venue::start(uint64_t now_ns) {
  now_ns_ = now_ns;
  open_line(line_a);
  if (!options_.line_b.empty()) open_line(line_b);
  return TP_OK;
}

void venue::open_line(uint32_t number) {
  tp_line_spec spec{};
  spec.struct_size = sizeof spec;
  spec.line = number;
  const bool is_tcp = number == line_snapshot;
  spec.kind = is_tcp ? uint16_t{TP_LINE_TCP} : uint16_t{TP_LINE_UDP_GROUP};
  spec.role = is_tcp ? uint16_t{TP_ROLE_SNAPSHOT} : uint16_t{TP_ROLE_LIVE};
  spec.pair = is_tcp ? 0 : 1;
  spec.max_unit = 65'535;
  spec.name = sdk::to_tp(number == line_a ? "a" : number == line_b ? "b" : "snapshot");
  spec.address = sdk::to_tp(number == line_a   ? options_.line_a
                            : number == line_b ? options_.line_b
                                               : options_.snapshot);
  const bool is_open = host_.line_open(spec) == TP_OK;
  if (is_tcp) is_snapshot_open_ = is_open;
  if (!is_open) host_.set_timer(is_tcp ? uint32_t{snapshot_timer} : retry_timer_a + number, options_.retry_ns);
}

int32_t venue::on_units(std::span<const tp_unit> units) {
  for (const auto& unit : units) {
    now_ns_ = unit.recv_ns;
    const bool is_good = (unit.flags & TP_UNIT_TRUNCATED) == 0 && feed_.take({unit.data, unit.size});
    if (!is_good) {
      host_.count(malformed);
      continue;
    }
    if (!is_live_told_ && feed_.has_begun()) {
      is_live_told_ = true;
      flush();
      host_.stream(channel, TP_ALL, TP_STREAM_LIVE, {}, 1);
    }
    look_for_holes();
  }
  flush();
  return TP_OK;
}

void venue::look_for_holes() {
  if (feed_.has_hole() == is_waiting_) return;
  is_waiting_ = feed_.has_hole();
  if (is_waiting_)
    host_.set_timer(hole_timer, options_.reorder_window_ns);
  else
    host_.cancel_timer(hole_timer);
}

// Missing on both lines: the venue sends nothing again, so that only snapshots help.
void venue::tell_hole() {
  const uint64_t from = feed_.next(), to = feed_.end_of_hole() - 1;
  flush();
  host_.count(gaps_seen);
  host_.stream(channel, TP_ALL, TP_STREAM_LOST, "messages are missing on both lines", from, to);
  first_live_ = to + 1;
  // An instrument that was named in the hole is not known. Nothing but another session helps there: its messages are
  // counted as unknown, and nobody is told of a book that might be wrong.
  feed_.skip_hole();
  flush();
}

int32_t venue::on_timer(uint32_t id, uint64_t now_ns) {
  now_ns_ = now_ns;
  if (id == hole_timer) {
    is_waiting_ = false;
    if (feed_.has_hole()) tell_hole();
    look_for_holes();
  } else if (id == snapshot_timer) {
    if (snapshot_.is_needed() && !is_snapshot_open_) open_line(line_snapshot);
  } else {
    open_line(id - retry_timer_a);
  }
  return TP_OK;
}

int32_t venue::on_line(uint32_t line, uint32_t state, std::string_view, uint64_t now_ns) {
  now_ns_ = now_ns;
  if (line != line_snapshot) {
    if (state != TP_LINE_UP) host_.set_timer(retry_timer_a + line, options_.retry_ns);
    return TP_OK;
  }
  is_snapshot_up_ = state == TP_LINE_UP;
  if (is_snapshot_up_) {
    if (snapshot_.is_needed())
      host_.send(line_snapshot, TP_UNIT_BINARY, snapshot_.request());
    else
      host_.line_close(line_snapshot), is_snapshot_open_ = is_snapshot_up_ = false;
    return TP_OK;
  }
  is_snapshot_open_ = false;
  snapshot_.broken_off();
  if (snapshot_.is_needed()) host_.set_timer(snapshot_timer, options_.retry_ns);
  return TP_OK;
}

int64_t venue::on_stream(const tp_unit& unit) {
  now_ns_ = unit.recv_ns;
  const int64_t used = snapshot_.take({unit.data, unit.size});
  flush();
  if (used >= 0) return used;
  host_.count(malformed);
  return TP_E_ARGUMENT; // the host closes the line, and the timer opens it again
}

int32_t venue::resynchronise(uint32_t asked, uint32_t instrument, uint64_t now_ns) {
  now_ns_ = now_ns;
  if (asked != channel || (instrument != TP_ALL && instrument >= listed_.size())) return TP_E_ARGUMENT;
  if (options_.snapshot.empty()) return TP_E_UNSUPPORTED;
  if (instrument != TP_ALL) {
    snapshot_.want(listed_[instrument].id);
  } else {
    for (const auto& one : listed_) snapshot_.want(one.id);
  }
  if (snapshot_.is_needed() && !is_snapshot_open_) open_line(line_snapshot);
  return TP_OK;
}

void venue::message(uint64_t number, std::span<const uint8_t> bytes) {
  const auto body = bytes.subspan(2);
  switch (bytes[1]) {
    case 'I':
      if (bytes.size() < instrument_bytes) return host_.count(malformed);
      host_.count(instruments);
      return define(body);
    case 'D': flush(); return host_.stream(channel, TP_ALL, TP_STREAM_DIRECTORY);
    case 'L':
      if (bytes.size() < level_bytes) return host_.count(malformed);
      host_.count(levels);
      return level(body, number, TP_END);
    case 'T':
      if (bytes.size() < trade_bytes) return host_.count(malformed);
      host_.count(trades);
      return trade(body, number);
    default: return host_.count(unknown);
  }
}

void venue::define(std::span<const uint8_t> body) {
  flush();
  listed made;
  made.id = sdk::le16(body.data());
  uint32_t number = 0;
  const bool is_known = find(made.id, number) != nullptr;
  if (!is_known) number = static_cast<uint32_t>(listed_.size());
  tp_instrument i{};
  i.struct_size = sizeof i;
  i.number = number;
  i.channel = channel;
  i.parent = TP_ALL;
  i.book = TP_BOOK_LEVELS;
  i.price_exponent = static_cast<int8_t>(std::clamp<int>(static_cast<int8_t>(body[2]), -9, 0));
  i.price_step = i.quantity_step = i.lot = i.previous_close = TP_NONE;
  i.symbol = i.venue_code = sdk::to_tp(sdk::alpha(&body[3], 8));
  made.wanted = host_.define(i);
  if (is_known)
    listed_[number] = made;
  else
    listed_.push_back(made);
}

const venue::listed* venue::find(uint16_t id, uint32_t& number) const {
  for (number = 0; number < listed_.size(); ++number)
    if (listed_[number].id == id) return &listed_[number];
  return nullptr;
}

tp_event* venue::event(uint8_t kind, uint16_t id, uint64_t number, uint32_t flags) {
  uint32_t instrument = 0;
  const auto* known = find(id, instrument);
  if (known == nullptr) {
    host_.count(unknown);
    return nullptr;
  }
  if (!known->wanted) return nullptr;
  if (events_.size() == most_events) flush();
  events_.push_back({kind, 0, static_cast<uint16_t>(flags), instrument, 0, TP_NONE, TP_NONE, 0, 0, number, now_ns_});
  return &events_.back();
}

void venue::level(std::span<const uint8_t> body, uint64_t number, uint32_t flags) {
  const uint32_t side = body[2] == 'B' ? uint32_t{TP_BID} : uint32_t{TP_ASK};
  if (auto* e = event(TP_EV_LEVEL, sdk::le16(body.data()), number, flags | side)) {
    e->price = static_cast<int64_t>(sdk::le64(body.data() + 3));
    e->quantity = sdk::le32(body.data() + 11);
    e->order = sdk::le16(body.data() + 15);
  }
}

void venue::trade(std::span<const uint8_t> body, uint64_t number) {
  if (auto* e = event(TP_EV_TRADE, sdk::le16(body.data()), number, TP_PRINT | TP_PRICE | TP_END)) {
    e->price = static_cast<int64_t>(sdk::le64(body.data() + 2));
    e->quantity = sdk::le32(body.data() + 10);
    e->ref = sdk::le32(body.data() + 14);
  }
}

void venue::mark(uint8_t kind, uint16_t id, uint64_t number) {
  // A picture of before the loss lacks what was lost: it is asked for again after a while.
  if (number + 1 < first_live_) {
    if (kind == TP_EV_SNAPSHOT_END) {
      snapshot_.want(id);
      return;
    }
  }
  if (kind == TP_EV_SNAPSHOT_END) host_.count(snapshots);
  if (auto* e = event(kind, id, number, kind == TP_EV_SNAPSHOT_END ? TP_SNAPSHOT | TP_END : uint32_t{TP_SNAPSHOT}))
    e->detail = TP_SNAPSHOT_PICTURE;
}

void venue::flush() {
  if (!events_.empty()) host_.emit(channel, events_);
  events_.clear();
}

} // namespace harbour
