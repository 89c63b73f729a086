#include "snapshot_desk.hpp"

#include <algorithm>

namespace tickplant::lse {

void snapshot_desk::take(const uint8_t* message) {
  const auto read = protocol_.read_snapshot(message);
  const decode_context context{TP_SNAPSHOT, now_ns_, flow_.held_from};
  switch (read.what) {
    case snapshot_message::part::nothing: return counters_.add(recovery_unneeded);
    case snapshot_message::part::reference: return protocol_.snapshot(message, context);
    case snapshot_message::part::book: break;
  }
  if (has_current_ && current_ != read.instrument) finish_instrument();
  current_ = read.instrument;
  current_kind_ = read.book;
  has_current_ = is_book_open_ = true;
  book* b = open_book(read.instrument, read.book);
  if (b == nullptr) return;
  if (read.is_silent) return;
  protocol_.snapshot(message, context);
}

/// The book if events for it are to be emitted; begins its snapshot.
book* snapshot_desk::open_book(uint64_t id, book_kind kind) {
  auto* of = symbols_.find(id);
  if (of == nullptr) { // no directory message named it, but its orders are good
    batch_.flush();
    directory_entry unnamed;
    unnamed.id = id;
    unnamed.fingerprint = 0;
    of = symbols_.define(unnamed, false, flow_.held_from);
    if (of == nullptr) {
      counters_.add(unknown_instrument);
      return nullptr;
    }
  }
  const auto which = static_cast<size_t>(kind);
  if (of->numbers[which] == instrument::undefined) {
    batch_.flush();
    const book& main = symbols_.books()[of->numbers[0]];
    // Nothing of it was in the flow since its instrument is known, whether or not that one's book is right by now.
    symbols_.define_second(*of, kind, false, main.held_from);
  }
  book& b = symbols_.books()[of->numbers[which]];
  if (!b.is_wanted) return nullptr;
  if (!b.is_lost) {
    counters_.add(recovery_unneeded);
    return nullptr;
  }
  switch (b.stage) {
    case book::picture::spoiled: return nullptr;
    case book::picture::open: return &b;
    case book::picture::ended: std::erase(ending_, symbols_.number_of(b)); break; // a newer one
    case book::picture::none: break;
  }
  begin(b);
  return &b;
}

void snapshot_desk::begin(book& b) {
  batch_.mark(TP_EV_SNAPSHOT_BEGIN, TP_SNAPSHOT_PICTURE, TP_SNAPSHOT, symbols_.number_of(b), 0);
  b.stage = book::picture::open;
}

bool snapshot_desk::complete_current(uint64_t includes, char trading_status) {
  if (!has_current_ || !is_book_open_) return false;
  is_book_open_ = false;
  if (auto* of = symbols_.find(current_); of != nullptr && trading_status > ' ') {
    const uint32_t number = of->numbers[static_cast<size_t>(current_kind_)];
    if (number != instrument::undefined && symbols_.books()[number].stage == book::picture::open &&
        current_kind_ == book_kind::orders)
      protocol_.closing_status(*of, trading_status, {TP_SNAPSHOT, now_ns_, flow_.held_from});
  }
  complete(current_, current_kind_, includes);
  return true;
}

void snapshot_desk::complete(uint64_t id, book_kind kind, uint64_t includes) {
  if (has_current_ && current_ != id) finish_instrument();
  current_ = id;
  has_current_ = true;
  is_book_open_ = false;
  if (kind == book_kind::orders) main_includes_ = includes;
  auto* of = symbols_.find(id);
  const uint32_t number = of == nullptr ? instrument::undefined : of->numbers[static_cast<size_t>(kind)];
  if (number == instrument::undefined || symbols_.books()[number].stage == book::picture::none) {
    if (book* b = open_book(id, kind)) end(*b, includes); // it is empty
    return;
  }
  book& b = symbols_.books()[number];
  if (b.stage == book::picture::spoiled) {
    b.stage = book::picture::none;
    failed_.push_back(number);
  } else if (b.stage == book::picture::open) {
    end(b, includes);
  }
}

// Joined: every live message behind the snapshot has been emitted, or will be. One that is older leaves a hole; one
// that is far ahead of the flow is of another epoch.
void snapshot_desk::end(book& b, uint64_t includes) {
  if (includes + 1 < b.held_from || includes >= flow_.plausible_end) {
    counters_.add(recovery_stale);
    b.stage = book::picture::none;
    ++b.tries;
    failed_.push_back(symbols_.number_of(b));
    return;
  }
  b.stage = book::picture::ended;
  b.includes = includes;
  ending_.push_back(symbols_.number_of(b));
}

void snapshot_desk::finish_instrument() {
  const auto includes = std::exchange(main_includes_, std::nullopt);
  const bool had = std::exchange(has_current_, false);
  is_book_open_ = false;
  auto* of = had && includes ? symbols_.find(current_) : nullptr;
  if (of == nullptr) return;
  for (const auto kind : {book_kind::firm_quotes, book_kind::requests}) {
    const uint32_t number = of->numbers[static_cast<size_t>(kind)];
    if (number == instrument::undefined) continue;
    book& b = symbols_.books()[number];
    if (!b.is_wanted || !b.is_lost || b.stage != book::picture::none) continue;
    begin(b);
    end(b, *includes);
  }
}

bool snapshot_desk::settle() {
  if (ending_.empty()) return false;
  return std::erase_if(ending_, [&](uint32_t number) {
           book& b = symbols_.books()[number];
           if (b.stage != book::picture::ended) return true;
           if (b.includes >= flow_.next) return false;
           batch_.mark(TP_EV_SNAPSHOT_END, 0, TP_SNAPSHOT | TP_END, number, b.includes);
           counters_.add(recovery_snapshots);
           b.is_lost = b.is_by_clear = false;
           b.stage = book::picture::none;
           b.tries = 0;
           return true;
         }) > 0;
}

void snapshot_desk::spoil(book& b) {
  if (b.stage == book::picture::open) b.stage = book::picture::spoiled;
  if (b.stage == book::picture::ended) b.stage = book::picture::none;
}

void snapshot_desk::spoil_all() {
  for (book& b : symbols_.books()) spoil(b);
  ending_.clear();
  main_includes_.reset();
}

void snapshot_desk::cut() {
  finish_instrument();
  for (book& b : symbols_.books())
    if (b.stage == book::picture::open || b.stage == book::picture::spoiled) b.stage = book::picture::none;
}

} // namespace tickplant::lse
