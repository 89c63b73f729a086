// Instruments of a feed: what the plugin defines, the books that are lent for them, and the end of both.
#include "runtime/book/feed_parts.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace tickplant::book {
namespace {

/// A definition as this version knows it; members that an older plugin does not have are as if not given.
std::optional<tp_instrument> known_part_of(const tp_instrument& definition) {
  constexpr size_t least = offsetof(tp_instrument, symbol) + sizeof(tp_str);
  if (definition.struct_size < least) return std::nullopt;
  tp_instrument known{};
  std::memcpy(&known, &definition, std::min<size_t>(definition.struct_size, sizeof known));
  return known;
}

} // namespace

void feed::parts::attach(channel_state& c, binding& b, book_state& book) {
  if (book.host != nullptr) book.host->forget_book(book.number);
  const bool waited = b.is_waiting();
  b.book = &book;
  c.waiting += static_cast<size_t>(b.is_waiting()) - static_cast<size_t>(waited);
  books[b.instrument->number] = &book;
  book.host = this;
  book.memory = &memory;
  book.number = b.instrument->number;
  book.channel = c.number;
  book.kind = b.instrument->book;
  book.instrument = b.instrument;
  book.printed.is_retold = book.printed.newest_ns != 0;
  for (ladder& side : book.sides) side.set_step(b.instrument->price_step);
  if (book.day.shown.previous_close == TP_NONE) book.day.shown.previous_close = b.instrument->previous_close;
  book.day.band.set_rule(options.band ? options.band(b.instrument->symbol) : band_rule{},
                         book.day.shown.last.price != TP_NONE ? book.day.shown.last.price
                                                              : book.day.shown.previous_close);
  set_stage(c, b, b.at);
}

/// The book stays with its engine, without levels; nothing here points at it any more.
void feed::parts::detach(channel_state& c, binding& b) {
  book_state& book = *b.book;
  const bool waited = b.is_waiting();
  drop_levels(book, &c.store, memory);
  b.gone_through = std::max(b.gone_through, book.venue_sequence);
  if (b.is_running()) book.printed.miss();
  book.is_live = book.is_half = book.is_changed = false;
  book.short_kinds = 0;
  book.host = nullptr;
  book.memory = nullptr;
  books[book.number] = &nobody;
  b.book = nullptr;
  c.waiting += static_cast<size_t>(b.is_waiting()) - static_cast<size_t>(waited);
}

void feed::parts::forget_book(uint32_t number) {
  binding& b = bindings[number];
  channel_state& c = *channel_of(b.instrument->channel);
  detach(c, b);
  b.had_book = true;
  set_stage(c, b, stage::awaiting);
}

int32_t feed::parts::define(const tp_instrument& given) {
  const auto known = known_part_of(given);
  if (!known || !model::instrument::problem_of(*known).empty()) return TP_E_ARGUMENT;
  if (known->number >= most_instruments) return TP_E_LIMIT;
  const auto instrument = std::make_shared<const model::instrument>(model::instrument::from(options.venue, *known));
  const uint32_t number = instrument->number;
  if (number >= bindings.size()) {
    // Doubled, since plugins number upwards one by one.
    const size_t size = std::min<size_t>(std::max<size_t>(number + 1, bindings.size() * 2), most_instruments);
    bindings.resize(size);
    books.assign(size + 1, &nobody);
    for (size_t i = 0; i < size; ++i)
      if (bindings[i].book != nullptr) books[i] = bindings[i].book;
  }
  const auto id = owner.instrument_defined(*instrument);
  binding& b = bindings[number];
  if (b.instrument != nullptr) {
    if (id && b.is_wanted && b.id == *id) return redefine(*channel_of(b.instrument->channel), b, instrument);
    unbind(number);
  }
  channel_state& c = open_channel(instrument->channel);
  c.numbers.push_back(number);
  b.instrument = instrument;
  c.unwanted += !id;
  if (!id) return 0;
  if (const auto other = numbers.find(model::index_of(*id)); other != numbers.end())
    unbind(other->second); // the venue gave its instrument another number
  b.id = *id;
  b.is_wanted = true;
  numbers[model::index_of(*id)] = number;
  c.waiting += b.is_waiting();
  if (c.is_complete || (c.is_up && !b.has_levels())) set_stage(c, b, stage::live);
  if (const uint32_t index = model::index_of(*id); index < engines.size() && engines[index] != nullptr) {
    attach(c, b, *engines[index]->parts_);
    if (b.at == stage::live) guarded(b, [&] { begin_complete(c, b, 0); });
  }
  if (c.begun) {
    tp_event begin = *c.begun;
    begin.instrument = number;
    dispatch(c, begin);
  }
  return 1;
}

int32_t feed::parts::redefine(channel_state& c, binding& b, model::instrument_ptr instrument) {
  const model::instrument& before = *b.instrument;
  const uint32_t number = instrument->number;
  const bool is_other_scale =
    before.price_exponent != instrument->price_exponent || before.quantity_exponent != instrument->quantity_exponent;
  if (before.book != instrument->book || before.channel != instrument->channel) {
    book_state* book = b.book;
    const model::instrument_id id = b.id;
    unbind(number);
    channel_state& other = open_channel(instrument->channel);
    other.numbers.push_back(number);
    b.instrument = std::move(instrument);
    b.id = id;
    b.is_wanted = true;
    numbers[model::index_of(id)] = number;
    other.waiting += b.is_waiting();
    if (book != nullptr) attach(other, b, *book);
    give_up(other, b, "the instrument's definition changed");
    return 1;
  }
  const bool is_other_close = before.previous_close != instrument->previous_close;
  if (is_other_scale) lose(number, "the instrument's definition changed"); // the old numbers mean something else now
  b.instrument = std::move(instrument);
  if (b.book != nullptr) {
    book_state& book = *b.book;
    if (is_other_scale) {
      book.day.rescale(*book.instrument, *b.instrument);
      book.quote = venue_quote{};
      book.kept = kept_levels{};
    }
    book.instrument = b.instrument;
    if (is_other_close && b.instrument->previous_close != TP_NONE)
      book.day.shown.previous_close = b.instrument->previous_close;
    for (ladder& side : book.sides)
      if (side.is_empty()) side.set_step(b.instrument->price_step);
    book.note();
  }
  if (is_other_scale) owner.resynchronise_wanted(c.number, number, "the instrument's definition changed");
  return 1;
}

/// The number is free again. A book that was lent for it is stale.
void feed::parts::unbind(uint32_t number) {
  binding& b = bindings[number];
  channel_state& c = *channel_of(b.instrument->channel);
  c.holds.drop(b.held);
  if (b.book != nullptr) {
    b.book->distrust(trust::stale, "the instrument is no longer known");
    detach(c, b);
  }
  c.waiting -= b.is_waiting();
  std::erase(c.numbers, number);
  c.unwanted -= !b.is_wanted;
  if (b.is_wanted) numbers.erase(model::index_of(b.id));
  b = binding{};
  judge_unresolved(c); // it may have been the last one that waited
}

} // namespace tickplant::book
