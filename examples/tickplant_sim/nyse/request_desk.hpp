// Decides what becomes of each message a client sends over TCP: the response, and the data that is to go out on the
// retransmission or refresh line. Pure. Pillar Common Client 2.4p, request server.
#pragma once

#include "tickplant_sim/nyse/xdp_encoder.hpp"
#include "tickplant_sim/service_faults.hpp"

#include <map>
#include <string>

namespace tickplant::sim::nyse {

struct desk_options {
  /// The client ids that are known; empty: every id.
  std::vector<std::string> source_ids;
  std::uint32_t longest_range = 1'000;
  std::uint32_t retransmissions_a_day = 10'000;
  std::uint32_t refreshes_a_day = 5'000;
};

struct desk_counts {
  std::uint64_t retransmissions = 0;
  std::uint64_t refreshes = 0;
  std::uint64_t mappings = 0;
  std::uint64_t heartbeats = 0;          // answered by clients
  std::map<char, std::uint64_t> refused; // by status
};

/// What one message of a client leads to.
struct desk_outcome {
  enum class kind : std::uint8_t { nothing, retransmit, unavailable, refresh, mapping, heartbeat };

  kind action = kind::nothing;
  std::uint32_t begin = 0; // of a retransmission, inclusive
  std::uint32_t end = 0;
  std::uint32_t symbol_index = 0; // of a refresh or a mapping; 0: all
  std::string source;             // who asks, when the message says so
  message_buffer response;        // message 11, or empty
};

class request_desk {
public:
  request_desk(desk_options options, service_faults faults) : options_{std::move(options)}, faults_{faults} {}

  /// `message` is one whole message with its head, `request` the number of the packet it came in.
  desk_outcome handle(std::span<const std::uint8_t> message, std::uint32_t request);

  service_faults& faults() noexcept { return faults_; }
  const service_faults& faults() const noexcept { return faults_; }
  const desk_counts& counts() const noexcept { return counts_; }

private:
  struct used_today {
    std::uint32_t retransmissions = 0;
    std::uint32_t refreshes = 0;
  };

  char check_client(const std::string& source, std::uint8_t product, std::uint8_t channel) const;

  desk_options options_;
  service_faults faults_;
  desk_counts counts_;
  std::map<std::string, used_today> used_; // at most `most_clients`
};

} // namespace tickplant::sim::nyse
