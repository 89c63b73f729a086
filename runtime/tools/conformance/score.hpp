// The score card: which cases a plugin passes over a set of tapes, and why not. The cases follow from the tapes: each
// tape as it is, and each tape of a good day with every fault that its lines allow.
#pragma once

#include "runtime/tools/conformance/isolation.hpp"

#include <functional>
#include <string>
#include <vector>

namespace tickplant::conformance {

struct row {
  std::string tape, name;
  bool is_passed = false;
  std::string why; // it is not passed; or what is worth knowing
};

struct score_options {
  uint64_t seed = 1;
  unsigned seconds = 60;         // of processor time, a case
  std::string only = {};         // cases whose "TAPE: NAME" holds this; empty: all
  plugin::log_function log = {}; // of the plugin, in the case's process
};

/// Runs every case; `told` is called for each as it is done.
std::vector<row> score(const plugin::venue_plugin& plugin, const std::vector<sdk::testing::tape>& tapes,
                       const score_options& options, const std::function<void(const row&)>& told);

} // namespace tickplant::conformance
