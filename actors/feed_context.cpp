#include "actors/feed_context.hpp"

#include "actors/atoms.hpp"
#include "actors/consolidation_context.hpp"
#include "actors/delivery_trace.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace tickplant::actors {

book::interest instrument_place::all() const {
  book::interest together;
  for (const auto& [hub, one] : wanted) {
    together.want |= one.want;
    together.depth = std::max(together.depth, one.depth);
    together.tape |= one.tape;
  }
  return together;
}

book::interest instrument_place::at_venue() const {
  auto together = all();
  together.want |= watched.want;
  together.depth = std::max(together.depth, watched.depth);
  return together;
}

feed_context::feed_context(actor_loop& home, uint32_t feed_number, uint32_t feed_count, uint64_t started_ns)
  : loop(home), number(feed_number), publisher(books.cores(), dirty), legs(books, dirty, feed_number),
    next_id_(feed_number), stride_(feed_count), epoch_(started_ns / 1'000) {
  books.on_lent = [this](size_t index) {
    const model::instrument_id id{static_cast<uint32_t>(index)};
    tell_book(id);
    legs.lent(id);
    auto* place = find(id);
    if (!place) return;
    const auto& venue = *venues[place->venue];
    if (!venue.suspension.empty()) books.cores()[index]->mark_stale(venue.suspension);
    if (venue.feed) venue.feed->engine_lent(id);
    // A book that has to be asked for shall not wait for the next packet.
    if (venue.adapter && books.cores()[index]->state() != book::trust::ok)
      caf::anon_send(venue.adapter, interest_news{});
  };
  books.on_withdrawn = [this](size_t index) {
    const model::instrument_id id{static_cast<uint32_t>(index)};
    auto* place = find(id);
    if (!place) return;
    withdrawn_.push_back(id);
    if (auto* feed = venues[place->venue]->feed) feed->engine_withdrawn(id);
    legs.withdrawn(id);
  };
}

venue_place& feed_context::add_venue(std::string name) {
  for (auto& venue : venues)
    if (venue->is_removed && venue->name == name) {
      venue->is_removed = false;
      return *venue;
    }
  venues.push_back(std::make_unique<venue_place>());
  venues.back()->name = std::move(name);
  return *venues.back();
}

void feed_context::remove_venue(venue_place& venue) {
  set_complete(venue, false, std::vector<model::instrument_id>{venue.instruments});
  venue.is_removed = true;
}

model::instrument_id feed_context::define(venue_place& venue, const model::instrument& instrument) {
  const auto position = static_cast<size_t>(
    std::find_if(venues.begin(), venues.end(), [&](const auto& v) { return v.get() == &venue; }) - venues.begin());
  const std::pair key{position, instrument.symbol};
  auto known = by_symbol_.find(key);
  if (known == by_symbol_.end()) {
    const model::instrument_id id{next_id_};
    next_id_ += stride_;
    known = by_symbol_.emplace(key, id).first;
    venue.instruments.push_back(id);
  }
  auto& place = instruments_[model::index_of(known->second)];
  place.venue = position;
  place.is_retired = false;
  place.instrument = std::make_shared<const model::instrument>(instrument);
  directory_news news;
  news.added.emplace_back(known->second, place.instrument);
  announce(news);
  return known->second;
}

bool feed_context::drop(model::instrument_id id) {
  auto* place = find(id);
  if (!place || place->is_retired) return false;
  place->is_retired = true;
  auto& venue = *venues[place->venue];
  std::erase(venue.instruments, id);
  by_symbol_.erase({place->venue, place->instrument->symbol});
  if (venue.books) caf::anon_send(venue.books, atom::stop_child_v, place->instrument->symbol);
  return true;
}

void feed_context::retire(model::instrument_id id) {
  if (!drop(id)) return;
  directory_news news;
  news.removed.push_back(id);
  announce(news);
}

void feed_context::set_complete(venue_place& venue, bool complete, const std::vector<model::instrument_id>& gone) {
  directory_news news;
  for (const auto id : gone)
    if (drop(id)) news.removed.push_back(id);
  if (std::exchange(venue.is_complete, complete) != complete)
    (complete ? news.complete : news.incomplete).push_back(venue.name);
  else if (news.removed.empty())
    return;
  announce(news);
}

instrument_place* feed_context::find(model::instrument_id id) {
  const auto found = instruments_.find(model::index_of(id));
  return found == instruments_.end() ? nullptr : &found->second;
}

void feed_context::suspend(venue_place& venue, std::string why) {
  venue.suspension = std::move(why);
  if (venue.feed) return; // somebody feeds them: they stand as he says
  const auto reason = venue.suspension.empty() ? std::string{"the venue is being tried again"} : venue.suspension;
  for (const auto id : venue.instruments)
    if (auto* core = books.find(model::index_of(id)); core && core->state() != book::trust::ok)
      core->mark_stale(reason);
}

// A book that has died publishes nothing any more, and its clients must not take its last state for a good one. One
// that was replaced in the same turn speaks for itself.
void feed_context::announce_lost_books() {
  directory_news news;
  for (const auto id : std::exchange(withdrawn_, {}))
    if (auto* place = find(id); place && !place->is_retired && !books.find(model::index_of(id))) {
      const auto& why = venues[place->venue]->suspension;
      news.lost.emplace_back(id, why.empty() ? "its book is being started again" : why);
    }
  if (!news.lost.empty()) announce(news);
}

void feed_context::announce(const directory_news& news) {
  for (const auto& [hub_number, hub] : hubs) caf::anon_send(hub, news);
  if (legs.consolidator()) caf::anon_send(legs.consolidator(), news);
}

directory_news feed_context::whole_directory() const {
  directory_news news;
  for (const auto& venue : venues) {
    if (venue->is_removed) continue;
    for (const auto id : venue->instruments)
      news.added.emplace_back(id, instruments_.at(model::index_of(id)).instrument);
    (venue->is_complete ? news.complete : news.incomplete).push_back(venue->name);
  }
  news.is_whole = true;
  news.feed = number;
  return news;
}

void feed_context::join(uint32_t hub_number, const hub_actor& hub) {
  hubs[hub_number] = hub;
  for (auto& [index, place] : instruments_) place.wanted.erase(hub_number); // a new hub tells its interest anew
  publisher.set_hub(hub_number, [feed = number, hub](const book::publication_batch_ptr& batch) {
    caf::anon_send(hub, feed_batch{feed, batch});
  });
  caf::anon_send(hub, whole_directory());
}

void feed_context::join(const consolidator_actor& consolidator) {
  for (auto& [index, place] : instruments_) place.watched = {}; // it tells what it watches anew
  legs.join(consolidator);
  caf::anon_send(consolidator, whole_directory());
}

void feed_context::change_watch(const watch_news& news) {
  std::map<size_t, interest_news> by_venue;
  const auto change = [&](model::instrument_id id, const book::interest& wanted) {
    auto* place = find(id);
    if (!place || place->is_retired) return;
    place->watched = wanted;
    by_venue[place->venue].updates.push_back({id, place->at_venue()});
  };
  for (const auto id : news.forget) {
    legs.forget(id);
    change(id, {});
  }
  for (const auto& [id, depth] : news.watch) {
    legs.watch(id, depth);
    change(id, {static_cast<uint32_t>(TP_WANT_QUOTE | TP_WANT_TRADES | (depth > 0 ? TP_WANT_BOOK : 0)), depth});
  }
  for (auto& [venue, changes] : by_venue)
    if (venues[venue]->adapter) caf::anon_send(venues[venue]->adapter, std::move(changes));
}

void feed_context::tell_book(model::instrument_id id) {
  const auto* place = find(id);
  if (!place) return;
  if (const auto owner = books.owner(model::index_of(id)))
    caf::anon_send(caf::actor_cast<symbol_book_actor>(owner), interest_change{place->all()});
}

void feed_context::change_interest(uint32_t hub_number, const std::vector<fanout::interest_update>& updates) {
  std::map<size_t, interest_news> by_venue;
  for (const auto& update : updates) {
    auto* place = find(update.id);
    if (!place || place->is_retired) continue;
    if (update.wanted.want == 0)
      place->wanted.erase(hub_number);
    else
      place->wanted[hub_number] = update.wanted;
    tell_book(update.id); // even if the union stays: the hub that asked needs the present state
    if (consolidation && consolidation->owns(update.id))
      consolidation->interest_changed(update.id, place->all());
    else
      by_venue[place->venue].updates.push_back({update.id, place->at_venue()});
  }
  for (auto& [venue, news] : by_venue)
    if (venues[venue]->adapter) caf::anon_send(venues[venue]->adapter, std::move(news));
}

interest_news feed_context::interest_of(const venue_place& venue) const {
  interest_news news;
  for (const auto id : venue.instruments) {
    const auto found = instruments_.find(model::index_of(id));
    if (const auto all = found->second.at_venue(); all.want != 0) news.updates.push_back({id, all});
  }
  return news;
}

void feed_context::publish() {
  if (!withdrawn_.empty()) announce_lost_books();
  legs.flush();
  if (consolidation) consolidation->refresh();
  const auto now = loop.wall_ns();
  const auto batch = publisher.flush(now, delivery);
  if (batch) observe_ages(to_book, *batch, now);
  if (delivery.start_ns == 0) return;
  if (batch && delivery.is_traced && !batch->items.empty()) record_delivery(*this, *batch);
  delivery = {};
}

feed_loop_actor::behavior_type feed_loop(loop_pointer<feed_loop_actor, feed_loop_state> self, feed_context* context) {
  context->self = self;
  self->state.context = context;
  for (const auto& [hub_number, hub] : context->hubs) caf::anon_send(hub, feed_joined{context->number, context->self});
  if (context->legs.consolidator())
    caf::anon_send(context->legs.consolidator(), feed_joined{context->number, context->self});
  return {
    [context](const hub_joined& joined) { context->join(joined.number, joined.hub); },
    [context](const interest_news& news) { context->change_interest(news.hub, news.updates); },
    [context](atom::taken, uint32_t hub) { context->publisher.acknowledge(hub); },
    [context](const consolidator_joined& joined) { context->join(joined.consolidator); },
    [context](const watch_news& news) { context->change_watch(news); },
    [context](atom::legs_taken) { context->legs.taken(); },
    [context](atom::status) {
      return feed_status{context->books.cores().size(), context->publisher.batches(),
                         context->publisher.publications()};
    },
  };
}

} // namespace tickplant::actors
