#include "tickplant_sim/binance/options.hpp"

#include "tickplant_sim/endpoint.hpp"
#include "tickplant_sim/open_failure.hpp"

#include <CLI/CLI.hpp>

namespace tickplant::sim::binance {
namespace {

/// Values that need a second step after CLI11 has read them.
struct raw_values {
  std::string listen = "127.0.0.1:26500";
  double ping_interval_s = 20;
  double lifetime_s = 24 * 3600;
  double cut_after_s = 0;
  std::optional<double> gap;
};

void finish(play_options& o, const raw_values& raw, const common_options& common) {
  auto& exchange = o.exchange;
  exchange.server.listen = endpoint_option<boost::asio::ip::tcp::endpoint>("--binance", raw.listen, "http", true);
  exchange.server.session.ping_interval = milliseconds_of(raw.ping_interval_s);
  exchange.server.session.lifetime = milliseconds_of(raw.lifetime_s);
  exchange.server.session.cut_after = milliseconds_of(raw.cut_after_s);
  exchange.speed = common.speed;
  exchange.seed = common.seed;
  exchange.faults.gap = raw.gap.value_or(common.faults.stream.gap);
  exchange.faults.seed = seed_of(common.seed, "binance.feed");
}

} // namespace

option_section add_options(CLI::App& app, play_options& out) {
  const std::string group = "Binance";
  const auto raw = std::make_shared<raw_values>();
  auto& exchange = out.exchange;
  app.add_option("--binance", raw->listen, "Where streams and REST are served; port 0 picks one")
    ->group(group)
    ->capture_default_str();
  app.add_option("--binance-rate", exchange.updates_per_second, "Level changes per second over all symbols")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(0.001, 1e6));
  app
    .add_option("--binance-recording", exchange.recordings,
                "Play these recordings (.log or .log.gz, several continue one another) from the first subscription on")
    ->group(group)
    ->check(CLI::ExistingFile);
  app.add_option("--ping-interval", raw->ping_interval_s, "Seconds between pings to a stream client")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(0.05, 86'400.0));
  app.add_option("--connection-lifetime", raw->lifetime_s, "Seconds a stream connection lives")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(0.1, 1e7));
  app.add_option("--rest-weight-limit", exchange.server.weight_limit, "Request weight per minute before 429")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(1u, 1'000'000'000u));
  app.add_option("--max-connections", exchange.server.most_connections, "Connections at the same time")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(1, 10'000));
  app.add_option("--binance-cut-after", raw->cut_after_s, "Drop every stream connection after these seconds")
    ->group(group)
    ->check(CLI::Range(0.001, 1e7));
  app.add_option("--binance-gap", raw->gap, "Leave out depth diffs (instead of --stream-gap)")
    ->group(group)
    ->check(CLI::Range(0.0, 1.0));
  app
    .add_option("--stale-snapshot", exchange.faults.stale_snapshots,
                "Answer the first so many depth requests with a snapshot too old to join")
    ->group(group)
    ->check(CLI::NonNegativeNumber);
  return {.name = "binance",
          .title = group,
          .wanted = &out.wanted,
          .finish = [&out, raw](const common_options& common) { finish(out, *raw, common); },
          .plays_a_file = [&out] { return !out.exchange.recordings.empty(); }};
}

std::unique_ptr<simulated_exchange> open_exchange(const play_options& options, const exchange_context& context) {
  return opened("--binance " + address_text(options.exchange.server.listen),
                [&] { return std::make_unique<exchange>(context, options.exchange); });
}

} // namespace tickplant::sim::binance
