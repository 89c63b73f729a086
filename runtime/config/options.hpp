// What the server's configuration says, as plain values. Filled by loader.hpp, which checks everything first.
#pragma once

#include "runtime/config/flatten.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tickplant::config {

struct venue_options {
  std::string name;   // as configured; shown in upper case
  std::string plugin; // name or path
  bool required = false;
  std::vector<std::string> symbols;   // names or patterns with `*`; empty: all
  std::vector<flat_setting> settings; // everything that is the plugin's own
  place where;
};

struct listener_options {
  std::string name;
  std::string address = "127.0.0.1";
  uint16_t port = 0;
  std::map<std::string, std::string> routes; // path -> dialect
  std::string page;                          // folder of static files, absolute; empty: none
  place where;
};

struct limit_options {
  uint32_t max_symbols = 1024;     // a connection
  uint32_t max_depth = 50;         // levels a side
  uint32_t message_bytes = 65'536; // largest inbound message
  uint32_t clients = 65'536;       // a network loop
  std::chrono::milliseconds handshake{5'000}, ping_interval{30'000}, pong_wait{10'000}, stall{10'000};
};

struct supervision_options {
  uint32_t restarts = 5; // within `period`; one more escalates
  std::chrono::milliseconds period{10'000}, backoff_first{100}, backoff_max{30'000};
};

struct server_options {
  std::string node_name = "tickplant";
  std::vector<std::string> plugin_folders; // absolute
  uint32_t network_loops = 0;              // 0: half the cores, at least 1
  uint32_t feed_loops = 1;
  std::string log_level = "info";
  std::vector<venue_options> venues; // in the file's order
  std::vector<listener_options> listeners;
  limit_options limits;
  supervision_options supervision;
};

} // namespace tickplant::config
