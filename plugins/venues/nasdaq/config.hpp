// The plugin's settings: parsed from the host's key and value pairs, every fault named by its key.
#pragma once

#include "requester.hpp"
#include "soup_line.hpp"

#include <tickplant/config_reader.hpp>

#include <string>
#include <vector>

namespace tickplant::nasdaq {

inline constexpr size_t most_servers = 16;

struct options {
  std::string line_a, line_b, file; // URLs, empty = not configured
  soup_options soup, glimpse;
  std::string soup_session;   // of the first login, empty = the current one
  uint64_t soup_sequence = 1; // of the first login: 1 = the whole session, 0 = from now on
  uint32_t glimpse_attempts = 5;
  bool is_live() const { return !line_a.empty() || !line_b.empty() || !soup.addresses.empty(); }
  std::vector<std::string> servers; // of re-requests
  std::string from_interface, only_sources;
  bool zero_lengths = false; // the file's length prefixes are all zero
  uint64_t reorder_window_ns = 5'000'000;
  uint64_t silence_ns = 3'000'000'000;
  uint32_t hold_messages = 65'536;
  uint64_t gap_limit = 50'000;
  uint64_t late_start_limit = 1'000'000;
  rerequest_policy rerequest;
  std::string time_zone = "America/New_York";
  char market = 'Q';
};

/// Reads all settings; calls `complain` once per fault and keeps the default there.
options read_options(const sdk::settings& settings, const sdk::complain_fn& complain);

} // namespace tickplant::nasdaq
