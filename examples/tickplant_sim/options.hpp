// The command line of tickplant-sim, put together from the parts that each exchange has in its own folder.
#pragma once

#include "tickplant_sim/binance/options.hpp"
#include "tickplant_sim/lse/options.hpp"
#include "tickplant_sim/nasdaq/options.hpp"
#include "tickplant_sim/nasdaq/synthetic_day.hpp"
#include "tickplant_sim/nyse/options.hpp"

#include <iosfwd>

namespace tickplant::sim {

struct options {
  common_options common;
  nasdaq::play_options nasdaq;
  nyse::play_options nyse;
  binance::play_options binance;
  std::optional<boost::asio::ip::tcp::endpoint> control;
  lse::play_options lse;
  bool exit_at_end = false;
  std::string generate_path; // not empty: write a day file and exit
  nasdaq::synthetic_day_options generate;
  std::string tapes_folder; // not empty: write conformance tapes and exit
  std::vector<std::string> tapes_of;
};

/// What the program shall do: run with `wanted`, or exit at once with `exit_code`, everything being said already.
struct command_line {
  std::optional<options> wanted;
  int exit_code = 0;
};

/// Reads the arguments. Help goes to `out`, errors with what to do go to `err`.
command_line parse_command_line(int argc, const char* const* argv, std::ostream& out, std::ostream& err);

/// Opens every exchange that is wanted, in the order of the command line's help. Throws what they throw.
std::vector<std::unique_ptr<simulated_exchange>> open_exchanges(const options& wanted, const exchange_context& context);

} // namespace tickplant::sim
