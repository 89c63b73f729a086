// What a client wants of its instruments, and where it stands on their lines: the words in which sessions talk to the
// hub.
#pragma once

#include "runtime/fanout/client_port.hpp"
#include "runtime/fanout/filter.hpp"
#include "runtime/model/ids.hpp"

#include <tickplant/dialect.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tickplant::fanout {

/// What one subscription asks for, apart from its symbols.
struct option_set {
  uint32_t data_types = 0; // TP_DATA_*
  uint32_t depth = 0;      // levels a side
  uint32_t extras = 0;     // TP_EXTRA_*
  uint32_t frequency_ms = 0;
  uint32_t fields = 0;  // TP_FIELD_*, 0 = all
  uint32_t mode = 0;    // TP_MODE_*; TP_MODE_ABSENT: a plain client, which knows neither snapshots nor lines
  uint32_t on_slow = 0; // TP_SLOW_*; TP_SLOW_ABSENT: DROP_OLDEST of what may not be conflated
  std::shared_ptr<const fanout::filter> filter{}; // null: everything; compared by pointer
  friend auto operator<=>(const option_set&, const option_set&) = default;

  /// Knows lines: has sent HELLO, and so has TP_EXTRA_SEQUENCE and a mode, be it the default.
  bool is_extended() const { return (extras & TP_EXTRA_SEQUENCE) != 0 && mode != TP_MODE_ABSENT; }
};

/// One for all rows that have been asked for alike; compared by value. Never null.
using options_ptr = std::shared_ptr<const option_set>;

/// A place on one line of an instrument, as a client knows it: the last that it has.
struct line_point {
  uint32_t series = TP_SERIES_STATE;
  uint64_t epoch = 0, sequence = 0;
  bool is_left = false; // by a hub that died; the client has not asked, and knows nothing of it
};

/// The newest that there is on a line of a client.
struct line_place {
  model::instrument_id id{};
  uint32_t series = TP_SERIES_STATE;
  uint64_t epoch = 0, sequence = 0;
};

/// Some of the lines of a client, and how many come behind them.
struct line_places {
  std::vector<line_place> places;
  uint32_t next = 0; // from where those behind go on; 0: from the beginning
  uint32_t more = 0;
};

/// A row of mode SNAPSHOT_ONLY that has got its snapshot, and is gone.
struct finished_row {
  client_key client;
  option_set options;
  model::instrument_id id{};
};

/// How much of the lines is kept for those who were cut off or are behind; may change at any time.
struct hub_limits {
  size_t resume_bytes = 256 * 1024;       // of one line
  size_t resume_total = 64 * 1024 * 1024; // of all lines of the loop; each in use keeps 4 KiB
};

} // namespace tickplant::fanout
