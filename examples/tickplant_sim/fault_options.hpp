// The command line's faults, the same for all exchanges.
#pragma once

#include "tickplant_sim/fault_rates.hpp"

#include <functional>

namespace CLI {
class App;
}

namespace tickplant::sim {

/// Adds the options. The function returned gives the rates once everything is read: the storm's mix, and over it what
/// was given one by one.
std::function<fault_rates()> add_fault_options(CLI::App& app);

} // namespace tickplant::sim
