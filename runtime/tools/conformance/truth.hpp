// What a tape says of the end by itself, compared with what a run came to: whole books, figures, and what the plugin
// has to have sent. Without it a good day is right by definition, and a plugin that misreads every price passes. Pure.
#pragma once

#include "runtime/tools/conformance/run_case.hpp"

#include <string>
#include <string_view>

namespace tickplant::conformance {

/// "101.50" and "101.5" are one value: zeros behind the point that say nothing go.
std::string without_zeros(std::string text);
/// TP_STATE_* as a tape names it.
std::string_view name_of_state(uint8_t state);

/// What is wrong with the end of a run; empty: nothing that the tape tells of.
std::string fault_of_truth(const case_outcome& is, const sdk::testing::tape& tape);

/// Trades, volume, prices of the day and states, compared with those of the good day. Never more trades than there
/// were; where nothing was lost (`is_exact`) all of them.
std::string fault_of_figures(const case_outcome& is, const case_outcome& right, bool is_exact);

/// A line that the tape speaks on, or listens on, and that the plugin never opened.
std::string fault_of_lines(const case_outcome& is, const sdk::testing::tape& tape);

} // namespace tickplant::conformance
