#include "runtime/book/feed.hpp"

#include "runtime/book/feed_parts.hpp"

#include <algorithm>

namespace tickplant::book {
namespace {

std::string_view view_of(tp_str text) {
  return text.data == nullptr ? std::string_view{} : std::string_view{text.data, text.size};
}

} // namespace

std::string_view name_of(refusal reason) {
  switch (reason) {
    case refusal::unknown_instrument: return "unknown_instrument";
    case refusal::unknown_order: return "unknown_order";
    case refusal::duplicate_order: return "duplicate_order";
    case refusal::bad_price: return "bad_price";
    case refusal::bad_quantity: return "bad_quantity";
    case refusal::bad_side: return "bad_side";
    case refusal::over_execution: return "over_execution";
    case refusal::stale_sequence: return "stale_sequence";
    case refusal::hold_overflow: return "hold_overflow";
    case refusal::unknown_kind: return "unknown_kind";
    case refusal::outside_band: return "outside_band";
    case refusal::check_failed: return "check_failed";
    case refusal::limit: return "limit";
    case refusal::count_: break;
  }
  return "unknown";
}

// ---- feed::parts ----

feed::parts::parts(feed_options options_, engine_table& engines_, dirty_list& dirty_, feed_owner& owner_)
  : options(std::move(options_)), engines(engines_), dirty(dirty_), owner(owner_),
    memory(std::min<size_t>(options.orders, UINT32_MAX - 1), std::min<size_t>(options.levels, UINT32_MAX - 1)),
    texts(options.texts), nobody(model::instrument_id{}, nullptr, 0, dirty_), books{&nobody} {
  memory.orders.open();
  memory.levels.open();
  make_present(options.present);
}

/// Shares as they come about at a venue of orders: 4 bytes for each reference that lies between the oldest order and
/// the newest, 32 for each order; some thousand for each side of a book.
void feed::parts::make_present(size_t bytes) {
  if (bytes == 0) return;
  const bool has_orders = options.order_refs != TP_REFS_NONE;
  const size_t sixteenth = bytes / 16;
  memory.blocks.make_present(sixteenth * (has_orders ? 1 : 8));
  memory.levels.make_present(sixteenth * (has_orders ? 1 : 8));
  if (!has_orders) return;
  memory.orders.make_present(sixteenth * 6);
  first_index.emplace(options.order_refs == TP_REFS_DENSE, most_index_pages, &memory.is_short);
  first_index->make_present(sixteenth * 8);
}

feed::parts::~parts() {
  for (binding& b : bindings)
    if (b.instrument != nullptr && b.book != nullptr) {
      b.book->distrust(trust::stale, "venue adapter gone");
      detach(*channel_of(b.instrument->channel), b);
    }
}

channel_state* feed::parts::other_channel(uint32_t number) {
  const auto at = channels.find(number);
  if (at == channels.end()) return nullptr;
  return last_channel = at->second.get();
}

channel_state& feed::parts::open_channel(uint32_t number) {
  if (channel_state* known = channel_of(number)) return *known;
  auto made = std::make_unique<channel_state>(number, options.order_refs == TP_REFS_DENSE, memory, options.hold_events);
  if (first_index) {
    made->store.index = std::move(*first_index);
    first_index.reset();
  }
  return *channels.emplace(number, std::move(made)).first->second;
}

// ---- feed ----

feed::feed(feed_options options, engine_table& engines, dirty_list& dirty, feed_owner& owner)
  : parts_(std::make_unique<parts>(std::move(options), engines, dirty, owner)), received_ns_(&parts_->received_ns),
    is_short_(&parts_->memory.is_short) {}

feed::~feed() = default;

void feed::make_memory() {
  parts& p = *parts_;
  p.memory.is_short = false;
  try {
    p.memory.orders.make_ready();
    p.memory.levels.make_ready();
    p.memory.blocks.make_ready();
    p.memory.far.make_ready();
    for (const auto& [number, channel] : p.channels) channel->store.index.make_ready();
  } catch (const std::bad_alloc&) { // it comes when it is touched, or whoever touches it fails
  }
}

int32_t feed::define(const tp_instrument& definition) {
  return parts_->define(definition);
}

void feed::retire(uint32_t number) {
  parts& p = *parts_;
  if (number >= p.bindings.size() || p.bindings[number].instrument == nullptr) return;
  const bool was_wanted = p.bindings[number].is_wanted;
  const model::instrument_id id = p.bindings[number].id;
  p.unbind(number);
  if (was_wanted) p.owner.instrument_retired(id);
}

void feed::stream(const tp_stream& s) {
  parts& p = *parts_;
  const bool is_all = s.instrument == TP_ALL;
  // A channel is known by its instruments, or because it says that it is live before it names one.
  channel_state* c = p.channel_of(s.channel);
  if (c == nullptr && is_all && s.state == TP_STREAM_LIVE && p.channels.size() < most_instruments)
    c = &p.open_channel(s.channel);
  std::vector<uint32_t> chosen;
  if (c != nullptr && is_all)
    chosen = c->numbers;
  else if (c != nullptr && std::find(c->numbers.begin(), c->numbers.end(), s.instrument) != c->numbers.end())
    chosen = {s.instrument};
  const std::string_view reason = view_of(s.reason);
  if (c != nullptr) switch (s.state) {
      case TP_STREAM_LIVE:
        if (is_all) {
          c->is_up = true;
          c->is_complete |= s.from != 0;
        }
        p.live_from(*c, chosen, s.from);
        break;
      case TP_STREAM_LOST:
        if (is_all) c->forget();
        for (const uint32_t number : chosen) p.lose(number, reason.empty() ? "data was lost" : reason);
        break;
      case TP_STREAM_RESTARTED:
        if (is_all) {
          c->forget();
          c->gone_through = 0;
        }
        for (const uint32_t number : chosen)
          p.restart(*c, p.bindings[number], reason.empty() ? "the channel began anew" : reason);
        break;
      case TP_STREAM_RENUMBERED:
        if (is_all) c->gone_through = 0;
        for (const uint32_t number : chosen) p.renumber(p.bindings[number]);
        break;
      case TP_STREAM_DIRECTORY: p.owner.directory_complete(s.channel); break;
      case TP_STREAM_SILENT:
        if (p.options.silence_is_stale) p.silence(chosen, reason.empty() ? "nothing heard from the venue" : reason);
        break;
      default:
        break; // a gap may heal, and a closed session's books are right: the owner is told, they stay as they are
    }
  else if (s.state == TP_STREAM_DIRECTORY)
    p.owner.directory_complete(s.channel); // a channel without instruments
  p.owner.stream_changed(s);
}

uint32_t feed::text(std::string_view text) {
  return parts_->texts.intern(text);
}

void feed::engine_lent(model::instrument_id id) {
  parts& p = *parts_;
  const auto at = p.numbers.find(model::index_of(id));
  const uint32_t index = model::index_of(id);
  if (at == p.numbers.end() || index >= p.engines.size() || p.engines[index] == nullptr) return;
  binding& b = p.bindings[at->second];
  book_state* book = p.engines[index]->parts_.get();
  if (b.book == book) return;
  if (b.book != nullptr) p.forget_book(at->second);
  channel_state& c = *p.channel_of(b.instrument->channel);
  if (b.at == stage::live) p.adopt_unresolved(c, {&at->second, 1});
  if (!c.named.empty())
    c.holds.each(b.held, [&](const tp_event& e) { c.named.erase(e.kind == TP_EV_ADD ? e.order : e.ref); });
  p.attach(c, b, *book);
  p.guarded(b, [&] {
    if (b.at == stage::live || (!b.has_levels() && c.is_up)) {
      p.begin_complete(c, b, 0);
      p.judge_unresolved(c);
      return;
    }
    // A first engine takes what was held, with the marks of a snapshot among it; a successor has missed the orders
    // that its forerunner knew.
    b.begun_at = 0;
    p.replay(c, b, 0);
    p.judge_unresolved(c);
    if (b.had_book && b.has_levels() && b.at != stage::live)
      p.owner.resynchronise_wanted(c.number, at->second, "the book was started anew");
  });
}

void feed::engine_withdrawn(model::instrument_id id) {
  parts& p = *parts_;
  if (const auto at = p.numbers.find(model::index_of(id)); at != p.numbers.end())
    if (p.bindings[at->second].book != nullptr) p.forget_book(at->second);
}

std::optional<uint32_t> feed::number_of(model::instrument_id id) const {
  const auto at = parts_->numbers.find(model::index_of(id));
  return at == parts_->numbers.end() ? std::nullopt : std::optional{at->second};
}

uint32_t feed::channel_of(uint32_t number) const {
  const parts& p = *parts_;
  return number < p.bindings.size() && p.bindings[number].instrument != nullptr ? p.bindings[number].instrument->channel
                                                                                : TP_ALL;
}

std::vector<uint32_t> feed::lost_books(uint32_t channel) const {
  std::vector<uint32_t> lost;
  const auto at = parts_->channels.find(channel);
  if (at == parts_->channels.end()) return lost;
  for (const uint32_t number : at->second->numbers)
    if (!is_whole(channel, number)) lost.push_back(number);
  return lost;
}

bool feed::is_whole(uint32_t channel, uint32_t number) const {
  if (number == TP_ALL) return lost_books(channel).empty();
  if (number >= parts_->bindings.size()) return true;
  const binding& b = parts_->bindings[number];
  if (b.instrument == nullptr || !b.is_wanted || b.book == nullptr || !b.has_levels()) return true;
  return b.at == stage::live || b.instrument->channel != channel;
}

std::string_view feed::text_of(uint32_t handle) const {
  return parts_->texts.text_of(handle);
}
const feed_counters& feed::counters() const {
  return parts_->counters;
}
uint64_t feed::hidden_tops() const {
  return parts_->memory.hidden_tops;
}
book_counts feed::books() const {
  book_counts counts;
  for (const binding& b : parts_->bindings) {
    if (!b.is_wanted) continue;
    const trust state = b.book == nullptr ? trust::awaiting : b.book->state;
    const bool is_stale = state == trust::stale && b.book->is_wanted;
    ++(state == trust::ok ? counts.live : is_stale ? counts.stale : counts.awaiting);
  }
  return counts;
}
uint64_t feed::live_orders() const {
  return parts_->memory.orders.in_use();
}

} // namespace tickplant::book
