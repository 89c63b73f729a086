#include "normalizer_parts.hpp"

#include <algorithm>

namespace tickplant::lse {

void normalizer_parts::define(const message_call& c, const directory_entry& entry) {
  if (!symbols_.is_news(entry)) return;
  batch_.flush();
  if (symbols_.define(entry, is_complete, c.sequence != 0 ? c.sequence : c.context.next) == nullptr)
    counters_.add(unknown_instrument);
}

void normalizer_parts::tell_directory() {
  directory_told_ = true;
  batch_.flush();
  host_.stream(event_batch::channel, TP_ALL, TP_STREAM_DIRECTORY);
}

// Where the instrument's order book is right and no quotes were heard of, there were none: the book begins empty here.
uint32_t normalizer_parts::begin_second(instrument& of, book_kind kind, const message_call& c) {
  batch_.flush();
  const uint64_t at = c.sequence != 0 ? c.sequence : c.context.next;
  const uint32_t number = symbols_.define_second(of, kind, is_complete, at);
  if (is_complete || c.is_snapshot() || !is_number(number)) return number;
  book& main = symbols_.books()[of.numbers[0]];
  book& second = symbols_.books()[number];
  if (main.is_lost) {
    second.held_from = main.held_from; // its earlier events named orders only, and are held by those
    return number;
  }
  if (main.is_by_clear) { // what it had before the loss was not heard of
    if (second.is_wanted) symbols_.note_newborn(number);
    return number;
  }
  batch_.mark(TP_EV_SNAPSHOT_BEGIN, TP_SNAPSHOT_PICTURE, TP_SNAPSHOT, number, 0);
  batch_.mark(TP_EV_SNAPSHOT_END, 0, TP_SNAPSHOT | TP_END, number, at - 1);
  second.is_lost = false;
  return number;
}

// A day starts without orders (notes D): every book is right again, whatever was lost before.
void normalizer_parts::day_event(const message_call& c, uint8_t code) {
  const uint8_t phase = code == 'O' ? +TP_PHASE_DAY_START : code == 'C' ? +TP_PHASE_DAY_END : +TP_PHASE_UNKNOWN;
  if (phase == TP_PHASE_UNKNOWN) note_unknown_value();
  const uint32_t text = letter(code);
  const auto last = static_cast<uint16_t>(code == 'O' ? 0 : +TP_END);
  push(c, TP_EV_PHASE, phase, last, TP_ALL).ref = text;
  if (code == 'C') has_day_ended = true;
  if (code != 'O') return;
  has_day_started = true;
  if (is_complete) {
    push(c, TP_EV_CLEAR, 0, TP_END, TP_ALL).price = 0;
  } else if (c.sequence != 0 && c.sequence < whole_from) {
    return; // holes lie behind it
  } else {
    batch_.mark(TP_EV_SNAPSHOT_BEGIN, TP_SNAPSHOT_PICTURE, TP_SNAPSHOT, TP_ALL, 0);
    batch_.mark(TP_EV_SNAPSHOT_END, 0, TP_SNAPSHOT | TP_END, TP_ALL, c.sequence);
    is_complete = true;
  }
  for (book& b : symbols_.books()) {
    b.is_lost = b.is_by_clear = false;
    b.stage = book::picture::none;
  }
}

// A clear in the live flow makes a book known from there on, even if it was lost (notes E, in-band refresh): unless it
// lies before another hole of the same loss.
void normalizer_parts::clear_book(const message_call& c, instrument& of, book_kind kind) {
  const uint32_t number = number_of(of, kind, c);
  if (!is_number(number)) return;
  book& b = symbols_.books()[number];
  if (!b.is_lost || c.is_snapshot()) {
    push(c, TP_EV_CLEAR, 0, TP_END, number).price = 0;
    return;
  }
  if (c.sequence != 0 && c.sequence < b.held_from) return;
  batch_.mark(TP_EV_SNAPSHOT_BEGIN, TP_SNAPSHOT_PICTURE, TP_SNAPSHOT, number, 0);
  batch_.mark(TP_EV_SNAPSHOT_END, 0, TP_SNAPSHOT | TP_END, number, c.sequence);
  b.is_lost = false;
  b.is_by_clear = true;
  b.stage = book::picture::none;
}

uint32_t normalizer_parts::participant(std::string_view name) {
  if (name.empty()) return 0;
  name = name.substr(0, 12);
  uint32_t hash = 2'166'136'261u;
  for (const char c : name) hash = (hash ^ static_cast<uint8_t>(c)) * 16'777'619u;
  auto& known = participants_[hash >> 24];
  if (known.handle == 0 || std::string_view{known.name, known.size} != name) {
    known.handle = host_.text(name);
    known.size = static_cast<uint8_t>(name.size());
    std::ranges::copy(name, known.name);
  }
  return known.handle;
}

} // namespace tickplant::lse
