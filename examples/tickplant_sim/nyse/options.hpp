// The NYSE part of the command line.
#pragma once

#include "tickplant_sim/nyse/exchange.hpp"
#include "tickplant_sim/option_section.hpp"

namespace tickplant::sim::nyse {

struct play_options {
  bool wanted = true;
  exchange_options exchange;
};

/// `out` must outlive the section.
option_section add_options(CLI::App& app, play_options& out);

/// Opens sockets; throws `std::runtime_error` saying what cannot be opened.
std::unique_ptr<simulated_exchange> open_exchange(const play_options& options, const exchange_context& context);

} // namespace tickplant::sim::nyse
