// What every simulated exchange is to the simulator and to the control port, and what it is given.
#pragma once

#include "tickplant_sim/run_state.hpp"
#include "tickplant_sim/truth.hpp"

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace tickplant::sim {

/// What an exchange is made with. All of it outlives the exchange.
struct exchange_context {
  boost::asio::io_context& io;
  /// An exchange obeys by reading it: no order flow while `frozen`, no faults unless `faults_active()`.
  const run_state& state;
  /// Takes errors at run time, for people.
  std::function<void(const std::string&)> report;
  /// Holds what waiting handlers of the loop still use when the exchange is gone.
  std::vector<std::shared_ptr<void>>& beyond_loop;
};

/// Lives on the loop. Its maker binds everything at once and throws what says which address failed.
class simulated_exchange {
public:
  virtual ~simulated_exchange() = default;

  /// In capitals, as the server names the venue: "NASDAQ".
  virtual std::string_view venue() const = 0;
  virtual void start() = 0;
  /// Orderly end; calls `done` once, from the loop or at once.
  virtual void stop(std::function<void()> done) = 0;
  /// One JSON object per service, with its addresses.
  virtual std::vector<nlohmann::json> ready_lines() const = 0;
  virtual nlohmann::json summary() const = 0;
  /// False for an exchange that makes its own day, which never ends.
  virtual bool plays_a_file() const { return false; }
  /// True when its file will never give anything more.
  virtual bool at_end() const { return false; }

  virtual std::vector<std::string> symbols() const = 0;
  /// Nothing for a symbol it does not list, or while it plays a file whose books it does not keep.
  virtual std::optional<truth_book> truth(std::string_view symbol, std::size_t depth) const = 0;
};

} // namespace tickplant::sim
