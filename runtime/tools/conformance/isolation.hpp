// Runs one case in a process of its own, so that a plugin that crashes or never comes back costs one row of the score
// card and nothing else.
#pragma once

#include "runtime/tools/conformance/run_case.hpp"

#include <string>
#include <variant>

namespace tickplant::conformance {

/// What the case came to, or how its process ended: "crashed by signal 11 (Segmentation fault)".
using isolated = std::variant<case_outcome, std::string>;

/// `seconds`: of processor time. The calling process has one thread.
isolated run_apart(const plugin::venue_plugin& plugin, const sdk::testing::tape& tape, const treatment& how,
                   unsigned seconds = 60);

} // namespace tickplant::conformance
