#include "tickplant_sim/fault_summary.hpp"

namespace tickplant::sim {

nlohmann::json to_json(const line_fault_counts& counts) {
  return {{"packets", counts.emitted},     {"lost", counts.lost},           {"duplicated", counts.duplicated},
          {"reordered", counts.reordered}, {"truncated", counts.truncated}, {"silences", counts.silences},
          {"silenced", counts.silenced},   {"delayed", counts.delayed}};
}

nlohmann::json to_json(const channel_fault_counts& counts) {
  return {{"unknown", counts.unknown}, {"resets", counts.resets}};
}

nlohmann::json to_json(const service_fault_counts& counts) {
  return {{"refused", counts.refused}, {"delayed", counts.delayed}, {"cut", counts.cut}, {"stale", counts.stale}};
}

} // namespace tickplant::sim
