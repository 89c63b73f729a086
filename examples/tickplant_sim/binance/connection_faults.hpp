// What goes wrong on stream connections: messages that cannot be read or that nobody knows, an end in the middle of a
// message, stalls. Seeded; one object serves all connections of a server. Pure.
#pragma once

#include "tickplant_sim/fault_rates.hpp"
#include "tickplant_sim/run_state.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tickplant::sim::binance {

struct connection_fault_rates {
  double malformed = 0; // per message: an unreadable one goes out as well
  double unknown = 0;   // per message: an event of an unknown type goes out as well
  double cut = 0;       // per message: the connection ends in the middle of it
  double stall = 0;     // per second and connection: nothing leaves for a while, then all of it
  std::chrono::milliseconds stall_length{1500};
};

struct connection_fault_counts {
  std::uint64_t malformed = 0;
  std::uint64_t unknown = 0;
  std::uint64_t cut = 0;
  std::uint64_t stalled = 0;
};

class connection_faults {
public:
  connection_faults(const connection_fault_rates& rates, std::uint64_t seed, const run_state& state = always_running)
    : rates_{rates}, random_{seed}, state_{&state} {}

  /// An unreadable message to go out before `event`: a part of it, or one with a byte that does not belong there.
  std::optional<std::string> malformed(std::string_view event) {
    const auto place = 1 + random_.below(static_cast<std::uint32_t>(event.size() > 1 ? event.size() - 1 : 1));
    const bool is_cut = random_.chance(0.5);
    if (event.size() < 2 || !happens(rates_.malformed, counts_.malformed)) return std::nullopt;
    std::string out{event.substr(0, is_cut ? place : event.size())};
    if (!is_cut) out[place] = '\x01'; // no JSON text may hold it
    return out;
  }
  /// An event of a type that no document has.
  std::optional<std::string> unknown() {
    if (!happens(rates_.unknown, counts_.unknown)) return std::nullopt;
    return "{\"e\":\"lunarPhase\",\"E\":1,\"s\":\"BTCUSDT\",\"x\":{\"y\":[" + std::to_string(random_.below(1000)) +
           "]}}";
  }
  /// How many bytes of this message still leave before the connection ends.
  std::optional<std::size_t> cut(std::size_t message_bytes) {
    const auto kept = 1 + random_.below(static_cast<std::uint32_t>(message_bytes > 1 ? message_bytes - 1 : 0));
    if (message_bytes < 2 || !happens(rates_.cut, counts_.cut)) return std::nullopt;
    return kept;
  }
  /// Asked once a second for each connection.
  std::optional<std::chrono::milliseconds> stall() {
    if (!happens(rates_.stall, counts_.stalled)) return std::nullopt;
    return rates_.stall_length;
  }

  const connection_fault_counts& counts() const noexcept { return counts_; }

private:
  bool happens(double rate, std::uint64_t& count) {
    if (!random_.chance(rate) || !state_->faults_active()) return false;
    ++count;
    return true;
  }

  connection_fault_rates rates_;
  random_source random_;
  const run_state* state_;
  connection_fault_counts counts_;
};

} // namespace tickplant::sim::binance
