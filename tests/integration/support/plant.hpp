// The server and the exchanges it listens to, as child processes on ports of the test's own.
#pragma once

#include "child_process.hpp"
#include "scratch.hpp"
#include "ws_client.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tickplant::testing {

/// The symbols that the simulator's exchanges list.
inline const std::vector<std::string> nasdaq_symbols{"AAPL", "GOOGL", "MSFT", "TSLA", "AMZN", "META", "NVDA"};
inline const std::vector<std::string> binance_symbols{"BTCUSDT", "ETHUSDT"};
std::vector<std::string> all_symbols();

/// Throws std::runtime_error with the children's output when something does not come up.
class plant {
public:
  enum class venues { both, nasdaq, binance };
  explicit plant(venues which = venues::both) : which_(which) {}

  /// Starts tickplant-sim and waits until it plays. The market opens at once, so that prices come soon. Started again
  /// it keeps its ports.
  void start_simulator(std::vector<std::string> more = {});
  /// Starts tickplantd on a free port and waits until it listens. `more` is YAML of the top level.
  void start_server(const std::string& more = {});
  /// The same with a configuration of the test's own, in which there is a listener `public`.
  void start_server_from(const std::string& file);
  /// YAML of a venue, for `venues:`; `more` is lines of its own, indented by four. Binance's is known once the
  /// simulator runs.
  std::string nasdaq_text(const std::string& more = {}) const;
  std::string binance_text(const std::string& more = {}) const;
  /// Waits until the venues have told their symbols.
  void wait_ready();
  /// The three steps above.
  void start(std::vector<std::string> simulator_options = {}) {
    start_simulator(std::move(simulator_options));
    start_server();
    wait_ready();
  }

  /// The simulator's own account of what it has done so far.
  nlohmann::json summary();

  child_process& simulator() { return *simulator_; }
  child_process& server() { return *server_; }
  uint16_t port() const { return port_; }
  const scratch_folder& folder() const { return folder_; }
  /// What both children said, for the message of a failed test.
  std::string story() const;

private:
  bool has_nasdaq() const { return which_ != venues::binance; }
  bool has_binance() const { return which_ != venues::nasdaq; }
  std::string configuration(const std::string& more) const;

  venues which_;
  scratch_folder folder_;
  udp_port line_a_, line_b_, rerequest_;
  uint16_t binance_port_ = 0, port_ = 0;
  std::optional<child_process> simulator_, server_;
};

/// The port behind the last colon of the line that the server logs for a listener of this name; 0 if it never came.
uint16_t listener_port(child_process& server, const std::string& name);

/// The port that the server logs for its admin API; 0 if it never did.
uint16_t admin_port(child_process& server);

/// A client that is welcomed.
std::unique_ptr<ws_client> connect(const plant& at, const connect_options& wanted = {});

// Clients that are slow. SUBSCRIBE to everything, every change; a receive buffer that such a flow fills at once; a
// client that has had some of it and reads no more.
nlohmann::json whole_market();
inline constexpr int small_buffer = 8 * 1024;
std::unique_ptr<ws_client> deaf_client(const plant& at);
/// Takes messages until that many bytes came; false if they end before.
bool read_bytes(ws_client& client, size_t wanted);

} // namespace tickplant::testing
