// What goes wrong on a datagram line: loss, duplicates, changed order, cut packets, silence, lateness. Pure and seeded:
// time comes in, and a run with the same seed and the same packets at the same times has the same faults.
#pragma once

#include "tickplant_sim/random_source.hpp"
#include "tickplant_sim/run_state.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace tickplant::sim {

using steady_time = std::chrono::steady_clock::time_point;

struct line_fault_rates {
  // Probabilities per packet, each 0 to 1.
  double loss = 0;
  double duplicate = 0;
  double reorder = 0;
  double truncate = 0;
  /// Probability per second that the line falls silent.
  double silence = 0;
  std::chrono::milliseconds silence_length{1'500};
  /// Every packet leaves this much later.
  std::chrono::milliseconds late{0};
};

struct line_fault_counts {
  std::uint64_t offered = 0;
  std::uint64_t emitted = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t truncated = 0;
  std::uint64_t silences = 0;
  std::uint64_t silenced = 0; // packets
  std::uint64_t delayed = 0;
};

/// The faults of one line. A reordered packet leaves after one to eight later packets of the line; at most eight wait.
/// Lateness comes last, so that a late line keeps its order. While `state` says that faults rest, packets pass as they
/// are, behind everything that was still held.
class line_faults {
public:
  static constexpr std::size_t window = 8;

  line_faults(const line_fault_rates& rates, std::uint64_t seed, const run_state& state = always_running)
    : rates_{rates}, random_{seed}, silence_random_{seed_of(seed, "silence")}, state_{&state} {}

  /// Calls `emit(std::span<const std::uint8_t>)` for every packet that now leaves, in the order of leaving.
  template <class Emit>
  void pass(std::span<const std::uint8_t> packet, steady_time now, Emit&& emit) {
    ++counts_.offered;
    if (!state_->faults_active()) {
      release_all(emit);
      ++counts_.emitted;
      return emit(packet);
    }
    const bool silent = is_silent(now);
    const bool lost = random_.chance(rates_.loss);
    const bool swapped = random_.chance(rates_.reorder) && held_.size() < window;
    if (silent)
      ++counts_.silenced;
    else if (lost)
      ++counts_.lost;
    else if (!swapped)
      leave(packet, now, emit);
    release_due(now, emit);
    if (!silent && !lost && swapped) {
      ++counts_.reordered;
      held_.push_back({{packet.begin(), packet.end()}, 1 + random_.below(window)});
    }
    poll(now, emit);
  }

  /// Lets late packets go whose time has come; to be called about every millisecond.
  template <class Emit>
  void poll(steady_time now, Emit&& emit) {
    if (!state_->faults_active()) return release_all(emit);
    while (!late_.empty() && late_.front().due <= now) {
      emit_now(late_.front().bytes, emit);
      late_.pop_front();
    }
  }

  /// Lets everything go that still waits; for the end of a session.
  template <class Emit>
  void release_all(Emit&& emit) {
    for (const auto& packet : late_) emit_now(packet.bytes, emit);
    late_.clear();
    for (const auto& packet : held_) emit_now(packet.bytes, emit);
    held_.clear();
  }

  const line_fault_counts& counts() const noexcept { return counts_; }

private:
  struct held_packet {
    std::vector<std::uint8_t> bytes;
    std::uint32_t packets_to_wait;
  };
  struct late_packet {
    std::vector<std::uint8_t> bytes;
    steady_time due;
  };

  bool is_silent(steady_time now) {
    if (rates_.silence <= 0) return false;
    // One draw a second; a longer pause of the run counts as one.
    if (now >= next_draw_) {
      next_draw_ = now + std::chrono::seconds{1};
      if (now >= silent_until_ && silence_random_.chance(rates_.silence)) {
        ++counts_.silences;
        silent_until_ = now + rates_.silence_length;
      }
    }
    return now < silent_until_;
  }

  template <class Emit>
  void leave(std::span<const std::uint8_t> packet, steady_time now, Emit&& emit) {
    if (random_.chance(rates_.truncate) && packet.size() > 1) {
      ++counts_.truncated;
      packet = packet.first(1 + random_.below(static_cast<std::uint32_t>(packet.size() - 1)));
    }
    emit_or_delay(packet, now, emit);
    if (random_.chance(rates_.duplicate)) {
      ++counts_.duplicated;
      emit_or_delay(packet, now, emit);
    }
  }

  template <class Emit>
  void emit_or_delay(std::span<const std::uint8_t> packet, steady_time now, Emit&& emit) {
    if (rates_.late.count() <= 0) return emit_now(packet, emit);
    ++counts_.delayed;
    late_.push_back({{packet.begin(), packet.end()}, now + rates_.late});
  }

  template <class Emit>
  void emit_now(std::span<const std::uint8_t> packet, Emit&& emit) {
    ++counts_.emitted;
    emit(packet);
  }

  template <class Emit>
  void release_due(steady_time now, Emit&& emit) {
    for (std::size_t i = 0; i < held_.size();) {
      if (--held_[i].packets_to_wait > 0) {
        ++i;
        continue;
      }
      leave(held_[i].bytes, now, emit);
      held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  line_fault_rates rates_;
  random_source random_;
  random_source silence_random_; // apart, because its draws follow the clock and not the packets
  const run_state* state_;
  std::vector<held_packet> held_;
  std::deque<late_packet> late_;
  steady_time next_draw_{};
  steady_time silent_until_{};
  line_fault_counts counts_;
};

} // namespace tickplant::sim
