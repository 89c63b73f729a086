// The command line `tickplant-replay --conformance PLUGIN --tapes DIR`.
#pragma once

#include <iosfwd>

namespace tickplant::conformance {

/// Whether the words ask for it at all.
bool is_wanted(int count, const char* const* words);
/// Exit code: 0 every case is passed, 1 tapes cannot be read, 2 command line, 3 the plugin cannot be loaded, 4 a case
/// is not passed.
int run(int count, const char* const* words, std::ostream& out, std::ostream& err);

} // namespace tickplant::conformance
