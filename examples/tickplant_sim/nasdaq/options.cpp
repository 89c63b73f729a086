#include "tickplant_sim/nasdaq/options.hpp"

#include "tickplant_sim/endpoint.hpp"
#include "tickplant_sim/open_failure.hpp"
#include "tickplant_sim/wall_clock.hpp"

#include <CLI/CLI.hpp>

namespace tickplant::sim::nasdaq {
namespace {

/// Values that need a second step after CLI11 has read them.
struct raw_values {
  std::string a = "udp://127.0.0.1:26400";
  std::string b = "udp://127.0.0.1:26401";
  std::string rerequest = "udp://127.0.0.1:26402";
  std::string soup, glimpse; // empty: not served
  std::size_t store_mib = 256;
  std::optional<double> utc_offset_hours;
  std::optional<double> rate;
  std::uint32_t live_orders = 150;
};

std::string new_session_name() {
  constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string name = "SIM0000000";
  auto rest = static_cast<std::uint64_t>(unix_ms());
  for (std::size_t i = name.size(); i-- > 3; rest /= digits.size()) name[i] = digits[rest % digits.size()];
  return name;
}

void finish(play_options& o, const raw_values& raw, const common_options& common) {
  using udp = boost::asio::ip::udp;
  auto& exchange = o.exchange;
  exchange.lines[0] = {endpoint_option<udp::endpoint>("--nasdaq-a", raw.a, "udp", false), common.faults.line_a,
                       seed_of(common.seed, "nasdaq.line_a")};
  exchange.lines[1] = {endpoint_option<udp::endpoint>("--nasdaq-b", raw.b, "udp", false), common.faults.line_b,
                       seed_of(common.seed, "nasdaq.line_b")};
  exchange.rerequest = endpoint_option<udp::endpoint>("--nasdaq-rerequest", raw.rerequest, "udp", true);
  using tcp = boost::asio::ip::tcp;
  if (!raw.soup.empty()) exchange.soup = endpoint_option<tcp::endpoint>("--nasdaq-soup", raw.soup, "tcp", true);
  if (!raw.glimpse.empty())
    exchange.glimpse = endpoint_option<tcp::endpoint>("--nasdaq-glimpse", raw.glimpse, "tcp", true);
  if (exchange.username.size() > 6 || exchange.password.size() > 10)
    throw std::invalid_argument("--nasdaq-user has more than 6 characters, or --nasdaq-password more than 10");
  exchange.channel_faults = common.faults.channel;
  exchange.rerequest_faults = exchange.soup_faults = exchange.glimpse_faults = common.faults.service;
  exchange.seed = common.seed;
  exchange.multicast_interface = common.multicast_interface;
  exchange.store_bytes = raw.store_mib << 20;
  if (raw.utc_offset_hours) exchange.utc_offset_s = static_cast<std::int64_t>(*raw.utc_offset_hours * 3600);
  if (exchange.session.empty()) exchange.session = new_session_name();
  if (exchange.session.size() > 10) throw std::invalid_argument("--nasdaq-session has more than 10 characters");
  o.day.flow.symbols = demo_symbols();
  o.day.flow.live_orders_per_symbol = raw.live_orders;
  o.day.flow.seed = common.seed;
  o.day.price_seed = common.seed;
  o.day.messages_per_second = raw.rate.value_or(o.day.messages_per_second);
  o.playback.rate = raw.rate.value_or(0);
  o.playback.speed = common.speed;
}

std::unique_ptr<message_source> make_source(const play_options& options) {
  if (options.playback.path.empty()) return std::make_unique<trading_day>(options.day);
  return std::make_unique<day_playback>(options.playback);
}

} // namespace

option_section add_options(CLI::App& app, play_options& out) {
  const std::string group = "Nasdaq";
  const auto raw = std::make_shared<raw_values>();
  app.add_option("--nasdaq-a", raw->a, "Where line A is sent (unicast or multicast group)")
    ->group(group)
    ->capture_default_str();
  app.add_option("--nasdaq-b", raw->b, "Where line B is sent")->group(group)->capture_default_str();
  app.add_option("--nasdaq-rerequest", raw->rerequest, "Where re-requests are answered; port 0 picks one")
    ->group(group)
    ->capture_default_str();
  app
    .add_option("--nasdaq-soup", raw->soup,
                "Where the session is served over SoupBinTCP, such as tcp://127.0.0.1:26403; port 0 picks one")
    ->group(group);
  app
    .add_option(
      "--nasdaq-glimpse", raw->glimpse,
      "Where GLIMPSE pictures of the synthetic day are served, such as tcp://127.0.0.1:26404; port 0 picks one")
    ->group(group);
  app.add_option("--nasdaq-user", out.exchange.username, "Who may log in to the TCP services (default: anybody)")
    ->group(group);
  app.add_option("--nasdaq-password", out.exchange.password, "With which password")->group(group);
  app
    .add_option("--nasdaq-rate", raw->rate,
                "Messages per second over all symbols (synthetic: default 2000; with --nasdaq-file: instead of its "
                "time stamps)")
    ->group(group)
    ->check(CLI::Range(0.001, 5e6));
  app.add_option("--nasdaq-file", out.playback.path, "Play this BinaryFILE instead of the synthetic day")
    ->group(group)
    ->check(CLI::ExistingFile);
  app
    .add_flag("--nasdaq-file-zero-lengths", out.playback.lengths_from_type,
              "The file's length bytes are zero: take lengths from the message types")
    ->group(group);
  app.add_option("--nasdaq-live-orders", raw->live_orders, "Resting orders per symbol of the synthetic day")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(30, 100'000));
  app.add_option("--nasdaq-open-after", out.day.open_after_s, "Seconds from the start to the opening cross")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(0.0, 86'400.0));
  app.add_option("--halt-every", out.day.halt_every_s, "Seconds between halts of a symbol; 0: no halts")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(0.0, 86'400.0));
  app.add_option("--halt-length", out.day.halt_length_s, "Seconds a halt lasts")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(0.0, 86'400.0));
  app
    .add_option("--nasdaq-session", out.exchange.session,
                "Session name, at most 10 characters (default: new with each start)")
    ->group(group);
  app
    .add_option("--utc-offset-hours", raw->utc_offset_hours,
                "Offset of the time stamps' time zone (default: US Eastern by date)")
    ->group(group)
    ->check(CLI::Range(-12.0, 14.0));
  app.add_option("--store-mib", raw->store_mib, "Messages kept for re-requests, in MiB; the oldest go first")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(1, 65'536));
  return {.name = "nasdaq",
          .title = group,
          .wanted = &out.wanted,
          .finish = [&out, raw](const common_options& common) { finish(out, *raw, common); },
          .plays_a_file = [&out] { return !out.playback.path.empty(); }};
}

std::unique_ptr<simulated_exchange> open_exchange(const play_options& options, const exchange_context& context) {
  auto source = make_source(options);
  return opened("Nasdaq's lines or --nasdaq-rerequest " + address_text(options.exchange.rerequest),
                [&] { return std::make_unique<exchange>(context, options.exchange, std::move(source)); });
}

} // namespace tickplant::sim::nasdaq
