#include "runtime/tools/replay/books.hpp"

#include <algorithm>

namespace tickplant::replay {

namespace {

constexpr uint64_t retry_ns = 1'000'000'000, epoch = 1;
constexpr uint32_t most_doublings = 6;
constexpr size_t most_notes = 100, most_wishes = 65'536;
constexpr uint32_t none = UINT32_MAX, most_numbers = 1u << 22;

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

} // namespace

books::books(std::string venue, uint32_t order_refs, std::vector<std::string> symbols, bool has_listener,
             size_t present)
  : has_listener_(has_listener) {
  if (std::ranges::find(symbols, "*") == symbols.end()) symbols_.insert(symbols.begin(), symbols.end());
  book::feed_options options;
  options.venue = upper(std::move(venue));
  options.order_refs = order_refs;
  options.present = present;
  feed_ = std::make_unique<book::feed>(options, engines_, dirty_, *this);
}

bool books::is_wanted(const std::string& symbol) const {
  return symbols_.empty() || symbols_.contains(symbol);
}

void books::note(std::string text) {
  if (notes_.size() < most_notes) notes_.push_back(std::move(text));
}

std::optional<model::instrument_id> books::instrument_defined(const model::instrument& instrument) {
  if (instrument.number >= most_numbers || !is_wanted(instrument.symbol)) return std::nullopt;
  // A second book of one instrument is shown under a name of its own.
  const std::string name =
    instrument.parent == TP_ALL ? instrument.symbol : instrument.symbol + '#' + std::to_string(instrument.number);
  const auto [found, is_new] = by_symbol_.emplace(name, static_cast<uint32_t>(entries_.size()));
  const uint32_t index = found->second;
  const auto id = static_cast<model::instrument_id>(index);
  auto definition = std::make_shared<const model::instrument>(instrument);
  if (is_new) {
    entries_.emplace_back();
    engines_.push_back(nullptr);
    entries_[index].symbol = name;
    entries_[index].engine = std::make_unique<book::engine>(id, definition, epoch, dirty_);
    if (has_listener_)
      entries_[index].engine->set_interest({TP_WANT_QUOTE | TP_WANT_TRADES, 0}); // the top; reports look deeper
    to_lend_.push_back(index);
    stirred_ = true;
  }
  auto& entry = entries_[index];
  if (entry.number != instrument.number && entry.number < by_number_.size()) by_number_[entry.number] = none;
  entry.instrument = std::move(definition);
  entry.number = instrument.number;
  entry.is_retired = false;
  if (instrument.number >= by_number_.size()) by_number_.resize(instrument.number + 1, none);
  by_number_[instrument.number] = index;
  return id;
}

void books::instrument_retired(model::instrument_id id) {
  entries_[model::index_of(id)].is_retired = true;
}

void books::resynchronise_wanted(uint32_t channel, uint32_t number, std::string_view) {
  const std::pair key{channel, number};
  if (unsupported_.contains(key) || unsupported_.contains({channel, TP_ALL}) || wishes_.size() >= most_wishes) return;
  wishes_.emplace(key, 0);
  stirred_ = true;
}

void books::engine_failed(model::instrument_id id, std::string_view what) {
  note("the book of " + entries_[model::index_of(id)].symbol + " failed: " + std::string{what});
}

// As the server does: what is lost has to be asked for, what lives again by itself has not. A live stream whose books
// have refused their snapshots is not whole.
void books::stream_changed(const tp_stream& stream) {
  if (stream.state == TP_STREAM_GAP && gaps_.size() < most_wishes) gaps_.emplace(stream.channel, stream.instrument);
  if (stream.state == TP_STREAM_LIVE || stream.state == TP_STREAM_LOST || stream.state == TP_STREAM_RESTARTED)
    close_gaps(stream.channel, stream.instrument);
  if (stream.state == TP_STREAM_LOST) resynchronise_wanted(stream.channel, stream.instrument, {});
  if (stream.state != TP_STREAM_LIVE) return;
  if (stream.from == 0 && !feed_->is_whole(stream.channel, stream.instrument)) return;
  std::erase_if(wishes_, [&](const auto& wish) {
    return wish.first.first == stream.channel &&
           (stream.instrument == TP_ALL || wish.first.second == stream.instrument);
  });
}

/// What was a gap is filled, or more than a gap, or past.
void books::close_gaps(uint32_t channel, uint32_t number) {
  if (gaps_.empty()) return;
  std::erase_if(gaps_, [&](const auto& gap) {
    return gap.first == channel && (number == TP_ALL || gap.second == TP_ALL || gap.second == number);
  });
}

void books::lend() {
  for (const uint32_t index : to_lend_) {
    auto& entry = entries_[index];
    engines_[index] = entry.engine.get();
    entry.is_lent = true;
    feed_->engine_lent(static_cast<model::instrument_id>(index));
    lent_.push_back(entry.number);
  }
  to_lend_.clear();
}

bool books::resynchronise(plugin::venue_host& host, uint64_t now_ns) {
  const auto due = std::ranges::find_if(wishes_, [&](const auto& wish) { return wish.second <= now_ns; });
  if (due == wishes_.end()) return false;
  const auto key = due->first;
  wishes_.erase(due);
  ++asked_;
  const int32_t answer = host.resynchronise(key.first, key.second, now_ns);
  if (answer == TP_E_UNSUPPORTED) {
    unsupported_.insert(key);
    // What cannot be had for one may be had for all.
    if (key.second != TP_ALL)
      resynchronise_wanted(key.first, TP_ALL, {});
    else
      note("channel " + std::to_string(key.first) + " cannot be resynchronised by this plugin in this capture");
  } else if (answer == TP_E_AGAIN || answer == TP_E_DOWN || answer == TP_E_LIMIT) {
    wishes_.insert_or_assign(key, now_ns + retry_ns);
  }
  return true;
}

void books::refuse_snapshot(uint32_t channel, uint32_t number, uint64_t now_ns) {
  static constexpr std::string_view why = "its snapshot was refused";
  feed_->stream(tp_stream{sizeof(tp_stream), channel, number, TP_STREAM_LOST, 0, 0, {why.data(), why.size()}});
  const std::pair key{channel, number};
  if (const auto wish = wishes_.find(key); wish != wishes_.end())
    wish->second = now_ns + (retry_ns << std::min(refusals_[key]++, most_doublings));
  stirred_ = true;
}

uint64_t books::next_wish_ns() const {
  uint64_t next = UINT64_MAX;
  for (const auto& [key, due] : wishes_) next = std::min(next, due);
  return next;
}

void books::publish_dirty(uint64_t now_ns) {
  // A book that is half-way through a venue event lists itself again at its end.
  for (const auto id : dirty_.ids())
    if (auto& engine = *entries_[model::index_of(id)].engine; engine.is_due()) engine.publish(scratch_, now_ns);
  dirty_.ids().clear();
}

const book::engine* books::of_number(uint32_t number) const {
  if (number >= by_number_.size() || by_number_[number] == none) return nullptr;
  const auto& entry = entries_[by_number_[number]];
  return entry.is_lent ? entry.engine.get() : nullptr;
}

} // namespace tickplant::replay
