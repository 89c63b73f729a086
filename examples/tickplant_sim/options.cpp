#include "tickplant_sim/options.hpp"

#include "tickplant_sim/endpoint.hpp"
#include "tickplant_sim/fault_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>

namespace tickplant::sim {
namespace {

constexpr double highest_speed = 1e6;

/// Values that need a second step after CLI11 has read them.
struct raw_values {
  std::string multicast_interface = "127.0.0.1";
  std::string control;
  std::vector<std::string> only;
  std::vector<std::string> left_out;
};

void add_common(CLI::App& app, options& o, raw_values& raw) {
  app.add_option("--seed", o.common.seed, "Seed of everything that is left to chance")->capture_default_str();
  app
    .add_option("--speed", o.common.speed,
                "Speed of files and recordings as times of real time; 0: as fast as possible")
    ->capture_default_str()
    ->check(CLI::Range(0.0, highest_speed));
  app.add_flag("--exit-at-end", o.exit_at_end, "Exit when all files and recordings are played");
  app.add_option("--multicast-interface", raw.multicast_interface, "Interface address multicast leaves by")
    ->capture_default_str();
  app.add_option("--control", raw.control,
                 "Serve the control port here, on loopback: GET /books?venue=V&symbol=S&depth=N (the true book), "
                 "/symbols, /summary; POST /freeze, /thaw, /faults?on=0|1. Port 0 picks one");
}

void add_presence(CLI::App& app, const std::vector<option_section>& sections, raw_values& raw) {
  std::vector<std::string> names;
  for (const auto& section : sections) {
    names.push_back(section.name);
    app
      .add_flag_callback(
        "--no-" + section.name, [&raw, name = section.name] { raw.left_out.push_back(name); },
        "Do not play " + section.title)
      ->group(section.title);
  }
  app.add_option("--only", raw.only, "Play these exchanges only, with commas between them")
    ->delimiter(',')
    ->check(CLI::IsMember(names));
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

void add_tapes(CLI::App& app, options& o) {
  app.add_option("--tapes", o.tapes_folder,
                 "Write conformance tapes of the exchanges that are played into folders here, and exit; "
                 "tickplant-replay --conformance plays them");
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void choose_exchanges(const std::vector<option_section>& sections, const raw_values& raw, bool generates) {
  bool any = false;
  std::string flags;
  for (const auto& section : sections) {
    *section.wanted = (raw.only.empty() || contains(raw.only, section.name)) && !contains(raw.left_out, section.name);
    any = any || *section.wanted;
    flags += (flags.empty() ? "--no-" : ", --no-") + section.name;
  }
  if (!any && !generates) throw std::invalid_argument(flags + " together leave nothing to play; leave one of them out");
}

void finish(options& o, const raw_values& raw, const std::vector<option_section>& sections) {
  boost::system::error_code error;
  o.common.multicast_interface = boost::asio::ip::make_address_v4(raw.multicast_interface, error);
  if (error) throw std::invalid_argument("--multicast-interface '" + raw.multicast_interface + "' is no IPv4 address");
  if (!raw.control.empty()) {
    o.control = endpoint_option<boost::asio::ip::tcp::endpoint>("--control", raw.control, "http", true);
    if (!o.control->address().is_loopback())
      throw std::invalid_argument("--control '" + raw.control +
                                  "': the control port has no login, so it is only served on "
                                  "loopback; write 127.0.0.1:PORT");
  }
  choose_exchanges(sections, raw, !o.generate_path.empty());
  if (!o.tapes_folder.empty())
    for (const auto& section : sections)
      if (*section.wanted) o.tapes_of.push_back(section.name);
  bool plays_a_file = false;
  for (const auto& section : sections) {
    section.finish(o.common);
    plays_a_file = plays_a_file || (*section.wanted && section.plays_a_file());
  }
  if (o.exit_at_end && !plays_a_file)
    throw std::invalid_argument("--exit-at-end needs --nasdaq-file or --binance-recording: synthetic days do not end");
  o.generate.seed = o.common.seed;
  if (!o.generate_path.empty())
    if (const auto why = nasdaq::explain_impossible(o.generate); !why.empty()) throw std::invalid_argument(why);
}

} // namespace

command_line parse_command_line(int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
  CLI::App app{
    "Plays exchanges on this machine in their own protocols: Nasdaq (ITCH 5.0 over MoldUDP64, lines A and "
    "B, re-requests), NYSE (Pillar Integrated Feed, lines A and B, request server, retransmission, refresh), "
    "London (MITCH or GTP, lines A and B, replay, recovery) and Binance (streams and REST on one port). "
    "Prints one line of JSON per service on stdout, then {\"ready\":true}. SIGTERM ends in order, SIGUSR1 "
    "prints a summary to stderr.",
    "tickplant-sim"};
  options o;
  raw_values raw;
  add_common(app, o, raw);
  const std::vector<option_section> sections{nasdaq::add_options(app, o.nasdaq), nyse::add_options(app, o.nyse),
                                             lse::add_options(app, o.lse), binance::add_options(app, o.binance)};
  add_presence(app, sections, raw);
  const auto faults = add_fault_options(app);
  add_generator(app, o);
  add_tapes(app, o);
  try {
    app.parse(argc, argv);
    o.common.faults = faults();
    finish(o, raw, sections);
  } catch (const CLI::ParseError& e) {
    return {std::nullopt, app.exit(e, out, err)};
  } catch (const std::invalid_argument& e) {
    err << "tickplant-sim: " << e.what() << '\n';
    return {std::nullopt, 2};
  }
  return {std::move(o), 0};
}

std::vector<std::unique_ptr<simulated_exchange>> open_exchanges(const options& wanted,
                                                                const exchange_context& context) {
  std::vector<std::unique_ptr<simulated_exchange>> out;
  if (wanted.nasdaq.wanted) out.push_back(nasdaq::open_exchange(wanted.nasdaq, context));
  if (wanted.nyse.wanted) out.push_back(nyse::open_exchange(wanted.nyse, context));
  if (wanted.lse.wanted) out.push_back(lse::open_exchange(wanted.lse, context));
  if (wanted.binance.wanted) out.push_back(binance::open_exchange(wanted.binance, context));
  return out;
}

} // namespace tickplant::sim
