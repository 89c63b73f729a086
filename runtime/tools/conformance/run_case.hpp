// Plays one tape to one fresh instance of a plugin, with real books behind it, and tells what came of it.
#pragma once

#include "runtime/plugin/loader.hpp"
#include "runtime/plugin/venue_services.hpp"
#include "runtime/tools/conformance/tape_world.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tickplant::conformance {

/// What is done to the instance beside what the tape brings.
struct treatment {
  feeding how;
  bool asks_again = false;        // every book is asked for again in the middle, and every channel
  uint32_t refuses_snapshots = 0; // of each book or channel so many, as if they were older than the book
  bool loses_interest = false;    // clients come and go in the middle
  bool stops_in_the_middle = false;
  plugin::log_function log = {}; // of the plugin; empty: nothing is logged
};

struct book_outcome {
  bool is_trusted = false;
  std::string levels;                            // "bid PRICE QUANTITY ORDERS; ..." best first, then asks
  std::string reason;                            // why it is stale
  std::map<std::string, std::string> shown = {}; // what else a client sees, by the keys of a tape's `shows`; decimals
  std::string bids = {}, asks = {};              // "101.5 300; ...", best first
  friend bool operator==(const book_outcome&, const book_outcome&) = default;
};

struct case_outcome {
  std::string broken;                        // why the instance was given up; empty: it stands
  std::string complaints;                    // of its settings
  std::map<std::string, book_outcome> books; // by symbol
  uint64_t events = 0, refused = 0, undefined = 0, refused_calls = 0;
  std::string refusals; // "unknown_order 3, ..."
  std::string hash;     // over all events
  uint64_t sent = 0, requests = 0, opened = 0, most_timers = 0, resynchronisations = 0;
  uint64_t refused_snapshots = 0; // by the host, on purpose
  uint64_t grown_bytes = 0;       // of the heap, between the first step and the last
  uint64_t odd_answers = 0;       // of resynchronise, outside what the ABI allows
  std::map<std::string, uint64_t> counters;
  std::map<std::string, line_trait> lines;
  std::string refused_line;           // a line that could not be opened, and why
  std::vector<uint32_t> reacted, met; // how often each reaction and demand of the tape
  uint64_t open_gaps = 0;             // told as GAP, and never as anything else
  bool has_directory = false;         // all symbols were told
  bool is_half = false;               // a change of a book came last, and was not marked with END
};

/// `order_refs` and all else come from the plugin. Exceptions are faults of the kit, not of the plugin.
case_outcome run_case(const plugin::venue_plugin& plugin, const sdk::testing::tape& tape, const treatment& how);

nlohmann::json to_json(const case_outcome& outcome);
case_outcome outcome_of(const nlohmann::json& from);

} // namespace tickplant::conformance
