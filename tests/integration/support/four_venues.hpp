// The server over all four simulated exchanges, each in its own protocol.
#pragma once

#include "compared_plant.hpp"

namespace tickplant::testing {

class four_venues : public compared_plant {
public:
  /// Starts tickplant-sim with these words and the server with these lines of YAML behind each venue's own.
  /// Throws std::runtime_error with what both said.
  four_venues(std::vector<std::string> simulator_words, const std::string& more_yaml = {});

private:
  std::string configuration(const std::string& more_yaml);

  udp_port nasdaq_a_, nasdaq_b_, nyse_a_, nyse_b_, nyse_retransmission_, nyse_refresh_, lse_a_, lse_b_;
};

} // namespace tickplant::testing
