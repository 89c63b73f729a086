#include "table.hpp"

#include <algorithm>
#include <cstdio>

namespace tickplant::bench {

double median(std::vector<double> all) {
  if (all.empty()) return 0;
  std::sort(all.begin(), all.end());
  const size_t half = all.size() / 2;
  return all.size() % 2 == 1 ? all[half] : (all[half - 1] + all[half]) / 2;
}

std::vector<line> play(const std::vector<contestant>& all, const run_options& run, const trial_options& trial) {
  std::vector<line> lines;
  for (const auto& one : all) lines.push_back({one, {}, {}});
  for (int round = 0; round < run.rounds; ++round)
    for (size_t i = 0; i < all.size(); ++i) {
      const size_t at = (i + static_cast<size_t>(round)) % all.size();
      auto result = run_trial(all[at], run.at, trial);
      if (result.fault.empty())
        lines[at].rounds.push_back(std::move(result));
      else
        lines[at].faults.push_back(std::move(result.fault));
    }
  return lines;
}

double ratio(const line& of, const line& by) {
  std::vector<double> all;
  for (size_t i = 0; i < std::min(of.rounds.size(), by.rounds.size()); ++i)
    if (by.rounds[i].cpu_us() > 0) all.push_back(of.rounds[i].cpu_us() / by.rounds[i].cpu_us());
  return median(std::move(all));
}

const line* find(const std::vector<line>& lines, kind what) {
  for (const auto& one : lines)
    if (one.who.what == what && !one.rounds.empty()) return &one;
  return nullptr;
}

bool print_faults(const line& one) {
  for (const auto& fault : one.faults) std::printf("    %s: %s\n", one.who.name.c_str(), fault.c_str());
  return one.faults.empty();
}

bool print_costs(const std::vector<line>& lines) {
  const auto *uws = find(lines, kind::uws), *floor = find(lines, kind::floor);
  std::printf("  %-24s %9s %17s %7s %7s %6s %7s %8s  %-31s %9s %8s\n", "", "us/update", "(least .. most)", "/floor",
              "/uWS", "bytes", "upd/msg", "upd/send", "latency ms p50 p90 p99 p99.9", "delivered", "in order");
  bool is_good = true;
  for (const auto& one : lines) {
    is_good = print_faults(one) && is_good;
    if (one.rounds.empty()) continue;
    std::vector<double> costs;
    for (const auto& round : one.rounds) costs.push_back(round.cpu_us());
    const auto [least, most] = std::minmax_element(costs.begin(), costs.end());
    const auto part = [&](const line* by) { return by ? ratio(one, *by) : 0.0; };
    std::printf(
      "  %-24s %9.3f  (%6.3f .. %6.3f) %7.2f %7.2f %6.0f %7.1f %8.2f  %7.2f %7.2f %7.2f %7.2f %8.2f %% %6.2f %%\n",
      one.who.name.c_str(), median(costs), *least, *most, part(floor), part(uws),
      one.of([](const auto& r) { return r.bytes_each(); }), one.of([](const auto& r) {
        return static_cast<double>(r.updates) / static_cast<double>(std::max<uint64_t>(r.messages, 1));
      }),
      one.of([](const auto& r) {
        return static_cast<double>(r.updates) / static_cast<double>(std::max<uint64_t>(r.sends, 1));
      }),
      one.of([](const auto& r) { return r.p50_ms; }), one.of([](const auto& r) { return r.p90_ms; }),
      one.of([](const auto& r) { return r.p99_ms; }), one.of([](const auto& r) { return r.p999_ms; }),
      one.of([](const auto& r) { return r.delivered * 100; }),
      one.of([](const auto& r) { return r.in_sequence * 100; }));
  }
  return is_good;
}

} // namespace tickplant::bench
