#include "normalizer.hpp"

namespace tickplant::nasdaq {

namespace {

constexpr std::array<uint16_t, 256> make_sides() {
  std::array<uint16_t, 256> sides{};
  sides['B'] = TP_BID;
  sides['S'] = TP_ASK;
  return sides;
}
constexpr auto sides = make_sides();

} // namespace

normalizer::normalizer(sdk::venue_host host, counter_sheet& counters, const std::string& time_zone, char market)
  : host_(host), counters_(counters), clock_(host, time_zone), market_(static_cast<uint8_t>(market)),
    events_(std::make_unique<event_array>()), halts_(locate_count), letters_(host) {}

void normalizer::flush() {
  if (used_ == 0) return;
  if (!stopping_ && host_.emit(channel, {events_->at, used_}) == TP_E_STOPPING) stopping_ = true;
  used_ = 0;
}

void normalizer::begin_session(uint64_t now_ns) {
  flush();
  symbols_.each([this](uint16_t locate) { host_.retire(locate); });
  symbols_.clear();
  halts_.assign(locate_count, {});
  directory_told_ = feed_suspect_ = false;
  damaged_.clear();
  set_day(now_ns);
}

void normalizer::set_day(uint64_t now_ns) {
  clock_.set(now_ns);
  time_flag_ = static_cast<uint16_t>(clock_.is_guessed() ? +TP_TIME_GUESSED : 0);
}

void normalizer::mark(uint8_t kind, uint8_t detail, uint16_t flags, uint32_t instrument, uint64_t sequence) {
  if (used_ == capacity) flush();
  tp_event& e = events_->at[used_++];
  e = {};
  e.kind = kind;
  e.detail = detail;
  e.flags = flags;
  e.instrument = instrument;
  e.sequence = sequence;
}

// Writes all eight words; the caller made sure of layout.length bytes and of a side where one is needed. What a message
// lacks is read inside its shortest form and masked, so that no type needs a branch.
inline void normalizer::write_order(tp_event& e, const message_layout& layout, uint64_t sequence, const uint8_t* data,
                                    uint64_t extra, uint16_t flags) const {
  const uint16_t side = sides[data[layout.side_at]] & layout.side_mask;
  const auto print = static_cast<uint16_t>((data[layout.print_at] == 'Y') * layout.print_mask);
  e.kind = layout.kind;
  e.detail = 0;
  e.flags = static_cast<uint16_t>(layout.flags | side | print | flags);
  e.instrument = sdk::be16(data + 1);
  e.order = sdk::be64(data + head_size);
  e.price = static_cast<int64_t>(sdk::be32(data + layout.price_at) & layout.price_mask) | layout.price_absent;
  e.quantity = sdk::be32(data + layout.quantity_at) & layout.quantity_mask;
  e.ref = sdk::be64(data + layout.ref_at) & layout.ref_mask;
  e.extra = extra;
  e.sequence = sequence;
  e.venue_ns = clock_.midnight_ns() + (sdk::be64(data + 3) & 0xFFFF'FFFF'FFFF);
}

// An order without a side must not be guessed.
static inline bool lacks_side(const message_layout& layout, const uint8_t* data) {
  return (layout.side_mask != 0) & (sides[data[layout.side_at]] == 0);
}

template <class Next>
void normalizer::run(uint64_t sequence, uint64_t count, const decode_context& context, Next&& next) {
  const bool table_only = directory_told_ || !context.complete;
  const auto flags = static_cast<uint16_t>(context.flags | time_flag_);
  const interest* const interests = context.interests;
  // The array has room for one event at every step of the loop; what wrote before may have left it full.
  if (used_ == capacity) flush();
  size_t used = used_;
  uint32_t seen = 0;
  for (const uint64_t end = sequence + count; sequence != end; ++sequence) {
    const auto [data, size] = next();
    const message_layout& layout = message_layouts[size > 0 ? data[0] : 0];
    const interest wanted = interests[layout.plain ? sdk::be16(data + 1) : 0];
    const bool by_table = layout.plain & (size >= layout.length) & (wanted != interest::unknown) & table_only;
    if (!by_table || lacks_side(layout, data)) [[unlikely]] {
      used_ = used;
      message(sequence, data, size, context);
      if (used_ == capacity) flush();
      used = used_;
      continue;
    }
    write_order(events_->at[used], layout, sequence, data, 0, flags);
    counted_[layout.counter] += !context.replay;
    seen |= 1u << layout.counter;
    used += wanted == interest::wanted;
    if (used == capacity) [[unlikely]] {
      used_ = used;
      flush();
      used = 0;
    }
  }
  used_ = used;
  seen_ |= seen;
}

void normalizer::blocks(uint64_t sequence, const uint8_t* block, uint32_t count, const decode_context& context) {
  run(sequence, count, context, [&] {
    const message_bytes each{block + 2, sdk::be16(block)};
    block = each.data + each.size;
    return each;
  });
}

void normalizer::records(uint64_t sequence, std::span<const tp_unit> units, const decode_context& context) {
  const tp_unit* unit = units.data();
  run(sequence, units.size(), context, [&] {
    now_ns_ = unit->recv_ns;
    const message_bytes each{unit->data, unit->size};
    ++unit;
    return each;
  });
}

bool normalizer::take_record(uint64_t sequence, const tp_unit& unit) {
  const message_layout& layout = message_layouts[unit.size > 0 ? unit.data[0] : 0];
  if (!layout.plain || unit.size < layout.length || !directory_told_ || stopping_) return false;
  const interest wanted = symbols_.interests()[sdk::be16(unit.data + 1)];
  if (wanted == interest::unknown || lacks_side(layout, unit.data)) return false;
  now_ns_ = unit.recv_ns;
  if (wanted == interest::wanted) {
    write_order(events_->at[0], layout, sequence, unit.data, 0, time_flag_);
    if (host_.emit(channel, {events_->at, 1}) == TP_E_STOPPING) stopping_ = true;
  }
  host_.count(layout.counter, 1);
  return true;
}

void normalizer::count_messages() {
  for (; seen_ != 0; seen_ &= seen_ - 1) {
    const auto i = static_cast<uint32_t>(std::countr_zero(seen_));
    counters_.add(i, counted_[i]);
    counted_[i] = 0;
  }
}

void normalizer::message(uint64_t sequence, const uint8_t* data, uint32_t size, const decode_context& context) {
  const message_layout& layout = message_layouts[size > 0 ? data[0] : 0];
  if (size == 0) { // allowed by Mold, never by ITCH: a number without a meaning
    if (!context.replay) counters_.add(malformed);
    return;
  }
  if (!context.replay) counters_.add(layout.counter);
  if (layout.length == 0) return;
  if (size < layout.length) return damaged(data, size, context);
  if (layout.kind == 0)
    return decode_rare(
      {sequence, data, context, sdk::be16(data + 1), clock_.midnight_ns() + (sdk::be64(data + 3) & 0xFFFF'FFFF'FFFF)});
  if (!directory_told_ && context.complete && symbols_.size() > 0) tell_directory();
  if (lacks_side(layout, data)) return damaged(data, size, context);
  const interest wanted = context.interests[sdk::be16(data + 1)];
  if (wanted == interest::unknown && !context.replay) counters_.add(unknown_locate);
  if (wanted != interest::wanted) return;
  const uint64_t extra = data[0] == 'F' ? participant(data + 36) : 0;
  if (used_ == capacity) flush();
  write_order(events_->at[used_++], layout, sequence, data, extra, static_cast<uint16_t>(context.flags | time_flag_));
}

void normalizer::tell_directory() {
  if (directory_told_) return;
  flush();
  directory_told_ = true;
  host_.stream(channel, TP_ALL, TP_STREAM_DIRECTORY);
}

uint32_t normalizer::participant(const uint8_t* mpid) {
  const uint32_t key = sdk::be32(mpid);
  auto& known = participants_[(key * 0x9E37'79B1u) >> 24];
  if (known.handle == 0 || known.mpid != key) known = {key, host_.text(sdk::alpha(mpid, 4))};
  return known.handle;
}

// A message that is too short, or whose side is no side, may have changed a book: that book is wrong until a picture of
// it, or the next session, because a replay of the history brings the same bytes again.
void normalizer::damaged(const uint8_t* data, uint32_t size, const decode_context& context) {
  if (context.replay) return;
  counters_.add(malformed);
  const uint8_t type = data[0];
  if (message_layouts[type].kind == 0 || type == 'P') return; // touches no book
  if (size < 3) {
    feed_suspect_ = true;
    return note_damage(TP_ALL, "an order message is too short to name its stock");
  }
  const uint16_t locate = sdk::be16(data + 1);
  if (context.interests[locate] == interest::unknown) return;
  symbols_.suspect(locate);
  note_damage(locate, "an order message of this stock cannot be read; only a GLIMPSE picture or a new session helps");
}

void normalizer::note_damage(uint32_t instrument, std::string_view reason) {
  constexpr size_t most_noted = 256;
  flush();
  host_.stream(channel, instrument, TP_STREAM_LOST, reason);
  if (damaged_.size() < most_noted)
    damaged_.push_back(instrument);
  else
    damaged_.back() = TP_ALL;
}

} // namespace tickplant::nasdaq
