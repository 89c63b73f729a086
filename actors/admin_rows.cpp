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
  row.events = status.events;
  row.refused = status.refused;
  row.resynchronisations = status.resynchronisations;
  row.gaps_lost = status.lost;
  if (!status.last_error.empty()) row.last_error = status.last_error;
  row.counters = status.counters;
  row.lines = status.lines;
  for (const auto& [name, count] : status.counters) {
    if (name == "gaps.seen") row.gaps_seen = count;
    if (name == "gaps.filled") row.gaps_filled = count;
  }
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

} // namespace

venue_rows ask_venues(inquiry& by, const found_actor& tree) {
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
    if (!adapter || !adapter->actor) continue;
    by.ask<venue_status>(
      caf::actor_cast<venue_adapter_actor>(adapter->actor), atom::status_v,
      [rows, i](const venue_status& status) { fill((*rows)[i], status); },
      [rows, i] { (*rows)[i].state = name_of(admin::state::no_answer); });
  }
  return rows;
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
