#include "tickplant_sim/nasdaq/synthetic_day.hpp"

#include "tickplant_sim/nasdaq/day_script.hpp"
#include "tickplant_sim/nasdaq/trading_day.hpp"

#include <algorithm>
#include <cmath>

namespace tickplant::sim::nasdaq {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
constexpr std::uint64_t begin_ns = 10'920 * second; // 03:02
constexpr std::uint64_t open_ns = 34'200 * second;
constexpr std::uint64_t end_ns = 72'000 * second; // 20:00
constexpr std::size_t write_size = 256 * 1024;
constexpr std::uint32_t most_symbols = 17'000; // names of 'Z' and three letters, besides the real ones

/// A cross writes at most two executions and its print, a market-wide halt two actions a symbol.
std::uint64_t fixed_messages(const synthetic_day_options& options) {
  return 4ull * options.symbols + 3 + 2 * (3ull * options.symbols + 2) + 1;
}

class file_day {
public:
  file_day(const synthetic_day_options& options, const std::function<void(block_buffer&)>& write)
    : options_{options}, write_{write}, flow_{make_flow(options)}, out_{blocks_} {}

  std::size_t run() {
    begin_day(flow_, begin_ns, out_);
    open_market(flow_, open_ns, out_);
    trade();
    close_market(flow_, now_ns_, out_);
    // The closing cross takes a varying number of executions, so the rest of the budget goes to hidden trades.
    while (left() > flow_.live_orders() + 2) late_trade();
    end_trading(end_ns, out_);
    while (flow_.delete_one(end_ns, out_)) drain(write_size);
    end_day(end_ns + 300 * second, out_);
    drain(1);
    return peak_;
  }

private:
  static flow_options make_flow(const synthetic_day_options& options) {
    flow_options flow;
    flow.symbols = synthetic_symbols(options.symbols, options.seed);
    flow.live_orders_per_symbol = std::max(1u, options.live_orders / options.symbols);
    flow.seed = options.seed;
    // About a twentieth of a tick each step, whatever time lies between steps: the walk scales with its root.
    const double seconds_a_step =
      options.time_spread_s * options.symbols / static_cast<double>(std::max<std::uint64_t>(1, options.messages));
    for (auto& symbol : flow.symbols) symbol.volatility = 0.2 / (symbol.price * 100);
    flow.walk_scale = 1 / std::sqrt(std::clamp(seconds_a_step, 1e-9, 1.0));
    return flow;
  }

  std::uint64_t left() const { return options_.messages - out_.count(); }

  void drain(std::size_t at_least) {
    if (blocks_.size() < at_least) return;
    write_(blocks_);
    blocks_.clear();
  }

  void trade() {
    const auto flow_messages = left();
    const auto spread_ns = static_cast<std::uint64_t>(options_.time_spread_s * 1e9);
    const double ns_a_message = static_cast<double>(spread_ns) / static_cast<double>(flow_messages);
    const std::uint64_t step_room = order_flow::most_messages_a_step + closing_room();
    std::uint64_t next_rare = out_.count() + 2000;
    bool halted = !options_.exotic;
    while (left() > flow_.live_orders() + step_room + (options_.exotic ? 2ull * options_.symbols + 1 : 0)) {
      now_ns_ = open_ns + static_cast<std::uint64_t>(ns_a_message * static_cast<double>(flow_messages - left()));
      if (!halted && left() < flow_messages / 2) {
        market_wide_halt(flow_, now_ns_, out_);
        halted = true;
      } else if (out_.count() >= next_rare) {
        rare_message(flow_, options_.exotic, now_ns_, out_);
        next_rare = out_.count() + (options_.exotic ? 200 : 5000);
      } else {
        flow_.step(now_ns_, out_);
      }
      peak_ = std::max(peak_, flow_.live_orders());
      drain(write_size);
    }
  }

  void late_trade() {
    flow_.hidden_trade(flow_.random().below(options_.symbols), now_ns_, out_);
    drain(write_size);
  }

  std::uint64_t closing_room() const { return 3ull * options_.symbols + 2 + 1; }

  synthetic_day_options options_;
  const std::function<void(block_buffer&)>& write_;
  order_flow flow_;
  block_buffer blocks_;
  itch_encoder out_;
  std::uint64_t now_ns_ = open_ns;
  std::size_t peak_ = 0;
};

} // namespace

std::string explain_impossible(const synthetic_day_options& options) {
  if (options.symbols == 0 || options.symbols > most_symbols)
    return "--symbols must be from 1 to " + std::to_string(most_symbols);
  if (options.live_orders < options.symbols * 30)
    return "--live-orders must be at least 30 for each symbol, so " + std::to_string(options.symbols * 30);
  if (!(options.time_spread_s > 0 && options.time_spread_s <= 37'000))
    return "--time-spread must be above 0 and at most 37000 seconds (09:30 to before 20:00)";
  const auto least = fixed_messages(options) + 2ull * options.symbols + 4ull * options.live_orders;
  if (options.messages < least)
    return "--messages must be at least " + std::to_string(least) + " for these symbols and live orders";
  return {};
}

std::vector<listed_symbol> synthetic_symbols(std::uint32_t count, std::uint64_t seed) {
  auto symbols = demo_symbols();
  if (symbols.size() > count) symbols.resize(count);
  random_source random{seed ^ 0x5EED};
  for (std::uint32_t i = 0; symbols.size() < count; ++i) {
    std::string name{'Z'};
    for (const std::uint32_t place : {676u, 26u, 1u}) name.push_back(static_cast<char>('A' + i / place % 26));
    symbols.push_back({name, std::round(500 * std::pow(100.0, random.unit())) / 100, 0.02});
  }
  return symbols;
}

std::size_t write_synthetic_day(const synthetic_day_options& options, const std::function<void(block_buffer&)>& write) {
  return file_day{options, write}.run();
}

} // namespace tickplant::sim::nasdaq
