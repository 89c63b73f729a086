#include "metrics_page.hpp"

#include <cstdlib>
#include <cstring>
#include <sstream>

namespace tickplant::testing {

metrics_page::metrics_page(const std::string& text) {
  std::set<std::string> families;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) {
      const auto name = line.substr(7, line.find(' ', 7) - 7);
      if (!families.insert(name).second) faults.push_back("family twice: " + line);
    } else if (!line.empty() && !line.starts_with('#')) {
      read(line, families);
    }
  }
}

double metrics_page::sum(const std::string& family, const std::string& labels) const {
  double all = 0;
  for (const auto& [name, value] : series)
    if (name.substr(0, name.find('{')) == family && name.find(labels) != name.npos) all += value;
  return all;
}

void metrics_page::read(const std::string& line, const std::set<std::string>& families) {
  const auto blank = line.rfind(' ');
  char* end = nullptr;
  const double value = blank == line.npos ? 0 : std::strtod(line.c_str() + blank + 1, &end);
  if (!end || *end != '\0' || end == line.c_str() + blank + 1) return faults.push_back("no value: " + line);
  const auto name = line.substr(0, line.find_first_of("{ "));
  bool is_told = false;
  for (const auto* suffix : {"", "_bucket", "_sum", "_count"})
    is_told |= name.ends_with(suffix) && families.contains(name.substr(0, name.size() - std::strlen(suffix)));
  if (!is_told) faults.push_back("no TYPE before it: " + line);
  if (!series.emplace(line.substr(0, blank), value).second) faults.push_back("series twice: " + line);
}

} // namespace tickplant::testing
