// Reads messages of the dialect `hft` and checks what a client can: numbers without gaps, streams that do not go back,
// lines of trades and book changes without holes.
#pragma once

#include "counts.hpp"

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tickplant::load {

/// What the check remembers of one client.
struct client_memory {
  size_t number = 0;                ///< for words of faults
  std::optional<uint64_t> sequence; ///< of the newest numbered message
  bool is_subscribed = false;
  uint64_t updates = 0, changes = 0;
  struct mark {
    int64_t epoch = 0;
    uint64_t sequence = 0;
  };
  std::vector<mark> streams; ///< by the stream's number in message_check
};

/// One for all clients of a thread.
class message_check {
public:
  explicit message_check(swarm_counts& counts) : counts_(counts) {}

  /// `text` has simdjson::SIMDJSON_PADDING readable bytes behind it. `now_us`: wall clock, microseconds.
  void read(std::string_view text, client_memory& client, int64_t now_us);
  /// Of MARKET_DATA only the message's number is checked and entries are counted; all else is read.
  void skim(std::string_view text, client_memory& client, int64_t now_us);
  void note(const client_memory& client, std::string_view what, std::string_view text = {});

private:
  struct entry;
  enum class list_of : uint8_t { states, changes, snapshots, results };
  void read_object(simdjson::ondemand::object object, std::string_view text, client_memory& client, int64_t now_us);
  void read_entries(simdjson::ondemand::array entries, list_of what, client_memory& client, int64_t now_us);
  void take_number(uint64_t sequence, std::string_view text, client_memory& client);
  void take(const entry& one, client_memory& client, int64_t now_us);
  void take_result(const entry& one, const client_memory& client);
  void take_change(const entry& one, client_memory& client, int64_t now_us);
  void begin_line(const entry& one, client_memory& client);
  void leave_out(const entry& one, client_memory& client);
  client_memory::mark* mark_of(const entry& one, client_memory& client);
  void check_order(const entry& one, client_memory& client);
  size_t stream_number(const entry& one);

  swarm_counts& counts_;
  simdjson::ondemand::parser parser_;
  std::unordered_map<std::string, size_t> streams_;
  std::string name_; // of the stream looked for
};

} // namespace tickplant::load
