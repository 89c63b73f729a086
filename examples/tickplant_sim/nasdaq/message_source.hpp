// Where the Nasdaq side takes its messages from: the synthetic day or a day file.
#pragma once

#include "tickplant_sim/nasdaq/itch_encoder.hpp"

#include <cstdint>

namespace tickplant::sim::nasdaq {

struct source_clock {
  std::uint64_t elapsed_ns = 0; // since the start of the session
  std::uint64_t day_ns = 0;     // since midnight US Eastern
};

/// Pull model: the driver asks about once a millisecond. Not thread safe.
class message_source {
public:
  virtual ~message_source() = default;

  /// Appends the blocks that are due. May append fewer than are due to bound one call; the rest follows.
  virtual void advance(const source_clock& now, block_buffer& out) = 0;
  /// Appends what belongs to an orderly end of the session.
  virtual void finish(const source_clock& now, block_buffer& out) = 0;
  /// True when nothing will ever be due again.
  virtual bool at_end() const = 0;
};

} // namespace tickplant::sim::nasdaq
