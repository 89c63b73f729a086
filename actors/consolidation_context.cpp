#include "actors/consolidation_context.hpp"

#include "actors/atoms.hpp"
#include "actors/consolidated_book.hpp"
#include "actors/supervisor.hpp"
#include "runtime/model/decimal.hpp"
#include "runtime/telemetry/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace tickplant::actors {

namespace {

using core = consolidation::consolidated_book;
using consolidation::listing;

constexpr std::string_view component = "consolidation";
constexpr const char* restarting = "the consolidated book is being started anew";

std::string child_name(std::string_view symbol) {
  return std::string{consolidation::venue_name} + ':' + std::string{symbol};
}

/// Whether a book of one can go on as a book of the other.
bool is_same(const listing& a, const listing& b) {
  const auto scale = [](const model::instrument& i) { return std::pair{i.price_exponent, i.quantity_exponent}; };
  if (scale(*a.instrument) != scale(*b.instrument) || a.instrument->currency != b.instrument->currency) return false;
  return std::equal(a.legs.begin(), a.legs.end(), b.legs.begin(), b.legs.end(),
                    [&](const consolidation::leg& x, const consolidation::leg& y) {
                      return x.id == y.id && x.price_scale == y.price_scale && x.quantity_scale == y.quantity_scale &&
                             scale(*x.instrument) == scale(*y.instrument);
                    });
}

listing every_listing() {
  model::instrument every;
  every.venue = consolidation::venue_name;
  every.symbol = consolidation::every_symbol;
  every.book = TP_BOOK_NONE;
  listing made;
  made.name = consolidation::every_symbol;
  made.instrument = std::make_shared<const model::instrument>(std::move(every));
  return made;
}

void log_signal(const book::signal& s) {
  static constexpr std::string_view phases[] = {"", "start", "change", "end"};
  const auto& shown = *s.instrument;
  const auto side = [&](const model::instrument& at, int64_t price) {
    return at.venue + ':' + at.symbol + ' ' + model::to_text(price, shown.price_exponent);
  };
  std::string text{phases[static_cast<size_t>(s.what)]};
  text += ' ' + s.key + (s.is_locked ? " locked: buy " : " crossed: buy ") + side(*s.buy_at, s.buy_price) + ", sell " +
          side(*s.sell_at, s.sell_price);
  if (s.quantity != TP_NONE) text += ", size " + model::to_text(s.quantity, shown.quantity_exponent);
  text += ", " + model::to_text(s.edge_bps, -4) + " bp, " + model::to_text(s.net_edge_bps, -4) + " after fees, " +
          std::to_string(s.duration_ns / 1'000) + " us";
  if (!s.reason.empty()) text += ": " + s.reason;
  // Changes come as often as the market moves.
  const bool is_change = s.what == book::signal::phase::change;
  telemetry::log(is_change ? telemetry::level::debug : telemetry::level::info, "arbitrage", text);
}

} // namespace

consolidation_context::consolidation_context(feed_context& home_loop, uint32_t feed_count, consolidation::rules rules)
  : home(home_loop), feed_count_(feed_count), place_(home_loop.add_venue(std::string{consolidation::venue_name})),
    feeds_(feed_count) {
  names_.set_rules(std::move(rules));
  books.on_lent = [this](size_t index) { on_lent(static_cast<uint32_t>(index)); };
  books.on_withdrawn = [this](size_t index) { on_withdrawn(static_cast<uint32_t>(index)); };
  home.legs.directly = [this](model::instrument_id id, const book::top_state& state) { see(id, state); };
  home.consolidation = this;
  home.publisher.set_consolidated(shown_);
  const auto every = every_listing();
  const auto id = home.define(place_, *every.instrument);
  every_ = std::make_unique<core>(id, every, consolidation::arbitrage_rules{}, home.next_epoch());
  every_->settle(0, 0);
  put(model::index_of(id), every_.get());
  check_complete();
}

void consolidation_context::put(uint32_t index, core* book) {
  if (index >= shown_.size()) shown_.resize(index + 1);
  shown_[index] = book;
}

const listing* consolidation_context::listing_of(model::instrument_id id) const {
  const auto found = entries_.find(model::index_of(id));
  return found == entries_.end() ? nullptr : &found->second.made_of;
}

bool consolidation_context::owns(model::instrument_id id) const {
  return model::index_of(id) < shown_.size() && shown_[model::index_of(id)] != nullptr;
}

// ---- which books there are ----

void consolidation_context::set_rules(consolidation::rules rules) {
  const bool is_other = rules.arbitrage != names_.current().arbitrage;
  names_.set_rules(std::move(rules));
  update();
  for (auto& [index, of] : entries_) {
    if (auto* book = books.find(index); book && is_other) {
      book->change(of.made_of, names_.current().arbitrage, home.loop.monotonic_ns(), home.loop.wall_ns());
      show_legs(index, of);
    }
    watch_legs(of.made_of);
  }
  send_watches();
  check_complete();
}

void consolidation_context::started(const consolidator_actor& consolidator) {
  consolidator_ = consolidator;
}

void consolidation_context::supervised_by(const caf::actor& supervisor) {
  supervisor_ = supervisor;
  for (const auto& [name, id] : by_name_) start_child(id, name);
}

void consolidation_context::join(uint32_t feed, const feed_loop_actor& actor) {
  feeds_[feed] = actor;
  caf::anon_send(actor, consolidator_joined{consolidator_});
  // It has forgotten what was watched.
  for (auto& [index, place] : legs_)
    if (index % feed_count_ == feed) place.watched.reset();
  for (auto& [index, place] : legs_)
    if (index % feed_count_ == feed) watch(index, place);
  send_watches();
}

void consolidation_context::apply(const directory_news& news) {
  if (news.is_whole) { // what has gone while nobody listened
    std::set<uint32_t> told;
    for (const auto& [id, instrument] : news.added) told.insert(model::index_of(id));
    for (auto at = instruments_.begin(); at != instruments_.end();) {
      const auto index = *at;
      if (index % feed_count_ != news.feed || told.contains(index)) {
        ++at;
        continue;
      }
      names_.remove(model::instrument_id{index});
      at = instruments_.erase(at);
    }
  }
  for (const auto& [id, instrument] : news.added) {
    if (instrument->venue == consolidation::venue_name) continue;
    names_.add(id, instrument);
    instruments_.insert(model::index_of(id));
  }
  for (const auto id : news.removed) {
    names_.remove(id);
    instruments_.erase(model::index_of(id));
  }
  for (const auto& venue : news.complete) complete_[venue] = true;
  for (const auto& venue : news.incomplete) complete_[venue] = false;
  update();
  check_complete();
}

// A name of ours that is not known may come for as long as a venue has not told all its symbols.
void consolidation_context::check_complete() {
  const auto& venues = names_.current().venues;
  home.set_complete(place_, std::all_of(venues.begin(), venues.end(), [this](const std::string& venue) {
                      const auto found = complete_.find(venue);
                      return found != complete_.end() && found->second;
                    }));
}

void consolidation_context::update() {
  for (const auto& name : names_.take_changed()) update(name);
  send_watches();
}

void consolidation_context::update(const std::string& name) {
  auto made = names_.make(name);
  tell_left_out(made);
  const auto known = by_name_.find(name);
  if (known == by_name_.end()) {
    if (made.instrument) start(name, std::move(made));
    return;
  }
  const auto id = known->second;
  if (!made.instrument) return retire(name, id);
  auto& of = entries_.at(model::index_of(id));
  if (!is_same(of.made_of, made)) change(id, of, std::move(made));
}

void consolidation_context::tell_left_out(const listing& made) {
  std::string text;
  for (const auto& [leg, why] : made.left_out) text += (text.empty() ? "" : "; ") + leg + " is left out: " + why;
  auto& told = left_out_[made.name];
  if (told != text && !text.empty())
    telemetry::log(telemetry::level::info, component, child_name(made.name) + ": " + text);
  if (text.empty())
    left_out_.erase(made.name);
  else
    told = std::move(text);
}

void consolidation_context::start(const std::string& name, listing made_of) {
  const auto id = home.define(place_, *made_of.instrument);
  const auto index = model::index_of(id);
  by_name_[name] = id;
  auto& of = entries_[index];
  of.made_of = std::move(made_of);
  on_withdrawn(index); // a stand-in until its book is there
  link(index, of.made_of);
  start_child(id, name);
}

void consolidation_context::start_child(model::instrument_id id, const std::string& name) {
  if (!supervisor_) return;
  child_spec spec;
  spec.id = child_name(name);
  spec.start = [this, id] {
    return caf::actor_cast<caf::strong_actor_ptr>(spawn_on(home.loop, actors::consolidated_book, this, id));
  };
  spec.restart = supervision::restart::transient;
  caf::anon_send(supervisor_, atom::start_child_v, std::move(spec));
}

void consolidation_context::change(model::instrument_id id, entry& of, listing made_of) {
  const auto index = model::index_of(id);
  unlink(index, of.made_of);
  of.made_of = std::move(made_of);
  home.define(place_, *of.made_of.instrument);
  link(index, of.made_of);
  if (auto* book = books.find(index))
    book->change(of.made_of, names_.current().arbitrage, home.loop.monotonic_ns(), home.loop.wall_ns());
  show_legs(index, of);
}

void consolidation_context::retire(const std::string& name, model::instrument_id id) {
  const auto index = model::index_of(id);
  auto& of = entries_.at(index);
  end_open(of, "the instrument is no longer consolidated");
  unlink(index, of.made_of);
  by_name_.erase(name);
  entries_.erase(index);
  put(index, nullptr);
  home.retire(id);
  if (supervisor_) caf::anon_send(supervisor_, atom::stop_child_v, child_name(name));
}

// ---- legs ----

void consolidation_context::link(uint32_t index, const listing& made_of) {
  for (size_t i = 0; i < made_of.legs.size(); ++i)
    legs_[model::index_of(made_of.legs[i].id)].books.emplace_back(index, i);
  watch_legs(made_of);
}

void consolidation_context::unlink(uint32_t index, const listing& made_of) {
  for (const auto& leg : made_of.legs)
    std::erase_if(legs_[model::index_of(leg.id)].books, [&](const auto& of) { return of.first == index; });
  watch_legs(made_of);
  for (const auto& leg : made_of.legs) {
    const auto found = legs_.find(model::index_of(leg.id));
    if (found != legs_.end() && found->second.books.empty()) legs_.erase(found);
  }
}

void consolidation_context::watch_legs(const listing& made_of) {
  for (const auto& leg : made_of.legs) {
    const auto found = legs_.find(model::index_of(leg.id));
    if (found != legs_.end()) watch(found->first, found->second);
  }
}

// Legs are watched while somebody listens, or always where opportunities are looked for.
void consolidation_context::watch(uint32_t leg, leg_place& place) {
  std::optional<uint32_t> wanted;
  for (const auto& [index, number] : place.books) {
    const auto* instrument = home.find(model::instrument_id{index});
    const auto all = instrument ? instrument->all() : book::interest{};
    if (all.want != 0 || names_.current().arbitrage.is_on) wanted = std::max(wanted.value_or(0), all.depth);
  }
  if (wanted == place.watched) return;
  place.watched = wanted;
  auto& news = watches_[leg % feed_count_];
  if (wanted) {
    news.watch.emplace_back(model::instrument_id{leg}, *wanted);
  } else {
    news.forget.push_back(model::instrument_id{leg});
    place.is_known = false;
  }
}

void consolidation_context::send_watches() {
  for (auto& [feed, news] : std::exchange(watches_, {}))
    if (feeds_[feed]) caf::anon_send(feeds_[feed], std::move(news));
}

void consolidation_context::see(model::instrument_id leg, const book::top_state& state) {
  const auto found = legs_.find(model::index_of(leg));
  if (found == legs_.end()) return;
  auto& place = found->second;
  place.last = state;
  place.is_known = true;
  for (const auto& [index, number] : place.books) {
    auto* book = books.find(index);
    if (!book) continue;
    try {
      book->take(number, state);
      touch(index, entries_.at(index));
    } catch (const std::exception& fault) {
      books.fault(index, fault.what());
    }
  }
}

/// Tells a book anew what its legs last showed.
void consolidation_context::show_legs(uint32_t index, entry& of) {
  auto* book = books.find(index);
  if (!book) return;
  for (size_t i = 0; i < of.made_of.legs.size(); ++i) {
    const auto& place = legs_.at(model::index_of(of.made_of.legs[i].id));
    if (place.is_known) book->take(i, place.last);
  }
  touch(index, of);
}

// ---- books ----

void consolidation_context::on_lent(uint32_t index) {
  const auto found = entries_.find(index);
  if (found == entries_.end()) return;
  auto& of = found->second;
  auto* book = books.find(index);
  of.stand_in.reset();
  of.epoch = book->epoch();
  of.brief = 0;
  put(index, book);
  if (const auto* instrument = home.find(model::instrument_id{index})) book->set_interest(instrument->all());
  show_legs(index, of);
}

// Clients keep what they have, and are told that it is stale.
void consolidation_context::on_withdrawn(uint32_t index) {
  const auto found = entries_.find(index);
  if (found == entries_.end()) return;
  auto& of = found->second;
  const model::instrument_id id{index};
  const bool had_book = of.epoch != 0;
  if (!had_book) of.epoch = home.next_epoch();
  of.stand_in = std::make_unique<core>(id, of.made_of, consolidation::arbitrage_rules{}, of.epoch);
  if (had_book) of.stand_in->abandon(restarting);
  put(index, of.stand_in.get());
  if (const auto* instrument = home.find(id)) of.stand_in->set_interest(instrument->all());
  if (of.stand_in->has_to_be_listed()) home.dirty.add(id);
  end_open(of, restarting);
}

/// Of a book that cannot tell the end any more.
void consolidation_context::end_open(entry& of, const char* why) {
  if (!of.open) return;
  auto last = *of.open;
  last.what = book::signal::phase::end;
  last.reason = why;
  last.wall_ns = home.loop.wall_ns();
  last.duration_ns = last.wall_ns - std::min(last.wall_ns, last.start_ns);
  ++last.number;
  emit(of, std::move(last));
}

void consolidation_context::interest_changed(model::instrument_id id, const book::interest& wanted) {
  const auto index = model::index_of(id);
  auto* shown = shown_[index];
  if (const auto owner = books.owner(index)) {
    caf::anon_send(caf::actor_cast<consolidated_book_actor>(owner), interest_change{wanted});
  } else {
    shown->set_interest(wanted);
    if (shown->has_to_be_listed()) home.dirty.add(id);
  }
  const auto found = entries_.find(index);
  if (found == entries_.end()) return;
  watch_legs(found->second.made_of);
  send_watches();
}

void consolidation_context::touch(uint32_t index, entry& of) {
  if (std::exchange(of.is_touched, true)) return;
  touched_.push_back(index);
}

void consolidation_context::refresh() {
  if (touched_.empty()) return;
  for (size_t i = 0; i < touched_.size(); ++i) {
    const auto found = entries_.find(touched_[i]);
    if (found == entries_.end()) continue;
    found->second.is_touched = false;
    try {
      settle(touched_[i], found->second);
    } catch (const std::exception& fault) {
      books.fault(touched_[i], fault.what());
    }
  }
  touched_.clear();
}

void consolidation_context::settle(uint32_t index, entry& of) {
  auto* book = books.find(index);
  if (!book) return;
  book->settle(home.loop.monotonic_ns(), home.loop.wall_ns());
  if (book->has_to_be_listed()) home.dirty.add(book->id());
  counts_.brief += book->arbitrage().brief() - std::exchange(of.brief, book->arbitrage().brief());
  if (!book->signals().empty())
    for (auto& signal : std::exchange(book->signals(), {})) emit(of, std::move(signal));
  if (book->deadline_ns() == UINT64_MAX) return;
  if (!std::exchange(of.is_timed, true)) timed_.push_back(index);
  arm(book->deadline_ns());
}

void consolidation_context::arm(uint64_t deadline_ns) {
  if (deadline_ns >= armed_for_ns_) return;
  armed_for_ns_ = deadline_ns;
  const uint64_t now = home.loop.monotonic_ns();
  home.loop.after(caf::timespan{static_cast<int64_t>(deadline_ns > now ? deadline_ns - now : 0)}, [this, deadline_ns] {
    if (armed_for_ns_ != deadline_ns) return; // an earlier one took its place
    armed_for_ns_ = UINT64_MAX;
    on_timer();
  });
}

void consolidation_context::on_timer() {
  for (const auto index : std::exchange(timed_, {})) {
    const auto found = entries_.find(index);
    if (found == entries_.end()) continue;
    found->second.is_timed = false;
    touch(index, found->second);
  }
  home.publish();
}

void consolidation_context::emit(entry& of, book::signal signal) {
  using phase = book::signal::phase;
  signal.all = every_->id();
  if (signal.what == phase::start) ++counts_.starts;
  if (signal.what == phase::change) ++counts_.changes;
  if (signal.what == phase::end) ++counts_.ends;
  log_signal(signal);
  if (signal.what == phase::end)
    of.open.reset();
  else
    of.open = signal;
  home.publisher.add_signal(std::make_shared<const book::signal>(std::move(signal)));
}

consolidation_counts consolidation_context::counts() const {
  auto counts = counts_;
  for (const auto& [index, of] : entries_) {
    const auto* book = books.find(index);
    ++(book ? counts.books : counts.lost_books);
    if (book && book->state() != book::trust::ok) ++counts.stale_books;
    if (of.open) ++counts.open;
  }
  counts.lost_signals = home.publisher.lost_signals();
  return counts;
}

} // namespace tickplant::actors
