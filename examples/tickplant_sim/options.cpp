#include "tickplant_sim/options.hpp"

#include "tickplant_sim/endpoint.hpp"
#include "tickplant_sim/wall_clock.hpp"

#include <CLI/CLI.hpp>
#include <ostream>
#include <stdexcept>

namespace tickplant::sim {
namespace {

constexpr double highest_speed = 1e6;
const CLI::Range probability{0.0, 1.0};

/// Values that need a second step after CLI11 has read them.
struct raw_values {
  std::string nasdaq_a = "udp://127.0.0.1:26400";
  std::string nasdaq_b = "udp://127.0.0.1:26401";
  std::string rerequest = "udp://127.0.0.1:26402";
  std::string multicast_interface = "127.0.0.1";
  std::string binance = "127.0.0.1:26500";
  bool no_nasdaq = false;
  bool no_binance = false;
  std::size_t store_mib = 256;
  std::optional<double> utc_offset_hours;
  std::optional<double> nasdaq_rate;
  std::optional<double> loss_a, loss_b;
  line_fault_rates faults;
  double speed = 1;
  double ping_interval_s = 20;
  double lifetime_s = 24 * 3600;
  double cut_after_s = 0;
  std::uint32_t live_orders = 150;
};

void add_nasdaq(CLI::App& app, options& o, raw_values& raw) {
  const std::string group = "Nasdaq";
  app.add_flag("--no-nasdaq", raw.no_nasdaq, "Do not play Nasdaq")->group(group);
  app.add_option("--nasdaq-a", raw.nasdaq_a, "Where line A is sent (unicast or multicast group)")
    ->group(group)
    ->capture_default_str();
  app.add_option("--nasdaq-b", raw.nasdaq_b, "Where line B is sent")->group(group)->capture_default_str();
  app.add_option("--nasdaq-rerequest", raw.rerequest, "Where re-requests are answered; port 0 picks one")
    ->group(group)
    ->capture_default_str();
  app.add_option("--multicast-interface", raw.multicast_interface, "Interface address multicast leaves by")
    ->group(group)
    ->capture_default_str();
  app
    .add_option("--nasdaq-rate", raw.nasdaq_rate,
                "Messages per second over all symbols (synthetic: default 2000; with --nasdaq-file: instead of its "
                "time stamps)")
    ->group(group)
    ->check(CLI::Range(0.001, 5e6));
  app.add_option("--nasdaq-file", o.nasdaq.playback.path, "Play this BinaryFILE instead of the synthetic day")
    ->group(group)
    ->check(CLI::ExistingFile);
  app
    .add_flag("--nasdaq-file-zero-lengths", o.nasdaq.playback.lengths_from_type,
              "The file's length bytes are zero: take lengths from the message types")
    ->group(group);
  app.add_option("--nasdaq-live-orders", raw.live_orders, "Resting orders per symbol of the synthetic day")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(30, 100'000));
  app.add_option("--nasdaq-open-after", o.nasdaq.day.open_after_s, "Seconds from the start to the opening cross")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(0.0, 86'400.0));
  app.add_option("--halt-every", o.nasdaq.day.halt_every_s, "Seconds between halts of a symbol; 0: no halts")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(0.0, 86'400.0));
  app.add_option("--halt-length", o.nasdaq.day.halt_length_s, "Seconds a halt lasts")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(0.0, 86'400.0));
  app
    .add_option("--nasdaq-session", o.nasdaq.exchange.session,
                "Session name, at most 10 characters (default: new "
                "with each start)")
    ->group(group);
  app
    .add_option("--utc-offset-hours", raw.utc_offset_hours,
                "Offset of the time stamps' time zone (default: US Eastern by date)")
    ->group(group)
    ->check(CLI::Range(-12.0, 14.0));
  app.add_option("--store-mib", raw.store_mib, "Messages kept for re-requests, in MiB; the oldest go first")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(1, 65'536));
}

void add_binance(CLI::App& app, options& o, raw_values& raw) {
  const std::string group = "Binance";
  app.add_flag("--no-binance", raw.no_binance, "Do not play Binance")->group(group);
  app.add_option("--binance", raw.binance, "Where streams and REST are served; port 0 picks one")
    ->group(group)
    ->capture_default_str();
  app.add_option("--binance-rate", o.binance.updates_per_second, "Level changes per second over all symbols")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(0.001, 1e6));
  app
    .add_option("--binance-recording", o.binance.recordings,
                "Play these recordings (.log or .log.gz, several continue one another) from the first subscription on")
    ->group(group)
    ->check(CLI::ExistingFile);
  app.add_option("--ping-interval", raw.ping_interval_s, "Seconds between pings to a stream client")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(0.05, 86'400.0));
  app.add_option("--connection-lifetime", raw.lifetime_s, "Seconds a stream connection lives")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(0.1, 1e7));
  app.add_option("--rest-weight-limit", o.binance.server.weight_limit, "Request weight per minute before 429")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(1u, 1'000'000'000u));
  app.add_option("--max-connections", o.binance.server.most_connections, "Connections at the same time")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(1, 10'000));
}

void add_faults(CLI::App& app, options& o, raw_values& raw) {
  const std::string group = "Faults (probabilities 0 to 1, repeatable with the same --seed)";
  app.add_option("--loss", raw.faults.loss, "Lose packets on lines A and B")->group(group)->check(probability);
  app.add_option("--loss-a", raw.loss_a, "Lose packets on line A only")->group(group)->check(probability);
  app.add_option("--loss-b", raw.loss_b, "Lose packets on line B only")->group(group)->check(probability);
  app.add_option("--duplicate", raw.faults.duplicate, "Send packets twice")->group(group)->check(probability);
  app.add_option("--reorder", raw.faults.reorder, "Delay packets behind up to 8 later ones")
    ->group(group)
    ->check(probability);
  app.add_option("--truncate", raw.faults.truncate, "Cut packets short")->group(group)->check(probability);
  app.add_option("--binance-cut-after", raw.cut_after_s, "Drop every stream connection after these seconds")
    ->group(group)
    ->check(CLI::Range(0.001, 1e7));
  app.add_option("--binance-gap", o.binance.faults.gap, "Leave out depth diffs")->group(group)->check(probability);
  app
    .add_option("--stale-snapshot", o.binance.faults.stale_snapshots,
                "Answer this many depth requests with a snapshot too old to join")
    ->group(group)
    ->check(CLI::NonNegativeNumber);
}

void add_generator(CLI::App& app, options& o) {
  const std::string group = "Day file (instead of playing)";
  app.add_option("--generate-itch", o.generate_path, "Write a synthetic BinaryFILE day here and exit")->group(group);
  app.add_option("--messages", o.generate.messages, "Messages of the day")->group(group)->capture_default_str();
  app.add_option("--symbols", o.generate.symbols, "Symbols of the day")->group(group)->capture_default_str();
  app.add_option("--live-orders", o.generate.live_orders, "Resting orders over all symbols while the market is open")
    ->group(group)
    ->capture_default_str();
  app.add_flag("--exotic", o.generate.exotic, "Include every message type of the format")->group(group);
  app.add_option("--time-spread", o.generate.time_spread_s, "Seconds of the day the order flow is spread over")
    ->group(group)
    ->capture_default_str();
}

template <class Endpoint>
Endpoint to_endpoint(const std::string& text, std::string_view scheme, bool port_zero_is_possible) {
  const auto parsed = parse_endpoint(text, scheme);
  if (parsed.port == 0 && !port_zero_is_possible)
    throw std::invalid_argument("'" + text + "': a line is sent, not listened to, so its port must be given");
  return Endpoint{parsed.host, parsed.port};
}

std::string new_session_name() {
  constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string name = "SIM0000000";
  auto rest = static_cast<std::uint64_t>(unix_ms());
  for (std::size_t i = name.size(); i-- > 3; rest /= digits.size()) name[i] = digits[rest % digits.size()];
  return name;
}

std::chrono::milliseconds to_ms(double seconds) {
  return std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
}

void finish_nasdaq(options& o, const raw_values& raw) {
  using udp = boost::asio::ip::udp;
  auto& exchange = o.nasdaq.exchange;
  exchange.lines[0] = {to_endpoint<udp::endpoint>(raw.nasdaq_a, "udp", false), raw.faults, o.seed * 4 + 1};
  exchange.lines[1] = {to_endpoint<udp::endpoint>(raw.nasdaq_b, "udp", false), raw.faults, o.seed * 4 + 2};
  if (raw.loss_a) exchange.lines[0].faults.loss = *raw.loss_a;
  if (raw.loss_b) exchange.lines[1].faults.loss = *raw.loss_b;
  exchange.rerequest = to_endpoint<udp::endpoint>(raw.rerequest, "udp", true);
  boost::system::error_code error;
  exchange.multicast_interface = boost::asio::ip::make_address_v4(raw.multicast_interface, error);
  if (error) throw std::invalid_argument("--multicast-interface '" + raw.multicast_interface + "' is no IPv4 address");
  exchange.store_bytes = raw.store_mib << 20;
  if (raw.utc_offset_hours) exchange.utc_offset_s = static_cast<std::int64_t>(*raw.utc_offset_hours * 3600);
  if (exchange.session.empty()) exchange.session = new_session_name();
  if (exchange.session.size() > 10) throw std::invalid_argument("--nasdaq-session has more than 10 characters");
  o.nasdaq.day.flow.symbols = nasdaq::demo_symbols();
  o.nasdaq.day.flow.live_orders_per_symbol = raw.live_orders;
  o.nasdaq.day.flow.seed = o.seed;
  o.nasdaq.day.messages_per_second = raw.nasdaq_rate.value_or(o.nasdaq.day.messages_per_second);
  o.nasdaq.playback.rate = raw.nasdaq_rate.value_or(0);
  o.nasdaq.playback.speed = raw.speed;
}

void finish(options& o, const raw_values& raw) {
  o.with_nasdaq = !raw.no_nasdaq;
  o.with_binance = !raw.no_binance;
  finish_nasdaq(o, raw);
  o.binance.server.listen = to_endpoint<boost::asio::ip::tcp::endpoint>(raw.binance, "http", true);
  o.binance.server.session.ping_interval = to_ms(raw.ping_interval_s);
  o.binance.server.session.lifetime = to_ms(raw.lifetime_s);
  o.binance.server.session.cut_after = to_ms(raw.cut_after_s);
  o.binance.speed = raw.speed;
  o.binance.faults.seed = o.seed * 4 + 3;
  o.generate.seed = o.seed;
  const bool plays_a_file =
    (o.with_nasdaq && !o.nasdaq.playback.path.empty()) || (o.with_binance && !o.binance.recordings.empty());
  if (o.exit_at_end && !plays_a_file)
    throw std::invalid_argument("--exit-at-end needs --nasdaq-file or --binance-recording: synthetic days do not end");
  if (!o.with_nasdaq && !o.with_binance && o.generate_path.empty())
    throw std::invalid_argument("--no-nasdaq and --no-binance together leave nothing to play");
  if (!o.generate_path.empty())
    if (const auto why = nasdaq::explain_impossible(o.generate); !why.empty()) throw std::invalid_argument(why);
}

} // namespace

command_line parse_command_line(int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
  CLI::App app{"Plays exchanges on this machine in their own protocols: Nasdaq (ITCH 5.0 over MoldUDP64, lines A and "
               "B, re-requests) and Binance spot (streams and REST on one port). Prints one line of JSON per service "
               "on stdout, then {\"ready\":true}. SIGTERM ends in order, SIGUSR1 prints a summary to stderr.",
               "tickplant-sim"};
  options o;
  raw_values raw;
  app.add_option("--seed", o.seed, "Seed of everything that is left to chance")->capture_default_str();
  app.add_option("--speed", raw.speed, "Speed of files and recordings as times of real time; 0: as fast as possible")
    ->capture_default_str()
    ->check(CLI::Range(0.0, highest_speed));
  app.add_flag("--exit-at-end", o.exit_at_end, "Exit when all files and recordings are played");
  add_nasdaq(app, o, raw);
  add_binance(app, o, raw);
  add_faults(app, o, raw);
  add_generator(app, o);
  try {
    app.parse(argc, argv);
    finish(o, raw);
  } catch (const CLI::ParseError& e) {
    return {std::nullopt, app.exit(e, out, err)};
  } catch (const std::invalid_argument& e) {
    err << "tickplant-sim: " << e.what() << '\n';
    return {std::nullopt, 2};
  }
  return {std::move(o), 0};
}

} // namespace tickplant::sim
