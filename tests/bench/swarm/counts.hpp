// What a swarm has seen so far.
#pragma once

#include "latency.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tickplant::load {

/// A plain value: everything since the start, but `open` and `subscribed`, which are of now.
struct swarm_counts {
  uint64_t open = 0;                     ///< clients whose handshake is done and whose connection lives
  uint64_t subscribed = 0;               ///< of these, those whose SUBSCRIBE was answered
  uint64_t messages = 0;                 ///< text, binary and compressed ones
  uint64_t market_data = 0, updates = 0; ///< MARKET_DATA messages, and entries within
  uint64_t bytes = 0;                    ///< of received frames, with their headers
  uint64_t numbered = 0,
           ordered = 0;    ///< messages, and entries, that carry `sequence`: what `gaps`, `went_back` checked
  uint64_t missed = 0;     ///< values of streams that were passed over, which conflation may do: of `ordered` and these
  uint64_t changes = 0;    ///< entries of TRADE and BOOK_DELTA, whose lines leave nothing out
  uint64_t holes = 0;      ///< of these, such as did not follow the one before, but for what a GAP or SNAPSHOT told
  uint64_t pings = 0;      ///< from the server; all are answered
  uint64_t compressed = 0; ///< messages that came so

  // What should not be.
  std::map<unsigned, uint64_t> failed_handshakes; ///< by HTTP status; 0: no HTTP answer
  std::map<unsigned, uint64_t> disconnects;       ///< by close code; 1006: no close frame
  std::map<int64_t, uint64_t> errors;             ///< ERROR messages, by code
  std::map<int64_t, uint64_t> refused;            ///< symbols refused by the answer to SUBSCRIBE, by code
  uint64_t gaps = 0;                              ///< jumps in the numbers of a connection's messages
  uint64_t went_back = 0;                         ///< entries older than one of the same stream and epoch before
  uint64_t unreadable = 0;                        ///< messages that are not what the dialect promises
  std::map<std::string, uint64_t> statuses;       ///< STREAM_STATUS, by status
  std::vector<std::string> faults;                ///< the first few of all that, in words

  latency_histogram latency;    ///< of entries that carry `sentUs`
  uint64_t least_updates = 0;   ///< of the client that has had the fewest, silent ones apart
  int64_t longest_stall_us = 0; ///< between two updates of one client, and up to now

  /// No disconnect, no error, no gap, nothing refused, nothing stale.
  bool is_clean() const {
    const auto stale = statuses.find("stale");
    return failed_handshakes.empty() && disconnects.empty() && errors.empty() && refused.empty() && gaps == 0 &&
           went_back == 0 && holes == 0 && unreadable == 0 && stale == statuses.end();
  }
};

} // namespace tickplant::load
