#include "actors/admin_rows.hpp"

#include "actors/atoms.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <map>

namespace tickplant::actors {

namespace {

void fill(admin::venue_row& row, const venue_status& status) {
  row.is_answered = true;
  row.plugin = status.plugin;
  row.state = status.state;
  row.instruments = status.instruments;
  row.live_orders = status.live_orders;
  row.books = {{"live", status.books.live}, {"awaiting", status.books.awaiting}, {"stale", status.books.stale}};
  row.events = status.events;
  row.refused = status.refused;
  row.resynchronisations = status.resynchronisations;
  row.gaps_lost = status.lost;
  if (!status.last_error.empty()) row.last_error = status.last_error;
  row.lines_in_use = status.lines_in_use;
  row.line_switches = status.line_switches;
  row.recovery = status.recovery;
  row.refusals = status.refusals;
  row.counters = status.counters;
  row.lines = status.lines;
  for (const auto& [name, count] : status.counters) {
    if (name == "gaps.seen") row.gaps_seen = count;
    if (name == "gaps.filled") row.gaps_filled = count;
  }
}

// Of the parts of a venue that have one, the breaker that is not closed speaks for it; openings are added up.
admin::breaker_row breaker_of(const found_actor& venue, uint64_t wall_ns) {
  admin::breaker_row row;
  uint64_t openings = 0;
  for (const found_actor* part : {venue.child("adapter"), venue.child("books"), &venue}) {
    if (!part || !part->breaker) continue;
    const auto& breaker = *part->breaker;
    openings += breaker.openings;
    if (!row.state.empty() && breaker.state == supervision::breaker_state::closed) continue;
    if (!row.state.empty() && row.state != name_of(supervision::breaker_state::closed)) continue;
    row.state = name_of(breaker.state);
    row.since = breaker.openings == 0 ? 0 : wall_ns - static_cast<uint64_t>(breaker.for_time.count());
    row.next_trial = breaker.state == supervision::breaker_state::open
                       ? wall_ns + static_cast<uint64_t>(breaker.next_trial_in.count())
                       : 0;
  }
  row.openings = openings;
  return row;
}

// The same instrument on several loops is one row.
void merge(std::vector<admin::subscription_row>& all, const std::vector<admin::subscription_row>& some) {
  for (const auto& row : some) {
    const auto known = std::find_if(all.begin(), all.end(), [&](const auto& r) { return r.symbol == row.symbol; });
    if (known == all.end()) {
      all.push_back(row);
      continue;
    }
    known->clients += row.clients;
    if (known->status == "pending") known->status = row.status;
    std::map<uint32_t, uint64_t> together{known->frequencies.begin(), known->frequencies.end()};
    for (const auto& [period, count] : row.frequencies) together[period] += count;
    known->frequencies.assign(together.begin(), together.end());
  }
}

// Its adapter and its books: what is suspended of them is tried at once.
void retry_parts(admin_pointer self, const std::string& name, const admin_reply& to) {
  find_actor(self, "venues/" + name, [self, to](const caf::strong_actor_ptr& venue, const std::string& why) {
    if (!venue) return to(admin::refuse(409, "the venue cannot be retried: " + why, "look at GET /admin/tree"));
    auto answers = std::make_shared<std::vector<std::string>>();
    inquiry::start(
      self,
      [&](inquiry& by) {
        for (const auto* part : {"adapter", "books"})
          by.ask_with<std::string>(
            caf::actor_cast<caf::actor>(venue), [answers](const std::string& answer) { answers->push_back(answer); },
            {}, atom::retry_v, std::string{part});
      },
      [to, answers] {
        const bool is_any = std::any_of(answers->begin(), answers->end(), [](const auto& a) { return a.empty(); });
        to(is_any ? admin::answer::json(admin::to_json(admin::reload_outcome{"tried again", {}, {}}))
                  : admin::refuse(409, answers->empty() ? "the venue does not answer" : "the venue is not suspended",
                                  "look at GET /admin/venues"));
      });
  });
}

} // namespace

venue_rows ask_venues(inquiry& by, const found_actor& tree, uint64_t wall_ns) {
  auto rows = std::make_shared<std::vector<admin::venue_row>>();
  const auto* venues = tree.child("venues");
  if (!venues) return rows;
  rows->resize(venues->children.size());
  for (size_t i = 0; i < rows->size(); ++i) {
    auto& row = (*rows)[i];
    const auto& venue = *venues->children[i];
    const auto* adapter = venue.child("adapter");
    row.name = venue.row.id;
    row.state = name_of(adapter ? adapter->row.state : venue.row.state);
    row.restarts = adapter ? adapter->row.restarts : 0;
    row.last_error = adapter ? adapter->row.last_error : venue.row.last_error;
    row.is_answered = false;
    row.breaker = breaker_of(venue, wall_ns);
    if (!adapter || !adapter->actor) continue;
    by.ask<venue_status>(
      caf::actor_cast<venue_adapter_actor>(adapter->actor), atom::status_v,
      [rows, i](const venue_status& status) { fill((*rows)[i], status); },
      [rows, i] { (*rows)[i].state = name_of(admin::state::no_answer); });
  }
  return rows;
}

void retry_venue(admin_pointer self, const std::string& name, const admin_reply& to) {
  // The venue as a whole first: its supervisor may itself be waiting.
  find_actor(self, "venues", [self, name, to](const caf::strong_actor_ptr& venues, const std::string& why) {
    if (!venues) return to(admin::refuse(503, "no venue can be retried: " + why, "look at GET /admin/tree"));
    auto whole = std::make_shared<std::string>("no answer");
    inquiry::start(
      self,
      [&](inquiry& by) {
        by.ask_with<std::string>(
          caf::actor_cast<caf::actor>(venues), [whole](const std::string& answer) { *whole = answer; }, {},
          atom::retry_v, name);
      },
      [self, name, to, whole] {
        if (whole->starts_with("there is no"))
          return to(admin::refuse(404, "there is no venue '" + name + "'", "look at GET /admin/venues"));
        if (whole->empty())
          return to(admin::answer::json(admin::to_json(admin::reload_outcome{"tried again", {}, {}})));
        retry_parts(self, name, to);
      });
  });
}

void use_lines(admin_pointer self, const std::string& name, const std::string& group, const admin_reply& to) {
  find_actor(self, "venues/" + name + "/adapter",
             [self, group, to](const caf::strong_actor_ptr& adapter, const std::string& why) {
               if (!adapter)
                 return to(admin::refuse(409, "the lines cannot be chosen: " + why,
                                         "if the venue is suspended: tickplantctl venue retry NAME first"));
               auto said = std::make_shared<std::string>("the venue does not answer");
               inquiry::start(
                 self,
                 [&](inquiry& by) {
                   by.ask_with<std::string>(
                     caf::actor_cast<venue_adapter_actor>(adapter),
                     [said](const std::string& answer) { *said = answer; }, {}, atom::use_lines_v, group);
                 },
                 [to, said] {
                   to(said->empty() ? admin::answer::json(admin::to_json(admin::reload_outcome{"started anew", {}, {}}))
                                    : admin::refuse(409, *said, "look at GET /admin/venues"));
                 });
             });
}

void show_clients(admin_pointer self, bool only_slow, uint32_t limit, const admin_reply& to) {
  auto all = std::make_shared<admin::client_list>();
  inquiry::start(
    self,
    [&](inquiry& by) {
      for (const auto& network : self->state.setup.networks)
        by.look<admin::client_list>(
          *network.loop, [read = network.clients, only_slow, limit] { return read(only_slow, limit); },
          [all, limit](const admin::client_list& some) {
            all->total += some.total;
            for (const auto& row : some.rows)
              if (all->rows.size() < limit) all->rows.push_back(row);
          },
          [all, name = network.name] { all->unanswered.push_back(name); });
    },
    [all, to] { to(admin::answer::json(admin::to_json(*all))); });
}

void show_subscriptions(admin_pointer self, const std::string& symbol, const admin_reply& to) {
  auto all = std::make_shared<admin::subscription_list>();
  all->asked = symbol;
  inquiry::start(
    self,
    [&](inquiry& by) {
      for (const auto& network : self->state.setup.networks)
        by.look<std::vector<admin::subscription_row>>(
          *network.loop, [read = network.subscriptions, symbol] { return read(symbol); },
          [all](const std::vector<admin::subscription_row>& some) { merge(all->rows, some); },
          [all, name = network.name] { all->unanswered.push_back(name); });
    },
    [all, to] {
      if (all->rows.empty() && all->unanswered.empty())
        return to(admin::refuse(404, "there is no instrument '" + all->asked + "'",
                                "name it as a client does: AAPL or NASDAQ:AAPL"));
      to(admin::answer::json(admin::to_json(*all)));
    });
}

} // namespace tickplant::actors
