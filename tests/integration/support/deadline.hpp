// How long the tests wait for what has to happen. Nothing is measured with it except where a test says so.
#pragma once

#include <chrono>
#include <thread>

namespace tickplant::testing {

using steady_clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

/// For everything that happens within a second on an idle machine.
constexpr auto patience = 30s;

/// Asks again and again until `holds` is true or the time is over; answers the last answer.
template <class Predicate>
bool eventually(Predicate holds, milliseconds within = patience) {
  const auto end = steady_clock::now() + within;
  for (;;) {
    if (holds()) return true;
    if (steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(10ms);
  }
}

} // namespace tickplant::testing
