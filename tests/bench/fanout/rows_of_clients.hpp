// Rows that are about what clients do: come by thousands, stay, do not read.
#pragma once

#include "rows.hpp"

namespace tickplant::bench {

/// A load of so many clients with so many of 100 symbols each.
trial_options load_of(const run_options& run, size_t clients, size_t symbols_each, double hz, bool is_spread,
                      load::choice chosen = load::choice::random);
std::vector<contestant> contestants(const run_options& run);

bool held(const run_options& run);
bool held_tls(const run_options& run);
bool storm(const run_options& run);
bool slow(const run_options& run);

} // namespace tickplant::bench
