#include "tickplant_sim/nyse/options.hpp"

#include "tickplant_sim/endpoint.hpp"
#include "tickplant_sim/open_failure.hpp"

#include <CLI/CLI.hpp>

namespace tickplant::sim::nyse {
namespace {

/// Values that need a second step after CLI11 has read them.
struct raw_values {
  std::string a = "udp://127.0.0.1:26410";
  std::string b = "udp://127.0.0.1:26411";
  std::string request = "tcp://127.0.0.1:26412";
  std::string retransmission = "udp://127.0.0.1:26413";
  std::string refresh = "udp://127.0.0.1:26414";
  std::size_t store_mib = 128;
  std::uint32_t live_orders = 120;
  double heartbeat_s = 60;
};

datagram_line_options line(std::string_view option, const std::string& address, const line_fault_rates& faults,
                           std::uint64_t seed) {
  return {endpoint_option<boost::asio::ip::udp::endpoint>(option, address, "udp", false), faults, seed};
}

void finish(play_options& o, const raw_values& raw, const common_options& common) {
  auto& exchange = o.exchange;
  const auto seed = [&common](std::string_view part) { return seed_of(common.seed, part); };
  auto recovery_faults = common.faults.line_a;
  recovery_faults.silence = 0; // silence is for lines that somebody watches
  exchange.lines[0] = line("--nyse-a", raw.a, common.faults.line_a, seed("nyse.line_a"));
  exchange.lines[1] = line("--nyse-b", raw.b, common.faults.line_b, seed("nyse.line_b"));
  exchange.retransmission =
    line("--nyse-retransmission", raw.retransmission, recovery_faults, seed("nyse.retransmission"));
  exchange.refresh = line("--nyse-refresh", raw.refresh, recovery_faults, seed("nyse.refresh"));
  exchange.server.listen = endpoint_option<boost::asio::ip::tcp::endpoint>("--nyse-request", raw.request, "tcp", true);
  exchange.server.heartbeat_interval = milliseconds_of(raw.heartbeat_s);
  exchange.multicast_interface = common.multicast_interface;
  exchange.store_bytes = raw.store_mib << 20;
  exchange.channel_faults = common.faults.channel;
  exchange.service_faults = common.faults.service;
  exchange.seed = common.seed;
  exchange.day.market.stocks = demo_stocks();
  exchange.day.market.flow.live_orders_per_symbol = raw.live_orders;
  exchange.day.market.flow.seed = seed("nyse.flow");
  exchange.day.price_seed = common.seed;
}

} // namespace

option_section add_options(CLI::App& app, play_options& out) {
  const std::string group = "NYSE";
  const auto raw = std::make_shared<raw_values>();
  auto& exchange = out.exchange;
  const auto address = [&](const char* name, std::string& into, const char* text) {
    app.add_option(name, into, text)->group(group)->capture_default_str();
  };
  address("--nyse-a", raw->a, "Where line A is sent (unicast or multicast group)");
  address("--nyse-b", raw->b, "Where line B is sent");
  address("--nyse-request", raw->request, "Where the request server listens; port 0 picks one");
  address("--nyse-retransmission", raw->retransmission, "Where retransmitted messages are sent");
  address("--nyse-refresh", raw->refresh, "Where refreshes and symbol mappings are sent");
  const auto amount = [&](const char* name, double& into, double least, double most, const char* text) {
    app.add_option(name, into, text)->group(group)->capture_default_str()->check(CLI::Range(least, most));
  };
  amount("--nyse-rate", exchange.day.messages_per_second, 0.001, 5e6, "Messages per second over all symbols");
  amount("--nyse-open-after", exchange.day.open_after_s, 0, 86'400, "Seconds from the start to the opening auction");
  amount("--nyse-halt-every", exchange.day.halt_every_s, 0, 86'400, "Seconds between halts of a symbol; 0: no halts");
  amount("--nyse-halt-length", exchange.day.halt_length_s, 0, 86'400, "Seconds a halt lasts");
  amount("--nyse-summary-every", exchange.day.summary_every_s, 0, 86'400,
         "Seconds between stock summaries, which go into the channel; 0: none");
  amount("--nyse-heartbeat", raw->heartbeat_s, 0.05, 86'400, "Seconds between heartbeats of the request server");
  app.add_option("--nyse-live-orders", raw->live_orders, "Resting orders per symbol")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(30, 100'000));
  app
    .add_option("--nyse-source-id", exchange.desk.source_ids,
                "Client ids that the request server knows, with commas between them (default: every id)")
    ->group(group)
    ->delimiter(',');
  app
    .add_option("--nyse-retransmissions-a-day", exchange.desk.retransmissions_a_day,
                "Retransmission requests per client before status 4")
    ->group(group)
    ->capture_default_str();
  app
    .add_option("--nyse-refreshes-a-day", exchange.desk.refreshes_a_day,
                "Refresh and mapping requests per client before status 5")
    ->group(group)
    ->capture_default_str();
  app.add_option("--nyse-store-mib", raw->store_mib, "Messages kept for retransmission, in MiB; the oldest go first")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(1, 65'536));
  return {.name = "nyse",
          .title = group,
          .wanted = &out.wanted,
          .finish = [&out, raw](const common_options& common) { finish(out, *raw, common); },
          .plays_a_file = [] { return false; }};
}

std::unique_ptr<simulated_exchange> open_exchange(const play_options& options, const exchange_context& context) {
  return opened("NYSE's lines or --nyse-request " + address_text(options.exchange.server.listen),
                [&] { return std::make_unique<exchange>(context, options.exchange); });
}

} // namespace tickplant::sim::nyse
