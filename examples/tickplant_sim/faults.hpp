// What goes wrong on a datagram line: loss, duplicates, changed order, cut packets. Pure and seeded, so a run with the
// same seed and the same packets has the same faults.
#pragma once

#include "tickplant_sim/random_source.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tickplant::sim {

/// Probabilities per packet, each 0 to 1.
struct line_fault_rates {
  double loss = 0;
  double duplicate = 0;
  double reorder = 0;
  double truncate = 0;
};

struct line_fault_counts {
  std::uint64_t offered = 0;
  std::uint64_t emitted = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t truncated = 0;
};

/// The faults of one line. A reordered packet leaves after one to eight later packets of the line; at most eight wait.
class line_faults {
public:
  static constexpr std::size_t window = 8;

  line_faults(const line_fault_rates& rates, std::uint64_t seed) : rates_{rates}, random_{seed} {}

  /// Calls `emit(std::span<const std::uint8_t>)` for every packet that now leaves, in the order of leaving.
  template <class Emit>
  void pass(std::span<const std::uint8_t> packet, Emit&& emit) {
    ++counts_.offered;
    const bool lost = random_.chance(rates_.loss);
    const bool late = random_.chance(rates_.reorder) && held_.size() < window;
    if (lost)
      ++counts_.lost;
    else if (!late)
      leave(packet, emit);
    release_due(emit);
    if (!lost && late) {
      ++counts_.reordered;
      held_.push_back({{packet.begin(), packet.end()}, 1 + random_.below(window)});
    }
  }

  /// Lets everything go that still waits; for the end of a session.
  template <class Emit>
  void release_all(Emit&& emit) {
    for (const auto& packet : held_) leave(packet.bytes, emit);
    held_.clear();
  }

  const line_fault_counts& counts() const noexcept { return counts_; }

private:
  struct held_packet {
    std::vector<std::uint8_t> bytes;
    std::uint32_t packets_to_wait;
  };

  template <class Emit>
  void leave(std::span<const std::uint8_t> packet, Emit&& emit) {
    if (random_.chance(rates_.truncate) && packet.size() > 1) {
      ++counts_.truncated;
      packet = packet.first(1 + random_.below(static_cast<std::uint32_t>(packet.size() - 1)));
    }
    ++counts_.emitted;
    emit(packet);
    if (random_.chance(rates_.duplicate)) {
      ++counts_.duplicated;
      ++counts_.emitted;
      emit(packet);
    }
  }

  template <class Emit>
  void release_due(Emit&& emit) {
    for (std::size_t i = 0; i < held_.size();) {
      if (--held_[i].packets_to_wait > 0) {
        ++i;
        continue;
      }
      leave(held_[i].bytes, emit);
      held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  line_fault_rates rates_;
  random_source random_;
  std::vector<held_packet> held_;
  line_fault_counts counts_;
};

} // namespace tickplant::sim
