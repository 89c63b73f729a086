// The control port's requests and answers, without sockets: the truth of every book, and the switches of the run.
#pragma once

#include "tickplant_sim/simulated_exchange.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace tickplant::sim::control {

struct answer {
  unsigned status = 200;
  nlohmann::json body; // with an error: {"error": what is wrong and what to do}
};

/// GET /books?venue=NASDAQ&symbol=AAPL&depth=10, GET /symbols, GET /summary, POST /freeze, POST /thaw,
/// POST /faults?on=0|1. Lives on the loop of the exchanges; both references must outlive it.
class api {
public:
  api(run_state& state, std::span<const std::unique_ptr<simulated_exchange>> exchanges)
    : state_{state}, exchanges_{exchanges} {}

  answer handle(std::string_view method, std::string_view target);
  /// The summaries of all exchanges by venue in small letters.
  nlohmann::json summary() const;

private:
  struct route;
  answer books(std::string_view venue, std::string_view symbol, std::string_view depth) const;
  answer set_faults(std::string_view on);
  answer state() const;

  run_state& state_;
  std::span<const std::unique_ptr<simulated_exchange>> exchanges_;
};

} // namespace tickplant::sim::control
