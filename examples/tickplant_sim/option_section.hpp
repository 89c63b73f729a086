// The command line's parts: each exchange has its own option file, which gives one of these to `options.cpp`.
#pragma once

#include "tickplant_sim/fault_rates.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace tickplant::sim {

/// What is the same for all exchanges.
struct common_options {
  std::uint64_t seed = 1;
  double speed = 1; // of files and recordings; 0: as fast as possible
  fault_rates faults;
  boost::asio::ip::address_v4 multicast_interface = boost::asio::ip::address_v4::loopback();
};

/// One exchange on the command line. `options.cpp` adds `--no-<name>` and `--only`.
struct option_section {
  std::string name;  // "nasdaq"
  std::string title; // "Nasdaq", also the group of the help text
  bool* wanted = nullptr;
  /// Completes the exchange's options when everything is read; throws `std::invalid_argument` saying what is wrong.
  std::function<void(const common_options&)> finish;
  std::function<bool()> plays_a_file;
};

inline std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
}

} // namespace tickplant::sim
