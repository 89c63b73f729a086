// What one change of a leg's top costs a consolidated book: taken, merged, looked through for crossed markets; with and
// without a listener, whom a publication is filled for.
#include "runtime/consolidation/consolidated_book.hpp"

#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

using namespace tickplant;

namespace {

consolidation::listing listing_of(int64_t legs) {
  std::vector<consolidation::candidate> candidates;
  for (int64_t i = 0; i < legs; ++i) {
    model::instrument made;
    made.venue = "V" + std::to_string(i);
    made.symbol = "AAPL";
    made.price_exponent = static_cast<int8_t>(i % 2 == 0 ? -2 : -4);
    consolidation::candidate one;
    one.id = model::instrument_id{static_cast<uint32_t>(i)};
    one.instrument = std::make_shared<const model::instrument>(made);
    candidates.push_back(std::move(one));
  }
  return consolidation::make_listing("AAPL", {}, candidates);
}

/// range 0: legs; 1: whether somebody listens; 2: whether the market is crossed all the time.
void leg_change(benchmark::State& state) {
  const auto legs = state.range(0);
  consolidation::arbitrage_rules rules;
  rules.change_interval_ns = 1'000'000'000;
  consolidation::consolidated_book book{model::instrument_id{100}, listing_of(legs), rules, 1};
  std::vector<book::top_state> says(static_cast<size_t>(legs));
  for (size_t i = 0; i < says.size(); ++i) {
    const int64_t unit = i % 2 == 0 ? 1 : 100;
    auto& one = says[i];
    one.state = book::trust::ok;
    one.trading_state = TP_STATE_TRADING;
    one.price_exponent = i % 2 == 0 ? -2 : -4;
    one.bid = (state.range(2) != 0 && i == 0 ? 10'050 : 10'000) * unit;
    one.ask = (state.range(2) != 0 && i == 0 ? 10'060 : 10'010) * unit;
    one.bid_quantity = one.ask_quantity = 100;
  }
  if (state.range(1) != 0) book.set_interest({TP_WANT_QUOTE, 0});
  book::publication out;
  uint64_t now = 0;
  for (auto _ : state) {
    const auto leg = static_cast<size_t>(++now % static_cast<uint64_t>(legs));
    says[leg].bid_quantity = static_cast<int64_t>(now % 50) + 1;
    book.take(leg, says[leg]);
    book.settle(now, now);
    if (book.is_due()) book.publish(out, now);
  }
  benchmark::DoNotOptimize(out.bid);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(leg_change)
  ->ArgNames({"legs", "listener", "crossed"})
  ->Args({2, 0, 0})
  ->Args({2, 1, 0})
  ->Args({2, 0, 1})
  ->Args({4, 0, 0})
  ->Args({16, 0, 0})
  ->Args({16, 1, 0});

} // namespace

BENCHMARK_MAIN();
