#include "symbol_map.hpp"

#include <algorithm>

namespace tickplant::lse {

namespace {

std::string_view name_of(book_kind kind) {
  switch (kind) {
    case book_kind::firm_quotes: return "firm quotes";
    case book_kind::requests: return "private requests for quotes";
    default: return "";
  }
}

constexpr size_t most_segments = 1'024;

} // namespace

void symbol_map::enter(uint64_t id, uint32_t index) {
  if ((instruments_.size() + 1) * 2 > places_.size()) {
    std::vector<place> old(places_.size() * 2);
    old.swap(places_);
    for (const place& p : old)
      if (p.index != 0) enter(p.id, p.index - 1);
  }
  size_t at = place_of(id);
  while (places_[at].index != 0) at = (at + 1) & (places_.size() - 1);
  places_[at] = {id, index + 1};
}

// The directory names no ticker: the ISIN is the symbol, or what `tickers` makes of it. Further instruments of one ISIN
// are told apart by their currency, else by their id.
std::string symbol_map::name_for(const directory_entry& entry) {
  const auto ticker = tickers_.find(entry.isin);
  std::string base = ticker != tickers_.end() ? ticker->second : std::string{entry.isin};
  const std::string by_id = '#' + std::to_string(entry.id);
  if (base.empty()) return by_id;
  const auto is_free = [&](const std::string& name) {
    const auto [known, is_new] = names_.try_emplace(name, entry.id);
    return is_new || known->second == entry.id;
  };
  if (is_free(base)) return base;
  const std::string with_currency = base + '.' + std::string{entry.currency};
  if (!entry.currency.empty() && is_free(with_currency)) return with_currency;
  return base + by_id;
}

bool symbol_map::announce(const instrument& of, book_kind kind, uint32_t number, int64_t previous_close) {
  tp_instrument told{};
  told.struct_size = sizeof told;
  told.number = number;
  told.channel = 0;
  told.parent = kind == book_kind::orders ? TP_ALL : of.numbers[0];
  told.book = TP_BOOK_ORDERS;
  told.price_exponent = -8;
  told.quantity_exponent = quantity_exponent_;
  told.price_step = TP_NONE; // the venue tells no tick sizes
  told.quantity_step = told.lot = TP_NONE;
  told.previous_close = previous_close;
  const std::string code = std::to_string(of.id);
  told.symbol = sdk::to_tp(of.symbol); // a second book's too: its parent tells it from the first
  told.name = sdk::to_tp(name_of(kind));
  told.venue_code = sdk::to_tp(code);
  told.isin = sdk::to_tp(of.isin);
  told.currency = sdk::to_tp(of.currency);
  told.segment = sdk::to_tp(of.segment);
  return host_.define(told);
}

uint32_t symbol_map::add_book(uint32_t index, book_kind kind, bool is_complete, uint64_t sequence) {
  const auto number = static_cast<uint32_t>(books_.size());
  books_.push_back({index, kind, false, !is_complete, book::picture::none, 0, sequence, 0, false});
  return number;
}

instrument* symbol_map::define(const directory_entry& entry, bool is_complete, uint64_t sequence) {
  constexpr auto main = static_cast<size_t>(book_kind::orders);
  auto* known = find(entry.id);
  if (known == nullptr) {
    if (instruments_.size() >= most_instruments) return nullptr;
    const auto index = static_cast<uint32_t>(instruments_.size());
    enter(entry.id, index);
    known = &instruments_.emplace_back();
    known->id = entry.id;
    known->numbers[main] = add_book(index, book_kind::orders, is_complete, sequence);
  }
  const bool had_name = !known->symbol.empty();
  const std::string symbol = name_for(entry);
  const uint32_t number = known->numbers[main];
  const bool is_renamed = had_name && known->symbol != symbol;
  if (is_renamed)
    for (const uint32_t each : known->numbers)
      if (each != instrument::undefined) host_.retire(each);
  known->symbol = symbol;
  known->isin = entry.isin;
  known->currency = entry.currency;
  known->segment = entry.segment;
  known->fingerprint = entry.fingerprint;
  if (!known->segment.empty() && segments_.size() < most_segments &&
      std::ranges::find(segments_, known->segment) == segments_.end())
    segments_.push_back(known->segment);
  const bool is_wanted = announce(*known, book_kind::orders, number, entry.previous_close);
  known->emits[main] = is_wanted ? number : instrument::unwanted;
  book& b = books_[number];
  const bool is_new = !had_name || is_renamed || b.is_wanted != is_wanted;
  b.is_wanted = is_wanted;
  if (is_renamed || (is_new && had_name)) { // to the host it is another instrument
    b.is_lost = true;
    b.stage = book::picture::none;
    b.held_from = sequence;
    b.tries = 0;
  }
  if (is_new && is_wanted && b.is_lost) newborn_.push_back(number);
  if (is_renamed)
    for (const auto kind : {book_kind::firm_quotes, book_kind::requests})
      if (known->numbers[static_cast<size_t>(kind)] != instrument::undefined)
        define_second(*known, kind, false, sequence);
  return known;
}

uint32_t symbol_map::define_second(instrument& of, book_kind kind, bool is_complete, uint64_t sequence) {
  const auto which = static_cast<size_t>(kind);
  if (of.numbers[which] == instrument::undefined)
    of.numbers[which] = add_book(static_cast<uint32_t>(&of - instruments_.data()), kind, is_complete, sequence);
  book& b = books_[of.numbers[which]];
  b.is_wanted = announce(of, kind, of.numbers[which], TP_NONE);
  b.is_lost = !is_complete;
  b.held_from = sequence;
  b.stage = book::picture::none;
  of.emits[which] = b.is_wanted ? of.numbers[which] : instrument::unwanted;
  return of.emits[which];
}

} // namespace tickplant::lse
