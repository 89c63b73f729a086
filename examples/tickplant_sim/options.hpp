// The command line of tickplant-sim.
#pragma once

#include "tickplant_sim/binance/server.hpp"
#include "tickplant_sim/nasdaq/day_file.hpp"
#include "tickplant_sim/nasdaq/exchange.hpp"
#include "tickplant_sim/nasdaq/synthetic_day.hpp"
#include "tickplant_sim/nasdaq/trading_day.hpp"

#include <iosfwd>

namespace tickplant::sim {

struct nasdaq_side {
  nasdaq::exchange_options exchange;
  nasdaq::trading_day_options day;       // without a file
  nasdaq::day_playback_options playback; // with a file: `path` is not empty
};

struct binance_side {
  binance::server_options server;
  double updates_per_second = 400;
  std::vector<std::string> recordings;
  double speed = 1;
  binance::feed_faults faults;
};

struct options {
  bool with_nasdaq = true;
  bool with_binance = true;
  nasdaq_side nasdaq;
  binance_side binance;
  std::uint64_t seed = 1;
  bool exit_at_end = false;
  std::string generate_path; // not empty: write a day file and exit
  nasdaq::synthetic_day_options generate;
};

/// What the program shall do: run with `wanted`, or exit at once with `exit_code`, everything being said already.
struct command_line {
  std::optional<options> wanted;
  int exit_code = 0;
};

/// Reads the arguments. Help goes to `out`, errors with what to do go to `err`.
command_line parse_command_line(int argc, const char* const* argv, std::ostream& out, std::ostream& err);

} // namespace tickplant::sim
