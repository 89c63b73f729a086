#include "tickplant_sim/fault_rates.hpp"

namespace tickplant::sim {
namespace {

std::chrono::milliseconds scaled_ms(double milliseconds, double level) {
  return std::chrono::milliseconds{static_cast<std::int64_t>(milliseconds * level)};
}

} // namespace

fault_rates storm(double level) {
  fault_rates out;
  if (level <= 0) return out;
  out.line_a.loss = 0.02 * level;
  out.line_a.duplicate = 0.01 * level;
  out.line_a.reorder = 0.01 * level;
  out.line_a.truncate = 0.003 * level;
  out.line_a.silence = 0.025 * level;
  out.line_b = out.line_a;
  out.line_b.late = scaled_ms(15, level);
  out.channel.unknown = 0.005 * level;
  out.channel.reset_every = scaled_ms(90'000, 1 / level);
  out.service.refuse = 0.1 * level;
  out.service.delay = scaled_ms(40, level);
  out.service.cut = 0.01 * level;
  out.service.stale = 0.1 * level;
  out.stream.gap = 0.005 * level;
  out.stream.malformed = 0.005 * level;
  return out;
}

} // namespace tickplant::sim
