// Item 6 of the recovery policy: whatever happens to a channel, its books equal the venue's or are not live. Losses
// drop live events; snapshots come late, at any number, several beside each other, as pictures or as the channel's
// history, are given up or begin anew; engines die; more comes than may be held.
#include "tests/unit/book/feed_fixture.hpp"

#include <algorithm>
#include <random>

namespace tickplant::book::testing {
namespace {

constexpr uint32_t books = 3;

/// The exchange: orders of each book, and the history of its messages.
struct exchange {
  struct live_order {
    uint32_t book;
    uint16_t side;
    int64_t price, quantity;
  };
  std::map<uint64_t, live_order> orders;
  std::vector<tp_event> history;
  uint64_t sequence = 0, refs = 0;

  void begin_session() {
    orders.clear();
    history.clear();
    sequence = 0;
  }

  tp_event next(std::mt19937_64& random, bool names_instruments) {
    tp_event e{};
    const auto dice = random() % 10;
    if (orders.empty() || dice < 5) {
      const auto book = static_cast<uint32_t>(random() % books);
      const auto side = static_cast<uint16_t>(random() % 2 == 0 ? TP_BID : TP_ASK);
      const int64_t price =
        side == TP_BID ? 900 + static_cast<int64_t>(random() % 50) : 1'000 + static_cast<int64_t>(random() % 50);
      const int64_t quantity = 1 + static_cast<int64_t>(random() % 100);
      orders[++refs] = {book, side, price, quantity};
      e = add(book, refs, side, price, quantity);
    } else {
      auto at = orders.begin();
      std::advance(at, static_cast<long>(random() % std::min<size_t>(orders.size(), 20)));
      const auto ref = at->first;
      auto& o = at->second;
      const uint32_t book = names_instruments ? o.book : TP_OF_ORDER;
      const auto way = random() % 3;
      if (dice < 7) {
        e = way == 0 ? execute(book, ref, o.quantity) : remove(book, ref);
        orders.erase(at);
      } else if (dice < 8 && o.quantity > 1) {
        e = way == 0 ? execute(book, ref, 1) : reduce(book, ref, 1);
        --o.quantity;
      } else if (way == 0) {
        o.quantity += 3;
        e = modify(book, ref, o.price, o.quantity);
      } else {
        const auto moved = o;
        orders.erase(at);
        orders[++refs] = {moved.book, moved.side, moved.price, 7};
        e = replace(book, ref, refs, moved.price, 7);
      }
    }
    e.sequence = ++sequence;
    history.push_back(e);
    return e;
  }
  side_levels shown(uint32_t book, uint16_t side) const {
    std::map<int64_t, seen_level> by_price;
    for (const auto& [ref, o] : orders)
      if (o.book == book && o.side == side) {
        auto& l = by_price.try_emplace(o.price, seen_level{o.price, 0, 0}).first->second;
        l.quantity += o.quantity;
        ++l.orders;
      }
    side_levels all;
    for (const auto& [price, l] : by_price) all.push_back(l);
    if (side == TP_BID) std::reverse(all.begin(), all.end());
    return all;
  }
};

struct SynchroniserProperty : feed_fixture, ::testing::WithParamInterface<int> {
  std::mt19937_64 random{static_cast<uint64_t>(GetParam()) + 1};
  exchange venue;

  /// A snapshot in the making: the exchange as it was when it was asked, sent in pieces between live events.
  struct snapshot {
    uint32_t instrument;
    std::vector<tp_event> events;
    size_t sent = 0, piece = 8;
  };
  std::vector<snapshot> under_way; // no two of one book

  bool is_under_way(uint32_t instrument) const {
    return std::any_of(under_way.begin(), under_way.end(), [&](const snapshot& s) {
      return instrument == TP_ALL || s.instrument == TP_ALL || s.instrument == instrument;
    });
  }
  void ask(uint32_t instrument, bool by_history = false) {
    snapshot made{instrument, {}, 0, by_history ? size_t{64} : size_t{8}};
    made.events.push_back(snapshot_begin(instrument, by_history ? TP_SNAPSHOT_HISTORY : TP_SNAPSHOT_PICTURE));
    if (by_history)
      for (const tp_event& e : venue.history) made.events.push_back(of_snapshot(e));
    else
      for (const auto& [ref, o] : venue.orders)
        if (instrument == TP_ALL || o.book == instrument)
          made.events.push_back(of_snapshot(add(o.book, ref, o.side, o.price, o.quantity)));
    made.events.push_back(snapshot_end(instrument, venue.sequence));
    under_way.push_back(std::move(made));
  }
  void send_part() {
    const auto of = under_way.begin() + static_cast<std::ptrdiff_t>(random() % under_way.size());
    for (size_t n = 1 + random() % of->piece; n > 0 && of->sent < of->events.size(); --n) send(of->events[of->sent++]);
    if (of->sent == of->events.size()) under_way.erase(of);
  }
  void run_through(bool names_instruments);
  void expect_right_or_not_live(int step) {
    for (uint32_t book = 0; book < books; ++book) {
      if (!engines.contains(book) || at(book).state() != trust::ok) continue;
      const auto seen = view(book, 1'000);
      ASSERT_EQ(levels(seen.bids), venue.shown(book, TP_BID)) << "book " << book << ", step " << step;
      ASSERT_EQ(levels(seen.asks), venue.shown(book, TP_ASK)) << "book " << book << ", step " << step;
    }
  }
};

void SynchroniserProperty::run_through(bool names_instruments) {
  open({.order_refs = TP_REFS_DENSE, .hold_events = GetParam() % 3 == 0 ? size_t{60} : size_t{1} << 20});
  for (uint32_t n = 0; n < books; ++n) add_book(n);
  live();
  size_t was_live = 0;
  for (int step = 0; step < 4'000; ++step) {
    const auto dice = random() % 200;
    if (dice == 0) { // a hole, told before what comes behind it
      const uint64_t from = venue.sequence + 1;
      for (size_t n = random() % 5; n > 0; --n) venue.next(random, names_instruments);
      stream(TP_STREAM_LOST, from);
      under_way.clear();    // what it would bring is too old, and the plugin knows it
    } else if (dice == 1) { // one book alone cannot be trusted
      lost(static_cast<uint32_t>(random() % books));
      if (random() % 2 == 0) under_way.clear();
    } else if (dice == 2 && engines.size() == books) {
      withdraw(static_cast<uint32_t>(random() % books));
    } else if (dice < 6) {
      for (uint32_t n = 0; n < books; ++n)
        if (!engines.contains(n)) lend(n);
    } else if (dice == 6 && random() % 4 == 0) { // a new session
      venue.begin_session();
      under_way.clear();
      stream(TP_STREAM_RESTARTED);
      if (random() % 2 == 0) live();
    } else if (dice < 12) {
      const uint32_t instrument = random() % 2 == 0 ? TP_ALL : static_cast<uint32_t>(random() % books);
      const bool by_history = instrument == TP_ALL && venue.sequence < 1'000 && random() % 2 == 0;
      if (!is_under_way(instrument) && venue.sequence > 0) ask(instrument, by_history);
    } else if (dice < 60) {
      if (!under_way.empty()) send_part();
    } else {
      send(venue.next(random, names_instruments));
    }
    ASSERT_NO_FATAL_FAILURE(expect_right_or_not_live(step));
    for (const auto& [n, engine] : engines) was_live += engine->state() == trust::ok;
  }
  // Asked for as a whole, everything lives again.
  under_way.clear();
  for (uint32_t n = 0; n < books; ++n)
    if (!engines.contains(n)) lend(n);
  send(venue.next(random, names_instruments)); // a number of 0 would mean that the snapshot has none
  ask(TP_ALL);
  while (!under_way.empty()) send_part();
  for (uint32_t n = 0; n < books; ++n) EXPECT_EQ(at(n).state(), trust::ok) << n;
  ASSERT_NO_FATAL_FAILURE(expect_right_or_not_live(-1));
  EXPECT_GT(was_live, 100u) << "the test saw live books";
}

TEST_P(SynchroniserProperty, BooksAreRightOrNotLive) {
  run_through(true);
}

// As LSE MITCH does it: changes of orders do not tell their instrument.
TEST_P(SynchroniserProperty, BooksAreRightOrNotLiveWhereEventsNameTheirOrderAlone) {
  run_through(false);
}

INSTANTIATE_TEST_SUITE_P(Seeds, SynchroniserProperty, ::testing::Range(0, 60));

} // namespace
} // namespace tickplant::book::testing
