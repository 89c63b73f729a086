// The plugin's settings: parsed from the host's key and value pairs, every fault named by its key.
#pragma once

#include <tickplant/config_reader.hpp>

#include <map>
#include <string>
#include <vector>

namespace tickplant::lse {

/// How one TCP service may be used (notes A6 and G5).
struct service_limits {
  std::vector<std::string> addresses; // primary, secondary; empty: no such service
  uint32_t attempts = 3;              // at each address, then the service is stopped
  uint64_t retry_ns = 3'000'000'000;
  uint64_t login_gap_ns = 100'000'000;
  uint64_t answer_timeout_ns = 5'000'000'000;
  uint64_t linger_ns = 3'000'000'000; // how long a session is kept after the last answer, for the next request
  uint64_t rest_ns = 60'000'000'000;  // after a stop, until it is tried again
  uint32_t logins_a_day = 3'000, requests_a_day = 3'000;
};

struct options {
  bool is_gtp = false;
  std::string line_a, line_b; // URLs, empty = not configured
  service_limits replay, recovery;
  std::string comp_id, password;
  char group = 0; // 0: that of the first unit
  std::vector<std::string> segments;
  uint16_t venue_code = 1; // GTP
  std::string from_interface, only_sources;
  uint64_t reorder_window_ns = 5'000'000;
  uint64_t silence_ns = 3'000'000'000;
  uint32_t hold_messages = 65'536;
  uint64_t gap_limit = 65'000;
  uint64_t late_start_limit = 65'000;
  uint32_t replay_messages = 65'000; // a request
  uint32_t snapshot_attempts = 5;    // of one instrument, until its book stays stale
  uint64_t snapshot_retry_ns = 1'000'000'000;
  std::string time_zone = "Europe/London";
  std::map<std::string, std::string, std::less<>> tickers; // by ISIN
};

/// Reads all settings; calls `complain` once per fault and keeps the default there. The password is never repeated.
options read_options(const sdk::settings& settings, const sdk::complain_fn& complain);

} // namespace tickplant::lse
