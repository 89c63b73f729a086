// The London side's part of the command line.
#pragma once

#include "tickplant_sim/lse/exchange.hpp"
#include "tickplant_sim/option_section.hpp"

namespace tickplant::sim::lse {

struct play_options {
  bool wanted = true;
  exchange_options exchange;
};

/// `out` must outlive the reading of the command line.
option_section add_options(CLI::App& app, play_options& out);

/// Throws what says which address failed.
std::unique_ptr<simulated_exchange> open_exchange(const play_options& options, const exchange_context& context);

} // namespace tickplant::sim::lse
