#include "runtime/config/fault.hpp"

#include <algorithm>
#include <numeric>

namespace tickplant::config {

std::string to_text(const std::vector<fault>& faults) {
  std::string text;
  for (const auto& f : faults) {
    if (!text.empty()) text += '\n';
    text += f.where.text() + ": ";
    if (!f.path.empty()) text += f.path + ": ";
    text += f.problem;
  }
  return text;
}

config_fault::config_fault(std::vector<fault> list) : std::runtime_error(to_text(list)), faults(std::move(list)) {}

size_t distance(const std::string& one, const std::string& other) {
  std::vector<size_t> row(other.size() + 1); // of the table, one at a time
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < one.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < other.size(); ++j) {
      const size_t above = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, above + 1, diagonal + (one[i] == other[j] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

std::string nearest(const std::string& wrong, const std::vector<std::string>& known) {
  // More than a third of the letters wrong is no hint; a name of this length is no slip of a finger.
  constexpr size_t longest = 128;
  std::string best;
  if (wrong.size() > longest) return best;
  size_t best_distance = std::max<size_t>(1, wrong.size() / 3) + 1;
  for (const auto& name : known) {
    const size_t far = distance(wrong, name);
    if (far >= best_distance) continue;
    best_distance = far;
    best = name;
  }
  return best;
}

} // namespace tickplant::config
