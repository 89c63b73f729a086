// What the server's configuration says, as plain values. Filled by loader.hpp, which checks everything first. Parts are
// compared with ==, which looks at values only: where something was written does not count.
#pragma once

#include "runtime/config/flatten.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tickplant::config {

/// When a venue counts as failed, and what becomes of one that keeps failing.
struct breaker_options {
  uint32_t failures = 5; // within `period`
  std::chrono::milliseconds period{600'000}, open_first{30'000}, open_max{900'000}, healthy{60'000};
  std::chrono::milliseconds line_limit{30'000}, silence_limit{0}, recovery_limit{120'000}; // 0: no limit
  bool operator==(const breaker_options&) const = default;
};

/// A second group of lines: settings that stand in for those of the same first name.
struct backup_options {
  uint32_t failures = 2;
  std::string way_back = "restart"; // restart, after, operator
  std::chrono::milliseconds after{600'000};
  std::vector<flat_setting> settings; // empty: there is none
  bool operator==(const backup_options&) const = default;
};

/// How lost books are asked for.
struct recovery_options {
  uint32_t requests = 8; // under way at once
  std::chrono::milliseconds timeout{30'000};
  bool operator==(const recovery_options&) const = default;
};

/// Rules for bad ticks that can be switched on.
struct validation_options {
  uint32_t price_band_ppm = 0;                    // of the last good trade; 0: off
  std::map<std::string, std::string> price_bands; // symbol or pattern -> percentage or off
  uint32_t confirm = 3;                           // prints in a row that agree move the band
  bool operator==(const validation_options&) const = default;
};

struct venue_options {
  std::string name;   // as configured; shown in upper case
  std::string plugin; // name or path
  bool required = false;
  std::vector<std::string> symbols;   // names or patterns with `*`; empty: all
  std::vector<flat_setting> settings; // everything that is the plugin's own
  breaker_options breaker;
  backup_options backup;
  recovery_options recovery;
  validation_options validation;
  place where;
  uint64_t content = 0;                       // changes with the files that settings (`..._file`) name
  std::string capture_folder;                 // where it is recorded, absolute; empty: not recorded
  uint32_t capture_file_size = 1'073'741'824; // bytes, then the next file begins
  uint32_t capture_keep_files = 0;            // of the venue; 0: all
  uint32_t present_memory = 0;                // bytes for books that are there before the first order
  std::vector<std::string> replay_files;      // captures that are played instead of its lines, absolute; empty: none
  uint32_t replay_speed = 1;                  // 0: as fast as possible
  bool operator==(const venue_options&) const = default;
};

/// One configured use of an auth or compression plugin, which listeners name.
struct policy_options {
  std::string name;
  std::string plugin; // name or path
  std::vector<flat_setting> settings;
  place where;
  uint64_t content = 0; // changes with the files that settings (`..._file`) name: keys, key sets
  bool operator==(const policy_options&) const = default;
};

/// What a class of principals may have.
struct tier_options {
  std::string name;
  std::vector<std::string> symbols;  // `NASDAQ:*`, `*`, `AAPL`; empty: none
  uint32_t data_types = 31;          // TP_DATA_* (plugins/sdk dialect.h), or'ed
  uint32_t depth = UINT32_MAX;       // levels a side
  uint32_t min_frequency_ms = 0;     // no client of the tier gets updates more often than this
  uint32_t max_symbols = UINT32_MAX; // a principal, over all its connections
  uint32_t max_connections = 0;      // a principal; 0: no bound
  std::string at_limit = "refuse";   // refuse, close_oldest
  place where;
  bool operator==(const tier_options&) const = default;
};

/// Paths of PEM files, absolute; both empty: no TLS.
struct tls_files {
  std::string certificate, key;
  uint64_t content = 0; // changes with what the files hold, so that a renewed certificate is a change
  bool operator==(const tls_files&) const = default;
};

struct listener_options {
  std::string name;
  std::string address = "127.0.0.1";
  uint16_t port = 0;
  std::map<std::string, std::string> routes; // path -> dialect
  std::string page;                          // folder of static files, absolute; empty: none
  std::string auth = "anonymous";            // name of a policy, else of a plugin
  std::string compression = "none";          // name of a policy, else of a plugin; "none": not compressed
  std::vector<std::string> origins;          // allowed values of Origin; empty: any
  bool query_token = false;                  // a token may stand in the URL's query
  bool metrics = false;                      // serves /metrics
  bool stamps = false;                       // updates carry their time stamps
  uint32_t max_connections = 0;              // 0: limits.clients
  uint32_t max_per_address = 0;              // 0: no bound
  uint32_t connects_per_address = 0;         // in a minute; 0: no bound
  tls_files tls;
  place where;
  bool operator==(const listener_options&) const = default;
};

/// How much clients of one dialect may say.
struct dialect_options {
  std::string name;
  uint32_t messages = 50, burst = 100; // a second, at once; 0 messages: no bound
  uint32_t requests = 100;             // that change or ask for something, in a minute; 0: no bound
  uint32_t warnings = 10;              // in a minute, then the client is closed; 0: never
  place where;
  bool operator==(const dialect_options&) const = default;
};

/// Instruments of different names, currencies or ratios that are consolidated as one.
struct cross_listing_options {
  std::string name;                                         // symbol of the consolidated instrument
  std::vector<std::string> legs;                            // VENUE:SYMBOL
  std::string currency;                                     // empty: the first leg's
  std::map<std::string, std::string> factors, size_factors; // by leg; decimal numbers
  place where;
  bool operator==(const cross_listing_options&) const = default;
};

struct arbitrage_options {
  bool enabled = true;
  std::string min_edge_bps = "1", min_edge = "0"; // after fees; decimal numbers
  std::chrono::milliseconds min_duration{5}, change_interval{100};
  std::string edge_step_bps = "1";
  uint32_t size_step = 20; // percent
  bool operator==(const arbitrage_options&) const = default;
};

struct consolidation_options {
  bool enabled = true, by_symbol = true;
  std::vector<cross_listing_options> cross_listings;
  arbitrage_options arbitrage;
  std::map<std::string, std::string> fees; // venue -> basis points
  place fees_at;
  bool operator==(const consolidation_options&) const = default;
};

struct limit_options {
  uint32_t max_symbols = 1024;     // a connection
  uint32_t max_depth = 50;         // levels a side
  uint32_t message_bytes = 65'536; // largest inbound message
  uint32_t clients = 65'536;       // a network loop
  std::chrono::milliseconds handshake{5'000}, ping_interval{30'000}, pong_wait{10'000}, stall{10'000};
  std::chrono::milliseconds idle{0};                                 // 0: no bound
  std::chrono::milliseconds retry_after{1'000}, retry_spread{4'000}; // told to clients when the server leaves
  uint32_t auth_workers = 2;                                         // threads that check credentials
  uint32_t auth_queue = 1024;                                        // credentials that wait for a thread
  std::chrono::milliseconds auth_deadline{10'000};                   // for one check, and for a client to log in
  uint32_t resume_bytes = 256 * 1024;                                // of one line of trades or book changes
  uint32_t resume_total = 64 * 1024 * 1024;                          // of all lines of a network loop
  bool operator==(const limit_options&) const = default;
};

struct supervision_options {
  uint32_t restarts = 5; // within `period`; one more escalates
  std::chrono::milliseconds period{10'000}, backoff_first{100}, backoff_max{30'000};
  bool operator==(const supervision_options&) const = default;
};

struct log_options {
  std::string level = "info";                // debug, info, warning, error, off
  std::string format = "text";               // text, json
  std::map<std::string, std::string> levels; // component -> level
  uint32_t rate = 10;                        // lines a second and cause
  bool operator==(const log_options&) const = default;
};

struct telemetry_options {
  std::string otlp; // URL of the collector; empty: traces are off
  std::string service = "tickplant";
  double sample = 0;                // part of the updates that are traced, 0 to 1
  std::chrono::nanoseconds slow{0}; // updates slower than this are kept in any case; 0: off
  uint32_t queue = 8192;            // spans that wait for export
  std::chrono::milliseconds timeout{1'000};
  bool operator==(const telemetry_options&) const = default;
};

struct admin_options {
  std::string address;
  uint16_t port = 0;
  bool is_on = false;      // whether there is an admin listener
  bool allow_kill = false; // actors may be killed, for drills
  std::string token;       // secret; empty: none is asked for
  bool operator==(const admin_options&) const = default;
};

struct server_options {
  std::string node_name = "tickplant";
  std::vector<std::string> plugin_folders; // absolute
  uint32_t network_loops = 0;              // 0: half the cores, at least 1
  uint32_t feed_loops = 1;
  std::chrono::nanoseconds window{0}; // of unconflated updates
  std::vector<venue_options> venues;  // in the file's order
  std::vector<listener_options> listeners;
  std::vector<policy_options> auth, compression;
  std::vector<tier_options> tiers;
  std::vector<dialect_options> dialects; // that have settings of their own
  consolidation_options consolidation;
  limit_options limits;
  supervision_options supervision;
  log_options log;
  telemetry_options telemetry;
  admin_options admin;
  bool watch = true;              // reload when a file changes
  std::vector<std::string> files; // what the configuration depends on, absolute: includes, their folders, secrets, keys
  std::vector<std::string> warnings; // what stops nothing, but somebody should know
  bool operator==(const server_options&) const = default;
};

} // namespace tickplant::config
