// Rounds of trials, and the lines that are printed of them. Medians over rounds; ratios are taken within a round.
#pragma once

#include "rows.hpp"

#include <map>
#include <string>
#include <vector>

namespace tickplant::bench {

double median(std::vector<double> all);

/// What the rounds gave for one contestant.
struct line {
  contestant who;
  std::vector<trial_result> rounds; ///< without faults
  std::vector<std::string> faults;

  template <class Figure>
  double of(Figure figure) const {
    std::vector<double> all;
    for (const auto& one : rounds) all.push_back(figure(one));
    return median(std::move(all));
  }
};

/// Contestants by turns, another one first in each round.
std::vector<line> play(const std::vector<contestant>& all, const run_options& run, const trial_options& trial);
/// The median over rounds of one contestant's CPU per update by another's; 0 if there is none.
double ratio(const line& of, const line& by);
/// CPU per update with ratios to the floor and to uWebSockets, bytes, latencies, delivery. False if there are faults.
bool print_costs(const std::vector<line>& lines);
bool print_faults(const line& one);
const line* find(const std::vector<line>& lines, kind what);

} // namespace tickplant::bench
