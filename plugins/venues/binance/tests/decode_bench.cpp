// Time per recorded frame from JSON to emitted events, with a host that does nothing with them.
#include "driver.hpp"
#include "recordings.hpp"

#include <benchmark/benchmark.h>

namespace tickplant::binance::testing {
namespace {

/// What the emit below counts, so that nothing is optimised away.
uint64_t emitted = 0;

void frames(benchmark::State& state, std::string_view stream) {
  const char* const name = "spot_btcusdt_20240808.log.gz";
  if (!has_recording(name)) return state.SkipWithError("the recording is not in ../shared/data/binance");
  std::vector<padded> before, measured;
  std::string snapshot;
  size_t bytes = 0;
  for (const auto& line : read_gzip_recording(name)) {
    if (line.text.starts_with("{\"lastUpdateId\""))
      snapshot = line.text;
    else if (line.text.find(stream) == std::string::npos)
      continue;
    else if (snapshot.empty())
      before.emplace_back(line.text);
    else
      measured.emplace_back(line.text), bytes += line.text.size();
  }
  const pairs settings{{"lines.stream", "ws://h/s"}, {"rest", "http://h"}, {"directory", "stream"}};
  const auto burst = static_cast<size_t>(state.range(0));
  std::vector<tp_unit> units;
  for (const auto& p : measured) units.push_back(p.unit(1));
  uint64_t events = 0;
  for (auto _ : state) {
    state.PauseTiming(); // a fresh instance each time: ids only rise
    auto d = std::make_unique<driver>(settings);
    d->host.table.emit = [](tp_ctx*, uint32_t, const tp_event*, size_t n) -> int32_t {
      emitted += n;
      return TP_OK;
    };
    d->start();
    d->line_up();
    for (const auto& p : before) d->frame(p.text());
    if (!d->host.requests.empty()) d->answer(d->host.requests[0].id, 200, snapshot);
    emitted = 0;
    state.ResumeTiming();
    for (size_t i = 0; i < units.size(); i += burst)
      d->session.on_units({units.data() + i, std::min(burst, units.size() - i)});
    events = emitted;
    state.PauseTiming();
    d.reset();
    state.ResumeTiming();
  }
  const auto lines = static_cast<double>(units.size()) * static_cast<double>(state.iterations());
  state.counters["ns/line"] =
    benchmark::Counter(lines / 1e9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["events/line"] = static_cast<double>(events) / static_cast<double>(units.size());
  state.counters["bytes/line"] = static_cast<double>(bytes) / static_cast<double>(units.size());
}

BENCHMARK_CAPTURE(frames, depth, std::string_view{"@depth"})->Arg(1)->Arg(32)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(frames, book_ticker, std::string_view{"@bookTicker"})->Arg(32)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(frames, trade, std::string_view{"@trade"})->Arg(32)->Unit(benchmark::kMillisecond);

} // namespace
} // namespace tickplant::binance::testing
