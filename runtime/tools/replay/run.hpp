// A whole run of tickplant-replay: settings, plugin, capture, report.
#pragma once

#include "runtime/tools/replay/options.hpp"

#include <iosfwd>

namespace tickplant::replay {

enum exit_code : int { exit_ok = 0, exit_input = 1, exit_usage = 2, exit_plugin = 3 };

/// Results go to `out`, everything else to `err`. Answers the program's exit code; throws nothing but std::bad_alloc.
int run(const replay_options& options, std::ostream& out, std::ostream& err);

} // namespace tickplant::replay
