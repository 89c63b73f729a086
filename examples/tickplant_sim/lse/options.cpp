#include "tickplant_sim/lse/options.hpp"

#include "tickplant_sim/endpoint.hpp"
#include "tickplant_sim/open_failure.hpp"

#include <CLI/CLI.hpp>
#include <memory>

namespace tickplant::sim::lse {
namespace {

/// Values that need a second step after CLI11 has read them.
struct raw_values {
  std::string protocol_name = "mitch";
  std::string a = "udp://127.0.0.1:26420";
  std::string b = "udp://127.0.0.1:26421";
  std::string replay = "tcp://127.0.0.1:26422";
  std::string recovery = "tcp://127.0.0.1:26423";
  std::string group = "A";
  std::vector<std::string> accounts;
  std::optional<double> utc_offset_hours;
};

service_account parse_account(const std::string& text, protocol name) {
  const auto colon = text.find(':');
  service_account out;
  out.comp_id = text.substr(0, colon);
  out.password = colon == std::string::npos ? "mit_1234" : text.substr(colon + 1);
  const std::size_t longest = name == protocol::gtp ? 8 : 6;
  if (out.comp_id.empty() || out.comp_id.size() > longest || out.password.size() > 10)
    throw std::invalid_argument("--lse-comp-ids '" + text + "': write ID or ID:PASSWORD with at most " +
                                std::to_string(longest) + " and 10 characters");
  return out;
}

void finish(play_options& o, const raw_values& raw, const common_options& common) {
  using udp = boost::asio::ip::udp;
  using tcp = boost::asio::ip::tcp;
  auto& exchange = o.exchange;
  exchange.name = raw.protocol_name == "gtp" ? protocol::gtp : protocol::mitch;
  if (raw.group.size() != 1) throw std::invalid_argument("--lse-group '" + raw.group + "' is not one character");
  exchange.group = raw.group.front();
  exchange.lines[0] = {endpoint_option<udp::endpoint>("--lse-a", raw.a, "udp", false), common.faults.line_a,
                       seed_of(common.seed, "lse.line_a")};
  exchange.lines[1] = {endpoint_option<udp::endpoint>("--lse-b", raw.b, "udp", false), common.faults.line_b,
                       seed_of(common.seed, "lse.line_b")};
  exchange.replay = endpoint_option<tcp::endpoint>("--lse-replay", raw.replay, "tcp", true);
  exchange.recovery = endpoint_option<tcp::endpoint>("--lse-recovery", raw.recovery, "tcp", true);
  exchange.multicast_interface = common.multicast_interface;
  exchange.channel_faults = common.faults.channel;
  exchange.service_faults = common.faults.service;
  exchange.seed = common.seed;
  exchange.day.flow.seed = seed_of(common.seed, "lse.flow");
  exchange.day.level1_auctions = exchange.name == protocol::mitch;
  if (raw.utc_offset_hours) exchange.utc_offset_s = static_cast<std::int64_t>(*raw.utc_offset_hours * 3600);
  if (!raw.accounts.empty()) exchange.rules.accounts.clear();
  for (const auto& text : raw.accounts) exchange.rules.accounts.push_back(parse_account(text, exchange.name));
}

void add_lines(CLI::App& app, raw_values& raw, const std::string& group) {
  app.add_option("--lse-protocol", raw.protocol_name, "mitch (Level 2 MITCH) or gtp (Group Ticker Plant)")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::IsMember({"mitch", "gtp"}));
  app.add_option("--lse-a", raw.a, "Where line A is sent (unicast or multicast group)")
    ->group(group)
    ->capture_default_str();
  app.add_option("--lse-b", raw.b, "Where line B is sent")->group(group)->capture_default_str();
  app.add_option("--lse-replay", raw.replay, "Where replay requests are answered; port 0 picks one")
    ->group(group)
    ->capture_default_str();
  app.add_option("--lse-recovery", raw.recovery, "Where snapshots are given; port 0 picks one")
    ->group(group)
    ->capture_default_str();
  app.add_option("--lse-group", raw.group, "Market data group, one character; GTP's line B has the small letter")
    ->group(group)
    ->capture_default_str();
  app.add_option("--lse-utc-offset-hours", raw.utc_offset_hours, "Offset of local times (default: London's, by date)")
    ->group(group)
    ->check(CLI::Range(-12.0, 14.0));
}

void add_services(CLI::App& app, service_rules& rules, raw_values& raw, const std::string& group) {
  app
    .add_option("--lse-comp-ids", raw.accounts,
                "Who may use replay and recovery: ID or ID:PASSWORD, with commas between them (default: TICK01 and "
                "TICK02 with mit_1234)")
    ->delimiter(',')
    ->group(group);
  app.add_option("--lse-logins-a-day", rules.logins_a_day, "Logins per CompID and service until a day ends")
    ->group(group)
    ->capture_default_str();
  app.add_option("--lse-replays-a-day", rules.replays_a_day, "Replay requests per CompID until a day ends")
    ->group(group)
    ->capture_default_str();
  app.add_option("--lse-recoveries-a-day", rules.recoveries_a_day, "Snapshot requests per CompID until a day ends")
    ->group(group)
    ->capture_default_str();
}

void add_day(CLI::App& app, trading_day_options& day, const std::string& group) {
  const auto seconds = [&](const char* name, double& into, const char* text) {
    app.add_option(name, into, text)
      ->group(group)
      ->capture_default_str()
      ->check(CLI::Range(0.0, 86'400.0))
      ->type_name("S");
  };
  app.add_option("--lse-rate", day.messages_per_second, "Messages per second over all instruments")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(0.001, 5e6));
  app.add_option("--lse-live-orders", day.flow.live_orders_per_instrument, "Resting orders per instrument")
    ->group(group)
    ->capture_default_str()
    ->check(CLI::Range(30, 100'000));
  seconds("--lse-open-after", day.open_after_s, "Seconds of the opening auction call");
  seconds("--lse-halt-every", day.halt_every_s, "About this many seconds between halts; 0: no halts");
  seconds("--lse-halt-length", day.halt_length_s, "Seconds of a halt with its resume auction");
  seconds("--lse-monitoring-every", day.monitoring_every_s,
          "About this many seconds between price monitoring auctions; 0: none");
  seconds("--lse-auction-every", day.auction_every_s,
          "About this many seconds between intraday auctions of all instruments; 0: none");
  seconds("--lse-auction-length", day.auction_length_s, "Seconds of price monitoring and intraday auctions");
  seconds("--lse-refresh-every", day.refresh_every_s,
          "About this many seconds between in-band refreshes of a book; 0: none");
  seconds("--lse-correct-every", day.correct_every_s,
          "About this many seconds between cancelled or amended trades; 0: none");
  seconds("--lse-day-length", day.day_length_s,
          "Seconds from opening to closing auction, then another day begins; 0: one day until the end");
}

} // namespace

option_section add_options(CLI::App& app, play_options& out) {
  const std::string group = "LSE";
  const auto raw = std::make_shared<raw_values>();
  add_lines(app, *raw, group);
  add_services(app, out.exchange.rules, *raw, group);
  add_day(app, out.exchange.day, group);
  return {.name = "lse",
          .title = group,
          .wanted = &out.wanted,
          .finish = [&out, raw](const common_options& common) { finish(out, *raw, common); },
          .plays_a_file = [] { return false; }};
}

std::unique_ptr<simulated_exchange> open_exchange(const play_options& options, const exchange_context& context) {
  const auto& exchange_options = options.exchange;
  return opened("LSE's lines, --lse-replay " + address_text(exchange_options.replay) + " or --lse-recovery " +
                  address_text(exchange_options.recovery),
                [&] { return std::make_unique<exchange>(context, exchange_options); });
}

} // namespace tickplant::sim::lse
