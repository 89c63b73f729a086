// Events into books, ns per event: an ITCH-like day into order books with queues at several burst sizes, price-level
// changes, and publications with ten levels. "small" is for continuous integration, "day" for figures to compare:
//   book_bench --benchmark_filter=/day
#include "runtime/book/feed.hpp"
#include "tests/bench/itch_day.hpp"

#include <benchmark/benchmark.h>

#include <ctime>
#include <map>
#include <memory>
#include <string>

namespace {

using namespace tickplant;

struct books final : book::feed_owner {
  std::optional<model::instrument_id> instrument_defined(const model::instrument& i) override {
    return model::instrument_id{i.number};
  }
  void instrument_retired(model::instrument_id) override {}
  void directory_complete(uint32_t) override {}
  void resynchronise_wanted(uint32_t, uint32_t, std::string_view) override { ++troubles; }
  void engine_failed(model::instrument_id, std::string_view) override { ++troubles; }
  void stream_changed(const tp_stream&) override {}

  books(uint32_t count, uint8_t kind, uint32_t refs, book::interest wanted) : table(count) {
    feed = std::make_unique<book::feed>(book::feed_options{.venue = "BENCH", .order_refs = refs}, table, dirty, *this);
    feed->stream(tp_stream{sizeof(tp_stream), 0, TP_ALL, TP_STREAM_LIVE, 1, 0, {}});
    for (uint32_t n = 0; n < count; ++n) {
      const std::string symbol = "S" + std::to_string(n);
      tp_instrument d{};
      d.struct_size = sizeof d;
      d.number = n;
      d.parent = TP_ALL;
      d.book = kind;
      d.price_exponent = -4;
      d.price_step = 100;
      d.quantity_step = d.lot = d.previous_close = TP_NONE;
      d.symbol = tp_str{symbol.data(), symbol.size()};
      feed->define(d);
      engines.push_back(std::make_unique<book::engine>(model::instrument_id{n}, nullptr, 1, dirty));
      engines.back()->set_interest(wanted);
      table[n] = engines.back().get();
      feed->engine_lent(model::instrument_id{n});
    }
    publish();
    published = 0;
  }

  /// What a feed loop does at the end of a burst.
  void publish() {
    for (const model::instrument_id id : dirty.ids())
      if (book::engine& e = *table[model::index_of(id)]; e.is_due()) {
        e.publish(out, 1);
        ++published;
      }
    dirty.ids().clear();
  }

  book::engine_table table;
  book::dirty_list dirty;
  std::unique_ptr<book::feed> feed;
  std::vector<std::unique_ptr<book::engine>> engines;
  book::publication out;
  uint64_t published = 0, troubles = 0;
};

/// Time of this thread's work: other programs on the machine shall not count.
double work_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

const bench::itch_day& day_of(uint32_t messages) {
  static std::map<uint32_t, std::unique_ptr<bench::itch_day>> made;
  auto& day = made[messages];
  if (day == nullptr)
    day = std::make_unique<bench::itch_day>(
      bench::day_shape{.messages = messages, .symbols = 500, .live_orders = std::min(messages / 4, 400'000u)});
  return *day;
}

/// The day in bursts; the time of the opening, in which the books fill, is not counted.
void itch_day(benchmark::State& state, uint32_t messages, uint32_t refs, book::interest wanted) {
  const auto burst = static_cast<size_t>(state.range(0));
  const bench::itch_day& day = day_of(messages);
  alignas(64) static tp_event events[256];
  uint64_t trouble = 0, live = 0, published = 0;
  double took = 0;
  for (auto _ : state) {
    books b(day.symbols(), TP_BOOK_ORDERS, refs, wanted);
    double start = work_seconds();
    for (size_t at = 0; at < day.size();) {
      const size_t count = std::min(burst, day.size() - at);
      day.decode(at, count, events);
      b.feed->emit(0, {events, count});
      if (wanted.want != 0) b.publish();
      if (at < day.opening() && at + count >= day.opening()) start = work_seconds();
      at += count;
    }
    took += work_seconds() - start;
    state.SetIterationTime(work_seconds() - start);
    for (const uint64_t refused : b.feed->counters().refused) trouble += refused;
    trouble += b.troubles;
    live = b.feed->live_orders();
    published = b.published;
  }
  if (trouble != 0 || live != day.live_at_end()) state.SkipWithError("events were refused, or orders are missing");
  const auto counted = static_cast<double>(day.size() - day.opening());
  state.counters["ns/event"] = took * 1e9 / counted / static_cast<double>(state.iterations());
  state.counters["published"] = static_cast<double>(published);
  state.SetItemsProcessed(static_cast<int64_t>(counted) * static_cast<int64_t>(state.iterations()));
}

/// Bare expansion of the messages, to be taken off in mind.
void decode_only(benchmark::State& state) {
  const bench::itch_day& day = day_of(1'000'000);
  alignas(64) static tp_event events[256];
  for (auto _ : state)
    for (size_t at = 0; at + 32 <= day.size(); at += 32) {
      day.decode(at, 32, events);
      benchmark::DoNotOptimize(events);
      benchmark::ClobberMemory();
    }
  state.SetItemsProcessed(static_cast<int64_t>(day.size()) * static_cast<int64_t>(state.iterations()));
}

/// Depth updates of ten levels each over `range(0)` instruments; `range(1)` tenths of the levels lie up to `range(2)`
/// ticks away, the others near the touch.
void level_events(benchmark::State& state) {
  const auto instruments = static_cast<uint32_t>(state.range(0));
  const auto far_tenths = static_cast<uint64_t>(state.range(1)), reach = static_cast<uint64_t>(state.range(2));
  books b(instruments, TP_BOOK_LEVELS, TP_REFS_NONE, {});
  std::mt19937_64 random{7};
  std::vector<tp_event> events(1 << 16);
  uint64_t sequence = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    tp_event& e = events[i];
    e = tp_event{};
    const bool is_bid = (random() & 1) != 0;
    e.kind = TP_EV_LEVEL;
    e.flags = static_cast<uint16_t>((is_bid ? TP_BID : TP_ASK) | (i % 10 == 9 ? TP_END : 0));
    e.instrument = static_cast<uint32_t>(i / 10 * 7919 % instruments);
    const auto distance = static_cast<int64_t>(1 + random() % (random() % 10 < far_tenths ? reach : 40));
    e.price = 100 * (50'000 + (is_bid ? -distance : distance));
    e.quantity = random() % 4 == 0 ? 0 : static_cast<int64_t>(1 + random() % 1'000);
  }
  for (auto _ : state)
    for (size_t at = 0; at < events.size(); at += 32) {
      for (size_t i = 0; i < 32; ++i) events[at + i].sequence = ++sequence;
      b.feed->emit(0, {events.data() + at, 32});
    }
  if (b.troubles != 0) state.SkipWithError("a book was given up");
  state.SetItemsProcessed(static_cast<int64_t>(events.size()) * static_cast<int64_t>(state.iterations()));
}

void publish_ten_levels(benchmark::State& state) {
  const bench::itch_day& day = day_of(1'000'000);
  books b(day.symbols(), TP_BOOK_ORDERS, TP_REFS_DENSE, {TP_WANT_BOOK, 10});
  alignas(64) static tp_event events[256];
  for (size_t at = 0; at < day.size(); at += 250) {
    day.decode(at, 250, events);
    b.feed->emit(0, {events, 250});
  }
  uint32_t n = 0;
  for (auto _ : state) {
    b.engines[n++ % 100]->publish(b.out, 1);
    benchmark::DoNotOptimize(b.out);
  }
}

constexpr book::interest nobody{}, top{TP_WANT_QUOTE, 0};

void bursts(benchmark::internal::Benchmark* b) {
  for (const int64_t burst : {1, 8, 32, 256}) b->Arg(burst);
  b->UseManualTime()->Iterations(1);
}
void bursts_thrice(benchmark::internal::Benchmark* b) {
  bursts(b);
  b->Repetitions(3)->ReportAggregatesOnly();
}
void long_bursts(benchmark::internal::Benchmark* b) {
  b->Arg(32)->Arg(256)->UseManualTime()->Iterations(1);
}

BENCHMARK_CAPTURE(itch_day, small, 1'000'000, TP_REFS_DENSE, nobody)->Apply(bursts);
BENCHMARK_CAPTURE(itch_day, day, 10'000'000, TP_REFS_DENSE, nobody)->Apply(bursts_thrice);
BENCHMARK_CAPTURE(itch_day, day_top_published, 10'000'000, TP_REFS_DENSE, top)->Apply(long_bursts);
BENCHMARK_CAPTURE(itch_day, day_sparse, 10'000'000, TP_REFS_SPARSE, nobody)->Apply(long_bursts);
BENCHMARK(decode_only);
BENCHMARK(level_events)->Args({1, 1, 4'000})->Args({500, 1, 4'000})->Args({1, 7, 49'000});
BENCHMARK(publish_ten_levels);

} // namespace

BENCHMARK_MAIN();
