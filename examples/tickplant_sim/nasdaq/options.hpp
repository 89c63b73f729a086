// The Nasdaq part of the command line.
#pragma once

#include "tickplant_sim/nasdaq/day_file.hpp"
#include "tickplant_sim/nasdaq/exchange.hpp"
#include "tickplant_sim/nasdaq/trading_day.hpp"
#include "tickplant_sim/option_section.hpp"

namespace tickplant::sim::nasdaq {

struct play_options {
  bool wanted = true;
  exchange_options exchange;
  trading_day_options day;       // without a file
  day_playback_options playback; // with a file: `path` is not empty
};

/// `out` must outlive the section.
option_section add_options(CLI::App& app, play_options& out);

/// Opens sockets; throws `std::runtime_error` saying what cannot be opened.
std::unique_ptr<simulated_exchange> open_exchange(const play_options& options, const exchange_context& context);

} // namespace tickplant::sim::nasdaq
