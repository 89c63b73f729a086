// How one venue is kept alive: what outlives its adapters. Breakers of its parts, which lines are used, what became of
// gaps. One per start of the venue's supervisor; used on the venue's feed loop alone.
#pragma once

#include "actors/feed_context.hpp"
#include "actors/supervisor.hpp"
#include "runtime/book/recovery_ledger.hpp"
#include "runtime/book/resync_queue.hpp"
#include "runtime/supervision/line_groups.hpp"
#include "runtime/supervision/line_health.hpp"
#include "runtime/telemetry/histogram.hpp"
#include "runtime/telemetry/log.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace tickplant::actors {

/// What the configuration says of it.
struct venue_care {
  supervision::breaker_rules breaker;
  supervision::line_limits lines;
  std::chrono::nanoseconds recovery_limit = std::chrono::minutes{2}; // 0: none
  supervision::group_rules groups;
  book::resync_rules recovery;
};

/// What became of gaps, over all adapters of the venue.
struct gap_figures {
  std::array<uint64_t, book::gap_outcomes> ended{}; // by outcome
  telemetry::histogram took;
};

class venue_health {
public:
  venue_health(std::string venue, venue_care care, feed_context& context, venue_place& place);

  /// For the venue's supervisor: its adapter, and the supervisor of its books.
  const std::shared_ptr<guarded_child>& adapter() const { return adapter_; }
  const std::shared_ptr<guarded_child>& books() const { return books_; }

  const venue_care& care() const { return care_; }
  supervision::line_groups groups;
  gap_figures gaps;
  bool is_well = false; // the adapter says so of itself

private:
  void changed(guarded_child::change what, const std::string& why);
  void say(telemetry::level at, const std::string& text) const;
  std::string lines() const;

  std::string venue_;
  venue_care care_;
  feed_context& context_;
  venue_place& place_;
  std::shared_ptr<guarded_child> adapter_, books_;
};

/// "2026-11-30T02:30:00Z"
std::string utc_text(uint64_t wall_ns);

} // namespace tickplant::actors
