// Counted faults as they stand in the summary.
#pragma once

#include "tickplant_sim/channel_faults.hpp"
#include "tickplant_sim/faults.hpp"
#include "tickplant_sim/service_faults.hpp"

#include <nlohmann/json.hpp>

namespace tickplant::sim {

nlohmann::json to_json(const line_fault_counts& counts);
nlohmann::json to_json(const channel_fault_counts& counts);
nlohmann::json to_json(const service_fault_counts& counts);

} // namespace tickplant::sim
