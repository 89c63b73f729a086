// The server over all four simulated exchanges, each in its own protocol, with the simulator's control port: it tells
// the truth of every book and switches faults and order flow.
#pragma once

#include "child_process.hpp"
#include "market_view.hpp"
#include "scratch.hpp"
#include "ws_client.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tickplant::testing {

/// What one client sees of every symbol of every venue.
struct watcher {
  std::unique_ptr<ws_client> client;
  std::map<std::string, nlohmann::json> entries; ///< by "VENUE:SYMBOL", the newest
  std::map<std::string, std::string> statuses;   ///< told last
  std::vector<nlohmann::json> errors;
  int64_t sequence = 0;
  bool has_gap = false; ///< in the numbers of the connection

  /// Takes everything that has come.
  void take_all();
};

class four_venues {
public:
  /// Starts tickplant-sim with these words and the server with these lines of YAML behind each venue's own.
  /// Throws std::runtime_error with what both said.
  four_venues(std::vector<std::string> simulator_words, const std::string& more_yaml = {});

  /// Every "VENUE:SYMBOL" that the simulator plays and the server takes.
  const std::vector<std::string>& symbols() const { return symbols_; }
  /// Connected and subscribed to all of them, fifty levels a side.
  watcher watch();

  /// POST to the control port; throws what it answers otherwise.
  void tell(const std::string& path);
  nlohmann::json ask(const std::string& path);
  /// What differs between a client's books and the truth; empty if nothing does.
  std::string differences(watcher& from);

  child_process& server() { return *server_; }
  uint16_t port() const { return port_; }
  std::string story() const;

private:
  void start_simulator(std::vector<std::string> words);
  std::string configuration(const std::string& more_yaml);
  nlohmann::json ready_of(const std::string& service);
  std::string difference(const std::string& name, const nlohmann::json& seen);

  scratch_folder folder_;
  udp_port nasdaq_a_, nasdaq_b_, nyse_a_, nyse_b_, nyse_retransmission_, nyse_refresh_, lse_a_, lse_b_;
  std::optional<child_process> simulator_, server_;
  uint16_t control_ = 0, port_ = 0;
  std::vector<std::string> symbols_;
};

} // namespace tickplant::testing
