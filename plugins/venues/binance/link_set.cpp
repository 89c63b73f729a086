#include "link_set.hpp"

#include <algorithm>
#include <bit>

namespace tickplant::binance {
namespace {

using state = link_set::link::state;

// The slowest diffs come once a second; what a replacement was subscribed for this long it has delivered in full.
constexpr uint64_t settled_ns = 2'000'000'000;
// How far a replacement may be behind the connection that it replaced.
constexpr uint64_t longest_lag_ns = 60'000'000'000;
constexpr uint64_t short_life_ns = 10'000'000'000; // as the line_keeper's

} // namespace

link_set::link_set(link_options options) : options_(std::move(options)), budget_(options_.connects_limit) {
  for (uint32_t r = 0; r < routes; ++r)
    width_[r] =
      static_cast<uint32_t>(std::max(1, std::popcount(static_cast<unsigned>(options_.kinds & options_.masks[r]))));
  make(0);
}

uint32_t link_set::make(uint32_t route) {
  const auto free = std::find_if(links_.begin(), links_.end(), [](const link& l) { return l.at == state::free; });
  if (free == links_.end() && links_.size() == most_links) return none;
  link fresh{options_};
  fresh.at = state::waiting;
  fresh.route = route;
  fresh.address = address_[route];
  if (free == links_.end()) {
    links_.push_back(std::move(fresh));
    return size() - 1;
  }
  *free = std::move(fresh);
  return static_cast<uint32_t>(free - links_.begin());
}

void link_set::free(uint32_t number) {
  links_[number] = link{options_};
}

/// A link with room, rather one that is up already. One that is being replaced takes no more.
uint32_t link_set::place(uint32_t route, bool up_only) const {
  uint32_t best = none;
  for (uint32_t i = 0; i < size(); ++i) {
    const link& l = links_[i];
    if (l.at == state::free || l.route != route || l.successor != none) continue;
    if (up_only && l.at != state::up) continue;
    if (l.load + width(route) > options_.controls.most_streams) continue;
    if (best == none || l.at > links_[best].at) best = i;
  }
  return best;
}

void link_set::put(uint32_t instrument, uint32_t route, uint32_t home) {
  entries_[instrument].home[route] = home;
  links_[home].load += width(route);
}

void link_set::deal(uint32_t instrument, uint32_t route) {
  entry& e = entries_[instrument];
  const auto bits = static_cast<uint8_t>(e.wanted & options_.masks[route]);
  uint32_t& home = e.home[route];
  if (home == none) {
    if (bits == 0) return;
    uint32_t chosen = place(route, false);
    if (chosen == none) chosen = make(route);
    if (chosen == none) {
      over_limit_ += static_cast<uint32_t>(std::popcount(bits));
      return;
    }
    put(instrument, route, chosen);
  }
  for (const uint32_t l : {home, links_[home].successor}) {
    if (l == none) continue;
    links_[l].controls.want(instrument, e.symbol, bits);
    if (bits == 0) links_[l].load -= width(route);
  }
  if (bits == 0) home = none;
}

void link_set::want(uint32_t instrument, std::string_view symbol, uint8_t bits) {
  if (instrument >= entries_.size()) entries_.resize(instrument + 1);
  entries_[instrument].symbol = symbol;
  entries_[instrument].wanted = bits;
  for (uint32_t r = 0; r < routes; ++r)
    if (options_.masks[r] != 0) deal(instrument, r);
}

bool link_set::is_served(uint32_t instrument, stream_bit stream) const {
  if (instrument >= entries_.size()) return false;
  const uint32_t home = entries_[instrument].home[(options_.masks[0] & stream) != 0 ? 0 : 1];
  return home != none && links_[home].at == state::up;
}

std::optional<link_set::opening> link_set::next_opening(uint64_t now_ns) {
  for (uint32_t i = 0; i < size(); ++i) {
    link& l = links_[i];
    if (l.at != state::waiting || l.due_ns > now_ns) continue;
    if (!budget_.take(now_ns)) return std::nullopt;
    l.at = state::opening;
    return opening{i, l.route, l.address};
  }
  return std::nullopt;
}

uint64_t link_set::opening_due_ns(uint64_t now_ns) const {
  uint64_t due = UINT64_MAX;
  for (const link& l : links_)
    if (l.at == state::waiting) due = std::min(due, std::max(l.due_ns, budget_.next_ns(now_ns)));
  return due;
}

bool link_set::is_last_of_route(uint32_t number) const {
  for (uint32_t i = 0; i < size(); ++i)
    if (i != number && links_[i].at != state::free && links_[i].route == links_[number].route) return false;
  return true;
}

std::optional<link_set::closing> link_set::next_closing(uint64_t now_ns) {
  for (uint32_t i = 0; i < size(); ++i) {
    link& l = links_[i];
    if (l.successor != none) {
      const link& heir = links_[l.successor];
      if (heir.at != state::up || heir.complete_ns == 0 || heir.complete_ns + options_.overlap_ns > now_ns) continue;
      const closing out{i, l.route, true};
      take_over(i, l.successor, now_ns);
      free(i);
      return out;
    }
    const bool is_idle = (l.at == state::up || l.at == state::opening) && l.load == 0 && l.predecessor == none;
    if (!is_idle || is_last_of_route(i)) continue;
    const closing out{i, l.route, false};
    free(i);
    return out;
  }
  return std::nullopt;
}

/// Whether the replacement's subscriptions to everything that its predecessor carries have been answered.
bool link_set::is_complete(uint32_t heir) const {
  const link& l = links_[heir];
  for (uint32_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].home[l.route] == l.predecessor && !l.controls.is_proved(i)) return false;
  return true;
}

void link_set::tick(uint64_t now_ns) {
  for (uint32_t i = 0; i < size(); ++i) {
    link& l = links_[i];
    if (l.at != state::up) continue;
    if (l.predecessor != none) {
      if (!is_complete(i))
        l.complete_ns = 0;
      else if (l.complete_ns == 0)
        l.complete_ns = now_ns;
    } else if (now_ns >= l.renew_at_ns) {
      renew(i);
    }
  }
}

bool link_set::renew(uint32_t number) {
  if (links_[number].successor != none || links_[number].predecessor != none) return false;
  const uint32_t route = links_[number].route;
  const uint32_t heir = make(route);
  if (heir == none) return false;
  links_[number].successor = heir;
  link& l = links_[heir];
  l.predecessor = number;
  for (uint32_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].home[route] != number) continue;
    l.controls.want(i, entries_[i].symbol, static_cast<uint8_t>(entries_[i].wanted & options_.masks[route]));
    l.load += width(route);
  }
  return true;
}

void link_set::take_over(uint32_t from, uint32_t heir, uint64_t now_ns) {
  const uint32_t route = links_[from].route;
  for (auto& e : entries_)
    if (e.home[route] == from) e.home[route] = heir;
  links_[heir].predecessor = none;
  links_[heir].settling_until_ns = now_ns + longest_lag_ns;
}

void link_set::on_up(uint32_t number, uint64_t now_ns, uint64_t random) {
  link& l = links_[number];
  l.at = state::up;
  l.up_since_ns = now_ns;
  // Not all connections at the same time, when they were opened at the same time.
  l.renew_at_ns = now_ns + options_.renew_ns - random % (options_.renew_ns / 32 + 1);
  l.complete_ns = 0;
  address_[l.route] = l.address;
  l.keeper.on_up(now_ns);
  l.controls.on_up();
}

link_set::fall link_set::on_down(uint32_t number, uint64_t now_ns, uint64_t random) {
  link& l = links_[number];
  const uint32_t route = l.route;
  fall out;
  for (uint32_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].home[route] == number) out.instruments.push_back(i);
  const bool was_short = l.at != state::up || now_ns < l.up_since_ns + short_life_ns;
  l.controls.on_down();
  if (l.successor != none) {
    const uint32_t heir = l.successor;
    if (links_[heir].at == state::up) out.heir = heir;
    out.is_settled =
      out.heir != none && links_[heir].complete_ns != 0 && now_ns >= links_[heir].complete_ns + settled_ns;
    take_over(number, heir, now_ns);
    free(number);
    out.is_over = true;
    return out;
  }
  // Streams of a connection that fails go to others that are up, as far as there is room.
  l.at = state::waiting;
  for (const uint32_t i : out.instruments) {
    const uint32_t other = place(route, true);
    if (other == none) break;
    l.controls.want(i, entries_[i].symbol, 0);
    l.load -= width(route);
    put(i, route, other);
    links_[other].controls.want(i, entries_[i].symbol,
                                static_cast<uint8_t>(entries_[i].wanted & options_.masks[route]));
  }
  if (l.load == 0 && l.predecessor == none && !is_last_of_route(number)) {
    free(number);
    out.is_over = true;
    return out;
  }
  out.wait_ns = l.keeper.on_down(now_ns, random);
  l.due_ns = now_ns + out.wait_ns;
  l.complete_ns = l.settling_until_ns = 0;
  l.address = was_short && options_.addresses[route] > 0 ? (l.address + 1) % options_.addresses[route] : 0;
  return out;
}

uint32_t link_set::up_count() const {
  return static_cast<uint32_t>(
    std::count_if(links_.begin(), links_.end(), [](const link& l) { return l.at == state::up; }));
}

} // namespace tickplant::binance
