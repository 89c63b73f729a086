// The result of a replay, as one JSON object or as a table for people. Prices and sizes are exact decimals, as text.
#pragma once

#include "runtime/plugin/venue_host.hpp"
#include "runtime/tools/replay/books.hpp"
#include "runtime/tools/replay/checkpoints.hpp"
#include "runtime/tools/replay/pcap_file.hpp"
#include "runtime/tools/replay/player.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tickplant::replay {

struct measurement {
  double ns_per_message = 0, cpu_ns_per_message = 0, seconds = 0; // cpu: also meaningful on a busy machine
  uint64_t messages = 0;
};

/// What a report is made of; all of it outlives the call.
struct report_input {
  const plugin::venue_host& host;
  const books& state;
  const checkpoints& marks;
  uint64_t sent = 0, requests = 0; // of the plugin to its world
  const play_counts& played;
  std::vector<std::string> files;
  const pcap_counts* pcap = nullptr;
  std::optional<measurement> time;
  uint32_t depth = 0;    // levels a side that are listed
  std::string hash = {}; // over all events; empty: not asked for
};

/// One line of JSON, without its end.
std::string to_json(const report_input& input);
std::string to_table(const report_input& input);
/// {"checkpoint":500,"symbols":{...}} with the symbols of these numbers.
std::string checkpoint_json(const report_input& input, uint64_t applied, const std::set<uint32_t>& numbers);

/// The largest memory that this process had, in KiB.
uint64_t largest_memory_kib();

} // namespace tickplant::replay
