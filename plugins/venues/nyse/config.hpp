// The plugin's settings: parsed from the host's key and value pairs, every fault named by its key.
#pragma once

#include "codec.hpp"
#include "quota.hpp"
#include "retransmissions.hpp"

#include <tickplant/config_reader.hpp>

#include <string>
#include <vector>

namespace tickplant::nyse {

inline constexpr size_t most_servers = 8, most_channels = 64, most_summaries = 2;

/// The lines of one channel; empty = not configured.
struct channel_options {
  uint8_t channel = 1;
  std::string a, b, retransmission, refresh;
  std::vector<std::string> summaries;
};

struct refresh_policy {
  uint64_t timeout_ns = 3'000'000'000; // without any packet of an answer
  uint32_t attempts = 5;
  uint32_t in_flight = 4;  // requests for single symbols at a time
  uint32_t all_above = 32; // more lost symbols than this are asked for in one request
};

struct options {
  std::vector<channel_options> channels;
  std::vector<std::string> servers; // of requests: primary, then backups
  std::string from_interface, only_sources;
  std::string source_id = "TICKPLANT";
  uint8_t product = 11;
  uint64_t reorder_window_ns = 20'000'000; // requests are counted by the day: no haste
  uint64_t silence_ns = 3'000'000'000;
  uint64_t prove_window_ns = 100'000'000;
  uint32_t hold_messages = 65'536;
  uint64_t gap_limit = 50'000;
  retransmission_policy retransmission;
  refresh_policy refresh;
  daily_quotas::limits quotas{10'000, 5'000, 500, 500, 90};
  std::string time_zone = "America/New_York";
};

/// Reads all settings; calls `complain` once per fault and keeps the default there.
options read_options(const sdk::settings& settings, const sdk::complain_fn& complain);

} // namespace tickplant::nyse
