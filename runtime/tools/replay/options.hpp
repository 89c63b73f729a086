// The command line of tickplant-replay.
#pragma once

#include "runtime/tools/replay/named_line.hpp"

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tickplant::replay {

enum class capture_format : uint8_t { itch50, pcap, binance_log, capture };

struct replay_options {
  std::string plugin; // name or path
  std::vector<std::string> plugin_folders;
  std::string sha256;
  std::optional<capture_format> format; // none: answers alone
  std::string config;
  std::vector<std::string> symbols;
  std::vector<named_line> lines;
  std::vector<named_answer> answers;
  uint64_t every = 0;
  bool json = false, time = false, verbose = false;
  bool hash = false;  // of all events, in the result
  std::string events; // file for all events; empty: none
  size_t burst = 1;
  uint32_t depth = 0; // levels a side in the result
  uint32_t present_mib = 0;
  std::string date;
  uint64_t seed = 1, horizon_ns = 10'000'000'000;
  std::vector<std::string> files;
};

/// Thrown where the program ends at once: --help with code 0, faults of usage with code 2.
struct usage_end : std::runtime_error {
  usage_end(int exit_code, const std::string& text) : std::runtime_error(text), code(exit_code) {}
  int code;
};

/// Where plugins lie beside the program: in the build tree, and installed.
std::vector<std::string> usual_plugin_folders();

/// Throws usage_end.
replay_options parse_options(int count, const char* const* words);

} // namespace tickplant::replay
