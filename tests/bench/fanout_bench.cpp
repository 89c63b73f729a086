// Publications into frames, without sockets: 1,000 clients with 8 of 100 symbols each, all of which change at every
// tick. Plain, compressed once per group, and compressed per client, in CPU time per delivered update. The dialect and
// the compression are the shipped plugins.
#include "runtime/fanout/hub_core.hpp"
#include "runtime/plugin/registry.hpp"

#include <benchmark/benchmark.h>

#include <ctime>
#include <random>
#include <string>

namespace {

using namespace tickplant;

constexpr uint32_t client_count = 1'000, symbol_count = 100, symbols_each = 8;

/// Takes everything; on demand makes each payload smaller by itself, as a server without shared parts does.
struct swallowing_port final : fanout::client_port {
  fanout::written write(fanout::client_key, std::span<const uint8_t> frame) override {
    bytes += frame.size();
    if (alone) {
      scratch.clear();
      alone->whole(0, frame.subspan(4), scratch);
      bytes += scratch.size() + 4 - frame.size();
    }
    return fanout::written::sent;
  }
  void reply(fanout::client_key, wire::opcode, std::span<const uint8_t>) override {}
  plugin::compression_host* alone = nullptr;
  fanout::bytes scratch;
  uint64_t bytes = 0;
};

double work_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

class market {
public:
  market() {
    for (uint32_t id = 0; id < symbol_count; ++id) {
      model::instrument made;
      made.symbol = "SYM" + std::to_string(id);
      made.venue = "NASDAQ";
      made.price_exponent = -2;
      auto& state = batch.items.emplace_back();
      state.id = model::instrument_id{id};
      state.instrument = std::make_shared<const model::instrument>(std::move(made));
      state.state = book::trust::ok;
      state.bids.resize(5);
      state.asks.resize(5);
    }
    move();
  }
  void move() {
    ++batch.number;
    for (auto& state : batch.items) {
      const auto price = static_cast<int64_t>(10'000 + random_() % 20'000);
      ++state.sequence;
      state.venue_ns = 1'699'459'200'000'000'000 + batch.number * 1'000'000;
      state.bid = price - 1;
      state.ask = price + 1;
      state.bid_quantity = quantity();
      state.ask_quantity = quantity();
      state.day.open = state.day.previous_close = 15'000;
      state.day.high = 30'000;
      state.day.low = 10'000;
      state.day.volume.low += static_cast<uint64_t>(quantity());
      state.day.last.price = price;
      state.day.last.quantity = quantity();
      for (int64_t i = 0; i < 5; ++i) {
        state.bids[static_cast<size_t>(i)] = {price - 1 - i, quantity(), 3, 0};
        state.asks[static_cast<size_t>(i)] = {price + 1 + i, quantity(), 2, 0};
      }
    }
  }
  book::publication_batch batch;

private:
  int64_t quantity() { return static_cast<int64_t>(100 * (1 + random_() % 50)); }
  std::mt19937_64 random_{7};
};

enum class mode : uint8_t { plain, shared, per_client };

void fan_out(benchmark::State& state, mode how, uint32_t depth) {
  plugin::registry plugins{{TP_PLUGINS}};
  plugin::dialect_host dialect{plugins.dialect("hft"), {}, {}};
  plugin::compression_host compression{plugins.compression("deflate"), {}, {}};
  if (!dialect.create() || !compression.create()) return state.SkipWithError("a plugin does not start");
  const fanout::directory names;
  const fanout::printer print{dialect};
  const fanout::packer pack{compression};
  swallowing_port port;
  if (how == mode::per_client) port.alone = &compression;
  fanout::hub_core hub{names, port};
  std::mt19937_64 random{11};
  const uint32_t data = TP_DATA_QUOTES | (depth > 0 ? uint32_t{TP_DATA_ORDER_BOOK} : 0u);
  for (uint32_t index = 0; index < client_count; ++index) {
    hub.attach({index, 1}, print, how == mode::shared ? &pack : nullptr, 0);
    while (hub.rows_of({index, 1}) < symbols_each)
      hub.subscribe({index, 1}, {data, depth, 0, 100},
                    model::instrument_id{static_cast<uint32_t>(random() % symbol_count)});
  }
  market market;
  uint64_t now = 1'700'000'000'000'000'000;
  double took = 0;
  const auto round = [&] {
    market.move();
    const double start = work_seconds();
    hub.take(market.batch, now, now);
    hub.tick(now, now);
    now += 100'000'000;
    return work_seconds() - start;
  };
  for (int i = 0; i < 3; ++i) round();
  port.bytes = 0;
  const auto before = hub.counters();
  for (auto _ : state) {
    const double one = round();
    state.SetIterationTime(one);
    took += one;
  }
  const auto& after = hub.counters();
  const auto updates = static_cast<double>(after.updates - before.updates);
  if (how == mode::shared && after.packed_frames - before.packed_frames != after.frames - before.frames)
    state.SkipWithError("not every frame was compressed");
  state.counters["us/update"] = took * 1e6 / updates;
  state.counters["bytes/update"] = static_cast<double>(port.bytes) / updates;
  state.counters["parts"] =
    static_cast<double>(after.packed_parts - before.packed_parts) / static_cast<double>(state.iterations());
}

void in_milliseconds(benchmark::internal::Benchmark* b) {
  b->UseManualTime()->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(fan_out, plain, mode::plain, 0)->Apply(in_milliseconds);
BENCHMARK_CAPTURE(fan_out, shared, mode::shared, 0)->Apply(in_milliseconds);
BENCHMARK_CAPTURE(fan_out, per_client, mode::per_client, 0)->Apply(in_milliseconds);
BENCHMARK_CAPTURE(fan_out, plain_5_levels, mode::plain, 5)->Apply(in_milliseconds);
BENCHMARK_CAPTURE(fan_out, shared_5_levels, mode::shared, 5)->Apply(in_milliseconds);
BENCHMARK_CAPTURE(fan_out, per_client_5_levels, mode::per_client, 5)->Apply(in_milliseconds);

} // namespace

BENCHMARK_MAIN();
