// Where the Nasdaq side takes its messages from: the synthetic day or a day file.
#pragma once

#include "tickplant_sim/nasdaq/itch_encoder.hpp"

#include <cstdint>

namespace tickplant::sim::nasdaq {

class order_flow;

struct source_clock {
  std::uint64_t elapsed_ns = 0; // since the start of the session
  std::uint64_t day_ns = 0;     // since midnight US Eastern
  std::int64_t unix_ns = 0;
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
  /// Begins the day again, for a new session; false when the source cannot.
  virtual bool restart(const source_clock&) { return false; }
  /// The books behind the messages, or null when the source does not keep them.
  virtual const order_flow* flow() const { return nullptr; }
};

} // namespace tickplant::sim::nasdaq
