// What one shared part, one whole message and one message of a client cost, through the C table as the host calls it.
#include "instance.hpp"

#include <benchmark/benchmark.h>

namespace tickplant::deflate::testing {
namespace {

std::string quote(uint32_t n) {
  const auto price = std::to_string(17'000 + n % 1'000);
  std::string text = R"({"symbol":"AAPL","exchange":"NASDAQ","price":)" + price.substr(0, 3) + '.' + price.substr(3) +
                     R"(,"change":1.26,"changePercent":0.7241,"bid":175.25,"ask":175.27,"bidSize":)" +
                     std::to_string(n * 7 % 9'000) + R"(,"askSize":)" + std::to_string(n * 13 % 9'000) +
                     R"(,"open":174,"high":176.5,"low":173.9,"previousClose":174,"volume":)" +
                     std::to_string(12'345'678 + n * 100) + R"(,"timestamp":)" + std::to_string(1'699'459'200'000 + n);
  text += R"(,"bids":[)";
  for (uint32_t i = 0; i < 3; ++i)
    text += (i > 0 ? "," : "") + (R"({"price":175.)" + std::to_string(20 - i)) + R"(,"size":)" +
            std::to_string(100 * (n % 7 + i)) + R"(,"orders":)" + std::to_string(i + 1) + "}";
  return text + "]}";
}

void part(benchmark::State& state, const pairs& settings) {
  const instance made{settings};
  std::vector<std::string> quotes;
  for (uint32_t n = 0; n < 1'000; ++n) quotes.push_back(quote(n * 7'919));
  std::vector<uint8_t> out(4'096);
  size_t at = 0, in_bytes = 0, out_bytes = 0;
  for (auto _ : state) {
    const auto& text = quotes[at++ % quotes.size()];
    out_bytes += static_cast<size_t>(made.ops().part(made.self(), 0, reinterpret_cast<const uint8_t*>(text.data()),
                                                     text.size(), out.data(), out.size()));
    in_bytes += text.size();
  }
  state.counters["bytes"] = static_cast<double>(in_bytes) / static_cast<double>(state.iterations());
  state.counters["share"] = static_cast<double>(out_bytes) / static_cast<double>(in_bytes);
}
BENCHMARK_CAPTURE(part, as_shipped, {});
BENCHMARK_CAPTURE(part, fixed, {{"strategy", "fixed"}});
BENCHMARK_CAPTURE(part, level_6, {{"level", "6"}});
BENCHMARK_CAPTURE(part, mem_level_8, {{"mem_level", "8"}});

void whole(benchmark::State& state) {
  const instance made;
  std::string text;
  for (uint32_t n = 0; n < 8; ++n) text += quote(n * 7'919);
  std::vector<uint8_t> out(16'384);
  int64_t size = 0;
  for (auto _ : state)
    size = made.ops().whole(made.self(), 0, reinterpret_cast<const uint8_t*>(text.data()), text.size(), out.data(),
                            out.size());
  state.counters["bytes"] = static_cast<double>(text.size());
  state.counters["share"] = static_cast<double>(size) / static_cast<double>(text.size());
}
BENCHMARK(whole);

void unpack(benchmark::State& state) {
  const instance made;
  const auto message = made.whole(R"({"type":"SUBSCRIBE","symbols":["AAPL","MSFT","GOOGL"],"frequency":100})");
  std::vector<uint8_t> out(4'096);
  for (auto _ : state)
    benchmark::DoNotOptimize(made.ops().unpack(made.self(), 0, reinterpret_cast<const uint8_t*>(message.data()),
                                               message.size(), out.data(), out.size()));
}
BENCHMARK(unpack);

} // namespace
} // namespace tickplant::deflate::testing

BENCHMARK_MAIN();
