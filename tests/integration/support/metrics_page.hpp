// Prometheus' text format, read by its rules.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace tickplant::testing {

struct metrics_page {
  explicit metrics_page(const std::string& text);
  /// Of all series of a family; 0 if there is none. `labels`: only those that hold this text.
  double sum(const std::string& family, const std::string& labels = {}) const;

  std::map<std::string, double> series; ///< by name and labels as they stand there
  std::vector<std::string> faults;      ///< series or families twice, values that are none, samples without a TYPE

private:
  void read(const std::string& line, const std::set<std::string>& families);
};

} // namespace tickplant::testing
