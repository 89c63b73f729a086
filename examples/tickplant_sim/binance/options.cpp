#include "tickplant_sim/binance/options.hpp"

#include "tickplant_sim/endpoint.hpp"
#include "tickplant_sim/open_failure.hpp"

#include <CLI/CLI.hpp>
#include <stdexcept>

namespace tickplant::sim::binance {
namespace {

/// Values that need a second step after CLI11 has read them.
struct raw_values {
  std::string listen = "127.0.0.1:26500";
  double ping_interval_s = 20;
  double lifetime_s = 24 * 3600;
  double cut_after_s = 0;
  double silent_after_s = 0;
  double ban_s = 2;
  std::string product = "spot";
  std::optional<double> gap;
  std::optional<std::uint32_t> weight_limit;
};

void finish(play_options& o, const raw_values& raw, const common_options& common) {
  auto& exchange = o.exchange;
  exchange.server.listen = endpoint_option<boost::asio::ip::tcp::endpoint>("--binance", raw.listen, "http", true);
  exchange.server.session.ping_interval = milliseconds_of(raw.ping_interval_s);
  exchange.server.session.lifetime = milliseconds_of(raw.lifetime_s);
  exchange.server.session.cut_after = milliseconds_of(raw.cut_after_s);
  exchange.speed = common.speed;
  exchange.seed = common.seed;
  exchange.server.session.silent_after = milliseconds_of(raw.silent_after_s);
  exchange.server.ban = std::chrono::seconds{static_cast<std::int64_t>(raw.ban_s)};
  auto& server = exchange.server;
  server.which = raw.product == "usdm" ? product::usdm : product::spot;
  if (server.which == product::usdm && !exchange.recordings.empty())
    throw std::invalid_argument("--binance-product usdm: recordings are played as spot alone; leave one of both out");
  const auto limits = limits_of(server.which);
  server.weight_limit = raw.weight_limit.value_or(limits.weight_a_minute);
  if (server.session.most_streams == 0) server.session.most_streams = limits.streams_a_connection;
  server.session.messages_a_second = limits.messages_a_second;
  server.seed = common.seed;
  server.rest_faults = common.faults.service;
  server.connection_faults = {.malformed = common.faults.stream.malformed,
                              .unknown = common.faults.channel.unknown,
                              .cut = common.faults.service.cut / 100, // hundreds of messages a second: once in a while
                              .stall = common.faults.line_a.silence,
                              .stall_length = common.faults.line_a.silence_length};
  server.restart_every = common.faults.channel.reset_every;
  exchange.faults.stale = common.faults.service.stale;
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
  app.add_option("--binance-product", raw->product, "spot, or usdm: futures, whose diffs chain by pu")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::IsMember({"spot", "usdm"}));
  exchange.server.session.most_streams = 0; // as the product has it
  app
    .add_option("--binance-streams-limit", exchange.server.session.most_streams,
                "Streams of one connection (default 1024, usdm 200)")
    ->group(group)
    ->check(CLI::Range(1, 1024));
  app.add_option("--binance-connects-limit", exchange.server.connects_limit, "Stream connections in five minutes")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(1, 1'000'000));
  app
    .add_option("--binance-silent-after", raw->silent_after_s,
                "Each stream connection falls silent after these seconds and stays open")
    ->group(group)
    ->check(CLI::Range(0.001, 1e7));
  app.add_option("--binance-ban", raw->ban_s, "Retry-After of 418, the refusal that is a ban")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(1.0, 259'200.0));
  app.add_option("--binance-duplicate", exchange.faults.duplicate, "Send depth diffs twice")
    ->group(group)
    ->check(CLI::Range(0.0, 1.0));
  app.add_option("--binance-reorder", exchange.faults.reorder, "Send depth diffs behind the next one")
    ->group(group)
    ->check(CLI::Range(0.0, 1.0));
  app
    .add_option("--rest-weight-limit", raw->weight_limit,
                "Request weight per minute before 429 (default 6000, usdm 2400)")
    ->group(group)
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
