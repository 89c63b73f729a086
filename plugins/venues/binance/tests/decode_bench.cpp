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

/// Lines as the venue's, with nine levels a side; prices and quantities vary in length as recorded ones do.
std::vector<std::string> lines_of_18_levels(size_t count) {
  std::vector<std::string> out;
  uint64_t id = 50'093'239'218, random = 1;
  const auto next = [&random](uint64_t limit) {
    random = random * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
    return (random >> 33) % limit;
  };
  const auto side = [&next] {
    std::string text;
    for (int i = 0; i < 9; ++i) {
      const std::string cents = std::to_string(100 + next(100)), whole = std::to_string(61'000 + next(999));
      std::string fraction = std::to_string(100'000 + next(100'000)).substr(1) + "000";
      text.append(i == 0 ? "[\"" : ",[\"").append(whole).append(".").append(cents.substr(1)).append("000000\",\"");
      text.append(std::to_string(next(4) == 0 ? 0 : next(30))).append(".").append(fraction).append("\"]");
    }
    return text;
  };
  for (size_t i = 0; i < count; ++i) {
    const uint64_t last = id + next(50);
    out.push_back(R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":)" +
                  std::to_string(id) + R"(,"u":)" + std::to_string(last) + R"(,"b":[)" + side() + R"(],"a":[)" +
                  side() + "]}}");
    id = last + 1;
  }
  return out;
}

void diffs_of_18_levels(benchmark::State& state) {
  std::vector<padded> frames;
  for (const auto& line : lines_of_18_levels(4'000)) frames.emplace_back(line);
  std::vector<tp_unit> units;
  for (const auto& f : frames) units.push_back(f.unit(1));
  const pairs settings{{"lines.stream", "ws://h/s"}, {"rest", "http://h"}, {"directory", "stream"}};
  constexpr size_t burst = 32;
  for (auto _ : state) {
    state.PauseTiming();
    auto d = std::make_unique<driver>(settings);
    d->host.table.emit = [](tp_ctx*, uint32_t, const tp_event*, size_t n) -> int32_t {
      emitted += n;
      return TP_OK;
    };
    d->start();
    d->line_up();
    d->frame(frames[0].text());
    d->answer(d->host.requests.at(0).id, 200, R"({"lastUpdateId":50093239217,"bids":[],"asks":[]})");
    state.ResumeTiming();
    for (size_t i = 1; i < units.size(); i += burst)
      d->session.on_units({units.data() + i, std::min(burst, units.size() - i)});
    state.PauseTiming();
    d.reset();
    state.ResumeTiming();
  }
  state.counters["ns/line"] =
    benchmark::Counter(static_cast<double>(units.size()) * static_cast<double>(state.iterations()) / 1e9,
                       benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

BENCHMARK(diffs_of_18_levels)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(frames, depth, std::string_view{"@depth"})->Arg(1)->Arg(32)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(frames, book_ticker, std::string_view{"@bookTicker"})->Arg(32)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(frames, trade, std::string_view{"@trade"})->Arg(32)->Unit(benchmark::kMillisecond);

} // namespace
} // namespace tickplant::binance::testing
