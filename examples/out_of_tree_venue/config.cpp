#include "config.hpp"

namespace harbour {

namespace sdk = tickplant::sdk;

namespace {

constexpr std::string_view keys[] = {"lines.a", "lines.b", "lines.snapshot", "reorder_window", "retry"};
constexpr sdk::known_keys known{keys, {}, {}};

} // namespace

options read_options(const sdk::settings& settings, const sdk::complain_fn& complain) {
  options made;
  const sdk::config_reader read{settings, complain};
  read.refuse_unknown(known);
  if (!read.find("lines.a")) complain("lines.a", "is missing; wanted udp://ADDRESS:PORT");
  read.udp("lines.a", made.line_a);
  read.udp("lines.b", made.line_b);
  read.refuse_same_lines("lines.a", "lines.b", made.line_a, made.line_b);
  if (const auto value = read.find("lines.snapshot"))
    read.address("lines.snapshot", *value, {"tcp://"}, "TCP", "tcp://ADDRESS:PORT", made.snapshot);
  read.duration("reorder_window", 0, 60'000'000'000, "0ms to 1m", made.reorder_window_ns);
  // A server is not to be stormed.
  read.duration("retry", 100'000'000, 60'000'000'000, "100ms to 1m", made.retry_ns);
  return made;
}

} // namespace harbour
