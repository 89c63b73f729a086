// The server over simulated exchanges whose control port tells the truth of every book, and clients whose books are
// compared with it. It also switches faults and order flow.
#pragma once

#include "child_process.hpp"
#include "market_view.hpp"
#include "scratch.hpp"
#include "ws_client.hpp"

#include <map>
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

class compared_plant {
public:
  /// Every "VENUE:SYMBOL" that the simulator plays and the server takes; known once there is a watcher.
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

protected:
  /// Starts tickplant-sim with these words, and a control port. Throws std::runtime_error with what it said.
  void start_simulator(std::vector<std::string> words);
  /// What the simulator told of a service when it was ready.
  nlohmann::json ready_of(const std::string& service);
  /// Starts the server with this YAML below `venues:` and waits until it is ready; throws as above.
  void start_server(const std::string& venues);

private:
  std::string difference(const std::string& name, const nlohmann::json& seen);

  scratch_folder folder_;
  std::optional<child_process> simulator_, server_;
  uint16_t control_ = 0, port_ = 0;
  std::vector<std::string> symbols_;
};

/// The port behind the last colon.
uint16_t port_of(const std::string& address);

} // namespace tickplant::testing
