// Random but valid flow against books made of std::map and std::list: levels, queues, statistics, and the same book by
// way of a snapshot.
#include "runtime/book/book_events.hpp"
#include "tests/unit/book/feed_fixture.hpp"

#include <algorithm>
#include <array>
#include <list>
#include <random>

namespace tickplant::book::testing {
namespace {

struct naive_order {
  uint64_t ref;
  int64_t quantity;
};

struct naive_book {
  std::map<int64_t, std::list<naive_order>> sides[2];
  uint64_t trades = 0;
  int64_t volume = 0, last = TP_NONE, high = TP_NONE, low = TP_NONE, open = TP_NONE;

  void count(int64_t price, int64_t quantity) {
    ++trades;
    volume += quantity;
    last = price;
    open = open == TP_NONE ? price : open;
    high = std::max(high, price);
    low = low == TP_NONE ? price : std::min(low, price);
  }
  side_levels shown(uint32_t side) const {
    side_levels result;
    for (const auto& [price, orders] : sides[side]) {
      int64_t sum = 0;
      for (const naive_order& o : orders) sum += o.quantity;
      result.push_back({price, sum, static_cast<uint32_t>(orders.size())});
    }
    if (side == 0) std::reverse(result.begin(), result.end());
    return result;
  }
};

/// Makes valid events and applies them to naive books.
class order_flow {
public:
  static constexpr uint32_t books = 4;
  order_flow(uint64_t seed, bool dense) : random_(seed), dense_(dense) { middle_.fill(5'000'000); }

  tp_event next() {
    if (live_.empty() || random_() % 100 < (live_.size() < 3'000 ? 55u : 30u)) return add_one();
    const size_t at = random_() % live_.size();
    const place p = live_[at];
    auto& level = book[p.book].sides[p.side][p.price];
    const auto o = std::find_if(level.begin(), level.end(), [&](const naive_order& n) { return n.ref == p.ref; });
    const uint32_t instrument = random_() % 5 == 0 ? TP_OF_ORDER : p.book;
    const uint64_t dice = random_() % 100;
    if (dice < 40) {
      drop(at, p, o);
      return remove(instrument, p.ref);
    }
    if (dice < 55) {
      const int64_t part = 1 + static_cast<int64_t>(random_() % static_cast<uint64_t>(o->quantity));
      const int64_t quantity = random_() % 3 == 0 ? o->quantity : part;
      const bool prints = random_() % 4 != 0;
      if (prints) book[p.book].count(p.price, quantity);
      o->quantity -= quantity;
      if (o->quantity == 0) drop(at, p, o);
      return execute(instrument, p.ref, quantity, ++matches_, static_cast<uint16_t>(prints ? TP_PRINT : 0));
    }
    if (dice < 62) {
      const int64_t quantity = 1 + static_cast<int64_t>(random_() % static_cast<uint64_t>(o->quantity));
      o->quantity -= quantity;
      if (o->quantity == 0) drop(at, p, o);
      return reduce(instrument, p.ref, quantity);
    }
    if (dice < 70) { // what is left, said by the venue
      tp_event e = execute(instrument, p.ref, 1, ++matches_, TP_PRINT | TP_LEFT);
      book[p.book].count(p.price, 1);
      o->quantity = static_cast<int64_t>(random_() % 900);
      e.extra = static_cast<uint64_t>(o->quantity);
      if (o->quantity == 0) drop(at, p, o);
      return e;
    }
    if (dice < 85) {
      drop(at, p, o);
      const uint64_t ref = new_ref();
      const int64_t price = random_() % 3 == 0 ? p.price : price_of(p.book, p.side), quantity = quantity_of();
      enter(p.book, p.side, price, {ref, quantity});
      return replace(instrument, p.ref, ref, price, quantity);
    }
    const int64_t price = random_() % 2 == 0 ? p.price : price_of(p.book, p.side), quantity = quantity_of();
    const bool keeps = random_() % 2 == 0;
    if (keeps && price == p.price) {
      o->quantity = quantity;
    } else {
      drop(at, p, o);
      enter(p.book, p.side, price, {p.ref, quantity});
    }
    return modify(instrument, p.ref, price, quantity, static_cast<uint16_t>(keeps ? TP_KEEP : 0));
  }

  std::array<naive_book, books> book;
  size_t live() const { return live_.size(); }

private:
  struct place {
    uint64_t ref;
    uint32_t book, side;
    int64_t price;
  };
  uint64_t new_ref() {
    // Dense references jump now and then, so that pages come and go.
    return dense_ ? refs_ += random_() % 200 == 0 ? 9'000 : 1 : random_() | 1;
  }
  int64_t quantity_of() { return 1 + static_cast<int64_t>(random_() % 1'000); }
  int64_t price_of(uint32_t b, uint32_t side) {
    middle_[b] += (static_cast<int64_t>(random_() % 41) - 20) * 100;
    middle_[b] = std::max<int64_t>(middle_[b], 200'000);
    int64_t distance = 100 * (1 + static_cast<int64_t>(random_() % 60));
    if (random_() % 30 == 0) distance = static_cast<int64_t>(random_() % 150'000); // far, and between two ticks
    return side == 0 ? middle_[b] - distance : middle_[b] + distance;
  }
  void enter(uint32_t b, uint32_t side, int64_t price, naive_order o) {
    book[b].sides[side][price].push_back(o);
    live_.push_back({o.ref, b, side, price});
  }
  void drop(size_t at, const place& p, std::list<naive_order>::iterator o) {
    auto& side = book[p.book].sides[p.side];
    side[p.price].erase(o);
    if (side[p.price].empty()) side.erase(p.price);
    live_[at] = live_.back();
    live_.pop_back();
  }
  tp_event add_one() {
    const auto b = static_cast<uint32_t>(random_() % books);
    const auto side = static_cast<uint32_t>(random_() % 2);
    const uint64_t ref = new_ref();
    const int64_t price = price_of(b, side), quantity = quantity_of();
    enter(b, side, price, {ref, quantity});
    return add(b, ref, side == 0 ? TP_BID : TP_ASK, price, quantity);
  }

  std::mt19937_64 random_;
  bool dense_;
  std::array<int64_t, books> middle_{};
  std::vector<place> live_;
  uint64_t refs_ = 0, matches_ = 0;
};

struct RandomOrders : feed_fixture, ::testing::WithParamInterface<uint32_t> {
  void SetUp() override {
    open({.order_refs = GetParam()});
    live();
    for (uint32_t n = 0; n < order_flow::books; ++n) {
      const std::string symbol = "S" + std::to_string(n);
      tp_instrument d = definition(n, TP_BOOK_ORDERS, symbol);
      d.price_step = n == 0 ? 100 : n == 1 ? 1 : TP_NONE;
      ASSERT_EQ(feed_->define(d), 1);
      lend(n);
    }
  }
  void compare(const order_flow& flow) {
    for (uint32_t n = 0; n < order_flow::books; ++n) {
      const publication p = view(n, 1'000'000);
      const naive_book& naive = flow.book[n];
      ASSERT_EQ(levels(p.bids), naive.shown(0));
      ASSERT_EQ(levels(p.asks), naive.shown(1));
      ASSERT_EQ(p.bid, p.bids.empty() ? TP_NONE : p.bids[0].price);
      ASSERT_EQ(p.ask, p.asks.empty() ? TP_NONE : p.asks[0].price);
      ASSERT_EQ(p.day.trades, naive.trades);
      ASSERT_EQ(static_cast<int64_t>(p.day.volume.low), naive.volume);
      ASSERT_EQ(p.day.last.price, naive.last);
      ASSERT_EQ(p.day.open, naive.open);
      ASSERT_EQ(p.day.high, naive.high);
      ASSERT_EQ(p.day.low, naive.low);
    }
    ASSERT_EQ(feed_->live_orders(), flow.live());
    ASSERT_EQ(refusals(), 0u);
  }
};

INSTANTIATE_TEST_SUITE_P(References, RandomOrders, ::testing::Values(TP_REFS_DENSE, TP_REFS_SPARSE),
                         [](const auto& i) { return i.param == TP_REFS_DENSE ? "Dense" : "Sparse"; });

TEST_P(RandomOrders, BooksAreThoseOfTheNaiveModelInAnyBurst) {
  order_flow flow(1, GetParam() == TP_REFS_DENSE);
  std::mt19937_64 random{2};
  std::vector<tp_event> burst;
  for (size_t sent = 0; sent < 250'000; sent += burst.size()) {
    burst.clear();
    // One event, few, a burst of the staged look-ahead, one of the rolling window.
    const size_t sizes[] = {1, 2, 5, 32, 33, 100, 256};
    for (size_t i = sizes[random() % 7]; i > 0; --i) burst.push_back(flow.next());
    send(burst);
    if (random() % 100 == 0) compare(flow);
  }
  compare(flow);
}

TEST_P(RandomOrders, ASnapshotAndTheRestIsTheSameAsEverything) {
  order_flow flow(3, GetParam() == TP_REFS_DENSE);
  std::mt19937_64 random{4};
  uint64_t sequence = 0;
  for (int round = 0; round < 30; ++round) {
    for (int i = 0; i < 1'000; ++i) send(numbered(flow.next(), ++sequence));
    const bool whole = random() % 2 == 0;
    const auto only = static_cast<uint32_t>(random() % order_flow::books);
    lost(whole ? TP_ALL : only);
    // The venue goes on, takes its picture in between, and goes on while it sends it.
    const auto go_on = [&] {
      for (int i = 0; i < 300; ++i) send(numbered(flow.next(), ++sequence));
    };
    go_on();
    const auto picture = flow.book;
    const uint64_t taken = sequence;
    go_on();
    for (uint32_t n = 0; n < order_flow::books; ++n) {
      if (!whole && n != only) continue;
      if (!whole || n == 0) send(snapshot_begin(whole ? TP_ALL : n));
      for (uint32_t side = 0; side < 2; ++side)
        for (const auto& [price, orders] : picture[n].sides[side])
          for (const naive_order& o : orders)
            send(of_snapshot(add(n, o.ref, side == 0 ? TP_BID : TP_ASK, price, o.quantity)));
      go_on();
    }
    send(snapshot_end(whole ? TP_ALL : only, taken));
    for (uint32_t n = 0; n < order_flow::books; ++n) {
      ASSERT_EQ(at(n).state(), trust::ok);
      const publication p = view(n, 1'000'000);
      ASSERT_EQ(levels(p.bids), flow.book[n].shown(0)) << "round " << round << " book " << n;
      ASSERT_EQ(levels(p.asks), flow.book[n].shown(1));
    }
    ASSERT_EQ(feed_->live_orders(), flow.live());
    ASSERT_EQ(refusals(), 0u);
  }
}

// The queue inside a level is not published; it is checked on the records themselves.
TEST(OrderQueues, KeepTimePriority) {
  dirty_list dirty;
  feed_counters counters;
  trade_table trades;
  book_memory memory(1u << 16, 1u << 16);
  memory.orders.open();
  memory.levels.open();
  order_store store(false, memory);
  struct no_host final : book_host {
    void lose(uint32_t, std::string_view) override {}
    void forget_book(uint32_t) override {}
  } host;
  std::vector<std::unique_ptr<book_state>> states;
  std::vector<book_state*> table;
  for (uint32_t n = 0; n < order_flow::books; ++n) {
    states.push_back(std::make_unique<book_state>(model::instrument_id{n}, nullptr, 1, dirty));
    states.back()->number = n;
    states.back()->memory = &memory;
    table.push_back(states.back().get());
  }
  event_context context{memory, store, trades, counters, host, table.data()};
  order_flow flow(5, false);
  for (int i = 1; i <= 200'000; ++i) {
    const tp_event e = flow.next();
    const uint32_t n = e.instrument == TP_OF_ORDER ? store.instrument_of(e.order) : e.instrument;
    ASSERT_EQ(apply_event(context, *table[n], e), outcome::changed);
    if (i % 2'000 != 0) continue;
    for (uint32_t b = 0; b < order_flow::books; ++b)
      for (uint32_t side = 0; side < 2; ++side)
        for (const auto& [price, orders] : flow.book[b].sides[side]) {
          const level& l = memory.levels[table[b]->sides[side].find(price)];
          uint32_t slot = l.head, previous = 0;
          for (const naive_order& o : orders) {
            ASSERT_EQ(memory.orders[slot].ref, o.ref);
            ASSERT_EQ(memory.orders[slot].quantity, o.quantity);
            ASSERT_EQ(memory.orders[slot].previous, previous);
            previous = slot;
            slot = memory.orders[slot].next;
          }
          ASSERT_EQ(slot, 0u);
          ASSERT_EQ(l.tail, previous);
        }
  }
  for (auto& state : states) drop_levels(*state, &store, memory);
  EXPECT_EQ(memory.orders.in_use(), 0u);
  EXPECT_EQ(memory.levels.in_use(), 0u);
  EXPECT_EQ(memory.blocks.in_use(), 0u);
  EXPECT_EQ(store.index.hashed(), 0u);
}

struct RandomLevels : feed_fixture {};

TEST_F(RandomLevels, BooksAreThoseOfTheNaiveModelAndNeverCross) {
  open();
  live();
  for (const int64_t step : {int64_t{1}, int64_t{100}, int64_t{TP_NONE}}) {
    const uint32_t n = step == 1 ? 0 : step == 100 ? 1 : 2;
    const std::string symbol = "S" + std::to_string(n);
    tp_instrument d = definition(n, TP_BOOK_LEVELS, symbol);
    d.price_step = step;
    ASSERT_EQ(feed_->define(d), 1);
    lend(n);
    std::map<int64_t, int64_t> naive[2];
    std::mt19937_64 random{static_cast<uint64_t>(step)};
    int64_t middle = 61'685'990;
    std::vector<tp_event> burst;
    for (int i = 0; i < 67'000; ++i) {
      middle += (static_cast<int64_t>(random() % 201) - 100) * 10;
      const auto side = static_cast<uint32_t>(random() % 2);
      int64_t distance = 100 * (1 + static_cast<int64_t>(random() % 100));
      if (random() % 4 == 0) distance = 1 + static_cast<int64_t>(random() % 3'000'000);
      const int64_t price = side == 0 ? middle - distance : middle + distance;
      const int64_t quantity = random() % 3 == 0 ? 0 : static_cast<int64_t>(random() % 1'000);
      // The venue takes away what the new level would cross, in the same venue event.
      if (quantity > 0) {
        auto& other = naive[1 - side];
        while (!other.empty()) {
          const int64_t best = side == 0 ? other.begin()->first : other.rbegin()->first;
          if (side == 0 ? best > price : best < price) break;
          burst.push_back(unfinished(set_level(n, side == 0 ? TP_ASK : TP_BID, best, 0)));
          other.erase(best);
        }
        naive[side][price] = quantity;
      } else {
        naive[side].erase(price);
      }
      burst.push_back(set_level(n, side == 0 ? TP_BID : TP_ASK, price, quantity));
      if (burst.size() < random() % 60) continue;
      send(burst);
      burst.clear();
      ASSERT_EQ(at(n).state(), trust::ok) << i;
      const publication p = view(n, i % 1'000 < 10 ? 1'000'000 : 3);
      const auto check = [&](uint32_t s, const std::vector<tp_level>& given) {
        const size_t depth = i % 1'000 < 10 ? 1'000'000 : 3;
        side_levels expected;
        if (s == 0)
          for (auto l = naive[s].rbegin(); l != naive[s].rend() && expected.size() < depth; ++l)
            expected.push_back({l->first, l->second, 0});
        else
          for (auto l = naive[s].begin(); l != naive[s].end() && expected.size() < depth; ++l)
            expected.push_back({l->first, l->second, 0});
        ASSERT_EQ(levels(given), expected) << i;
      };
      check(0, p.bids);
      check(1, p.asks);
      if (p.bid != TP_NONE && p.ask != TP_NONE) {
        ASSERT_LT(p.bid, p.ask);
      }
    }
  }
  EXPECT_EQ(refusals(), 0u);
}

} // namespace
} // namespace tickplant::book::testing
