// What one element, one envelope and one subscription cost, through the C table as the host calls it.
#include "recorder.hpp"
#include "sample.hpp"

#include <benchmark/benchmark.h>

namespace tickplant::hft::testing {
namespace {

void element(benchmark::State& state) {
  recorder host;
  sample_quote sample;
  const auto levels = static_cast<uint32_t>(state.range(0));
  std::vector<tp_level> bids, asks;
  for (uint32_t i = 0; i < levels; ++i) {
    bids.push_back({17525 - int64_t{i}, 1000 + int64_t{i} * 137, i + 1, 0});
    asks.push_back({17527 + int64_t{i}, 800 + int64_t{i} * 91, i + 1, 0});
  }
  sample.element.bids = bids.data();
  sample.element.asks = asks.data();
  sample.element.bid_count = sample.element.ask_count = levels;
  sample.element.last_price = 17526;
  sample.element.last_quantity = 30;
  sample.element.last_ns = sample.element.venue_ns;
  sample.element.last_aggressor = TP_AGGRESSOR_BUY;
  const tp_variant variant{sizeof variant, TP_DATA_QUOTES | TP_DATA_TRADES | TP_DATA_ORDER_BOOK, levels, 0, 0, 0};
  std::vector<uint8_t> out(1 << 16);
  int64_t size = 0;
  for (auto _ : state) {
    ++sample.element.price;
    size = host.ops->element(host.self, &sample.element, &variant, out.data(), out.size());
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["bytes"] = static_cast<double>(size);
}
BENCHMARK(element)->Arg(0)->Arg(5)->Arg(20);

void envelope(benchmark::State& state) {
  recorder host;
  tp_envelope envelope{sizeof envelope, 1, 1699459200000, 12345, 0, 0};
  const tp_variant variant{sizeof variant, TP_DATA_QUOTES, 0, 0, 0, 0};
  uint8_t out[256];
  for (auto _ : state) {
    ++envelope.sequence;
    if (envelope.sequence % 100 == 0) ++envelope.wall_ms; // a hundred clients share a tick
    benchmark::DoNotOptimize(host.ops->envelope(host.self, &envelope, &variant, out, sizeof out));
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(envelope);

void decode(benchmark::State& state) {
  recorder host;
  tp_dialect_host silent = *host.table();
  silent.request = [](tp_ctx*, const tp_request* r) { benchmark::DoNotOptimize(r->symbol_count); };
  void* self = nullptr;
  const tp_config none{sizeof none, 0, nullptr};
  host.ops->create(&none, &silent, host.ctx(), &self);
  std::string text = R"({"type":"SUBSCRIBE","timestamp":1699459200000,"symbols":["AAPL","GOOGL","MSFT"],)"
                     R"("dataTypes":["QUOTES","ORDER_BOOK"],"frequency":100})";
  const auto size = static_cast<uint32_t>(text.size());
  text.resize(text.size() + TP_FRAME_PADDING);
  const tp_frame frame{reinterpret_cast<const uint8_t*>(text.data()), size, TP_FRAME_TEXT};
  for (auto _ : state) host.ops->decode(self, &frame, host.ctx());
  host.ops->destroy(self);
}
BENCHMARK(decode);

} // namespace
} // namespace tickplant::hft::testing

BENCHMARK_MAIN();
