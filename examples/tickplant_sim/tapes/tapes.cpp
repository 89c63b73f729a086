#include "tickplant_sim/tapes/tapes.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace tickplant::sim::tapes {
namespace {

struct maker {
  const char* folder;
  const char* venue;
  std::vector<tape> (*make)(std::uint64_t seed);
};

constexpr maker makers[] = {{"binance", "binance", binance_tapes},
                            {"binance_usdm", "binance", binance_usdm_tapes},
                            {"lse", "lse", lse_tapes},
                            {"lse_gtp", "lse", lse_gtp_tapes},
                            {"nasdaq", "nasdaq", nasdaq_tapes},
                            {"nyse", "nyse", nyse_tapes}};

} // namespace

std::vector<std::string> write_tapes(const std::string& folder, const std::vector<std::string>& only,
                                     std::uint64_t seed) {
  std::vector<std::string> paths;
  for (const auto& each : makers) {
    if (!only.empty() && std::find(only.begin(), only.end(), each.venue) == only.end()) continue;
    const auto at = std::filesystem::path{folder} / each.folder;
    std::filesystem::create_directories(at);
    for (const auto& made : each.make(seed)) {
      const auto path = (at / (made.name + ".tape")).string();
      std::ofstream file{path, std::ios::binary | std::ios::trunc};
      file << sdk::testing::to_text(made);
      file.close();
      if (!file) throw std::runtime_error("cannot write '" + path + "'");
      paths.push_back(path);
    }
  }
  return paths;
}

} // namespace tickplant::sim::tapes
