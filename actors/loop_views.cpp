#include "actors/loop_views.hpp"

#include "actors/consolidation_context.hpp"

#include <utility>

namespace tickplant::actors {

namespace {

std::string_view name_of(book::trust state) {
  switch (state) {
    case book::trust::ok: return "ok";
    case book::trust::awaiting: return "recovering";
    case book::trust::stale: break;
  }
  return "stale";
}

admin::client_row row_of(const gateway_context& gateway, fanout::client_key key) {
  admin::client_row row;
  row.id = std::to_string(gateway.number) + '-' + std::to_string(key.index) + '.' + std::to_string(key.generation);
  if (const auto* hub = gateway.hub.find(gateway_context::hub_place)) row.symbols = hub->rows_of(key);
  return row;
}

// The sockets tell since when a client is blocked on the clock of durations; people read the wall's.
uint64_t wall_of(const actor_loop& loop, uint64_t monotonic_ns) {
  const uint64_t now = loop.monotonic_ns();
  return loop.wall_ns() - (now > monotonic_ns ? now - monotonic_ns : 0);
}

admin::client_list clients_of(const gateway_context& gateway, const net::client_set& sockets,
                              const name_of_listener& listener, const describe_client& describe, bool only_slow,
                              uint32_t limit) {
  admin::client_list list;
  sockets.for_each([&](net::client_ref client, const net::client_view& view) {
    if (!view.is_open || (only_slow && view.blocked_ns == 0)) return;
    if (++list.total > limit) return;
    const fanout::client_key key{client.index, client.generation};
    auto row = row_of(gateway, key);
    row.peer = view.peer.text();
    row.listener = listener ? listener(view.listener) : std::to_string(view.listener);
    row.pending_bytes = view.pending_bytes;
    row.held_bytes = view.held_bytes + gateway.put_off_bytes(key);
    row.slow_since = view.blocked_ns == 0 ? 0 : wall_of(gateway.loop, view.blocked_ns);
    row.is_compressed = view.may_compress;
    if (describe) describe(key, row);
    list.rows.push_back(std::move(row));
  });
  return list;
}

// Without sockets: those that have a connection. None of them is known to be slow.
admin::client_list connections_of(const gateway_context& gateway, const describe_client& describe, bool only_slow,
                                  uint32_t limit) {
  admin::client_list list;
  for (const auto& place : gateway.clients) {
    if (!place.connection || only_slow || ++list.total > limit) continue;
    auto row = row_of(gateway, place.key);
    if (describe) describe(place.key, row);
    list.rows.push_back(std::move(row));
  }
  return list;
}

std::vector<admin::subscription_row> subscriptions_of(const gateway_context& gateway, const std::string& symbol) {
  const auto found = gateway.names.resolve(symbol);
  if (found.what != fanout::resolution::kind::found) return {};
  admin::subscription_row row;
  const auto instrument = gateway.names.find(found.id);
  row.symbol = instrument ? instrument->venue + ':' + instrument->symbol : symbol;
  row.status = "pending";
  if (const auto* hub = gateway.hub.find(gateway_context::hub_place)) {
    const auto audience = hub->audience_of(found.id);
    row.clients = audience.clients;
    row.frequencies.assign(audience.rows.begin(), audience.rows.end());
    if (const auto* state = hub->state_of(found.id)) row.status = name_of(state->state);
  }
  return {std::move(row)};
}

network_counts counts_of(const gateway_context& gateway, const net::client_set* sockets) {
  network_counts counts;
  counts.to_hub = gateway.to_hub;
  if (const auto* hub = gateway.hub.find(gateway_context::hub_place)) {
    counts.hub = hub->counters();
    counts.hub_clients = hub->clients();
  }
  if (!sockets) return counts;
  counts.sockets = sockets->counters();
  sockets->for_each([&](net::client_ref, const net::client_view& view) { counts.outbox_bytes += view.pending_bytes; });
  return counts;
}

} // namespace

network_view view_of(gateway_context& gateway, const net::client_set* sockets, name_of_listener listener,
                     describe_client describe) {
  network_view view;
  view.name = "net-" + std::to_string(gateway.number);
  view.loop = &gateway.loop;
  view.clients = [&gateway, sockets, listener = std::move(listener), describe = std::move(describe)](bool only_slow,
                                                                                                     uint32_t limit) {
    return sockets ? clients_of(gateway, *sockets, listener, describe, only_slow, limit)
                   : connections_of(gateway, describe, only_slow, limit);
  };
  view.subscriptions = [&gateway](const std::string& symbol) { return subscriptions_of(gateway, symbol); };
  view.counts = [&gateway, sockets] { return counts_of(gateway, sockets); };
  return view;
}

feed_view view_of(feed_context& feed) {
  feed_view view;
  view.name = "feed-" + std::to_string(feed.number);
  view.loop = &feed.loop;
  view.counts = [&feed] {
    feed_counts counts;
    for (const auto& venue : feed.venues) {
      if (venue->name == consolidation::venue_name) continue;
      for (const auto id : venue->instruments)
        ++(feed.books.find(model::index_of(id)) ? counts.books : counts.lost_books);
    }
    counts.batches = feed.publisher.batches();
    counts.publications = feed.publisher.publications();
    counts.prints = feed.publisher.prints();
    counts.lost_prints = feed.publisher.lost_prints();
    counts.to_book = feed.to_book;
    if (feed.consolidation) counts.consolidation = feed.consolidation->counts();
    return counts;
  };
  return view;
}

} // namespace tickplant::actors
