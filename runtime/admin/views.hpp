// Rows of the server's inside as the admin API shows them, and their JSON. Plain values; whoever fills them owns them.
// Times are ns since 1970 UTC unless the name says otherwise, 0 = never; durations carry their unit. Texts may come
// from outside: what is not UTF-8 is replaced in JSON.
#pragma once

#include "runtime/telemetry/histogram.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::admin {

/// `suspended`: it has failed too often, and is left alone for a time. `no_answer`: it was asked and has not answered
/// in time; the rest of an answer is shown nevertheless.
enum class state : uint8_t { running, restarting, suspended, stopped, no_answer };
std::string_view name_of(state s);

using counts = std::vector<std::pair<std::string, uint64_t>>;

struct tree_row {
  std::string id, kind; // kind: the actor's name, such as tp.hub
  admin::state state = state::running;
  uint64_t restarts = 0;
  std::string last_error;          // of the latest death; empty: none
  std::optional<uint64_t> mailbox; // messages waiting; absent: not known
  std::vector<tree_row> children;
  uint64_t left_out = 0; // further children than were asked for
};

struct line_row {
  uint32_t line = 0;
  std::string name, address, state, why; // state: opening, up, closed, failed, ended
  uint64_t since = 0, units = 0, bytes = 0, truncated = 0, foreign = 0, kernel_drops = 0, send_refused = 0;
};

/// How lost data is got back. `open`: gaps that have not ended; `asked` to `unsupported`: requests for books and
/// channels.
struct recovery_figures {
  uint64_t open = 0, filled = 0, snapshot = 0, stale = 0;
  uint64_t running = 0, waiting = 0, asked = 0, timeouts = 0, postponed = 0, limited = 0, unsupported = 0;
  telemetry::histogram took; // of gaps that have ended
};

/// The circuit breaker of a part that keeps failing. State: closed, open, half-open; empty: there is none.
struct breaker_row {
  std::string state;
  uint64_t since = 0, next_trial = 0; // next_trial: of an open one
  uint64_t openings = 0;
};

struct venue_row {
  std::string name, plugin, state, last_error;
  bool is_answered = true; // false: the adapter is down or did not answer, only name, state and restarts are known
  uint64_t restarts = 0, instruments = 0, live_orders = 0, events = 0, refused = 0, resynchronisations = 0;
  uint64_t gaps_seen = 0, gaps_filled = 0, gaps_lost = 0;
  breaker_row breaker;
  std::string lines_in_use; // primary, backup; empty: there is one group only
  uint64_t line_switches = 0;
  recovery_figures recovery;
  counts books;    // by state
  counts refusals; // by reason
  std::vector<line_row> lines;
  counts counters; // the plugin's own
};

struct client_row {
  std::string id, peer, listener, dialect, subject, tier;
  uint64_t symbols = 0, pending_bytes = 0, held_bytes = 0, slow_since = 0, messages = 0, since = 0;
  bool is_compressed = false, is_tls = false;
};

struct client_list {
  std::vector<client_row> rows;
  uint64_t total = 0;                  // clients that fit the question, shown or not
  std::vector<std::string> unanswered; // loops that did not answer in time
};

/// Who looks at one instrument.
struct subscription_row {
  std::string symbol; // VENUE:SYMBOL
  uint64_t clients = 0;
  std::vector<std::pair<uint32_t, uint64_t>> frequencies; // period in ms (0: every change), subscriptions of it
  std::string status;                                     // of the stream
};

struct subscription_list {
  std::string asked;
  std::vector<subscription_row> rows;
  std::vector<std::string> unanswered;
};

struct plugin_row {
  std::string kind, name, version, build_id, abi, file, sha256;
};

struct reload_row {
  uint64_t attempts = 0, applied = 0, refused = 0, rolled_back = 0;
  uint64_t last_time = 0;
  std::string last_result, last_reason; // result: applied, refused, rolled back, unchanged; empty: never tried
};

struct config_view {
  std::string text; // as it is in force, secrets redacted; YAML
  std::vector<std::string> files;
  reload_row reload;
};

/// What came of a reload, a dry run or a rollback.
struct reload_outcome {
  std::string result; // planned, applied, unchanged, refused, rolled back
  std::string plan;   // for people
  std::string reason; // why it was refused or rolled back, with places; empty: it was not
  bool is_good() const { return reason.empty(); }
};

struct venue_health {
  std::string name, state;
  bool is_required = false, is_ready = false;
};

struct health_view {
  std::string node, version;
  bool is_ready = false, is_draining = false;
  std::string why_not; // empty: ready
  uint64_t started = 0;
  std::vector<venue_health> venues;
};

std::string to_json(const tree_row& tree);
std::string to_json(const std::vector<venue_row>& venues);
std::string to_json(const venue_row& venue);
std::string to_json(const client_list& clients);
std::string to_json(const subscription_list& subscriptions);
std::string to_json(const std::vector<plugin_row>& plugins);
std::string to_json(const config_view& config);
std::string to_json(const reload_outcome& outcome);
std::string to_json(const health_view& health);

} // namespace tickplant::admin
