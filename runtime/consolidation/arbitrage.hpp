// Finds crossed and locked markets between the legs of one instrument, and tells each opportunity once at its start, at
// changes and at its end. A state machine with time as argument; integers alone. Plain object, one thread.
#pragma once

#include "runtime/book/signal.hpp"
#include "runtime/consolidation/rules.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::consolidation {

/// One leg's top at the common exponents.
struct leg_quote {
  int64_t bid = TP_NONE, ask = TP_NONE, bid_quantity = TP_NONE, ask_quantity = TP_NONE;
  bool is_good = false; // it may be traded on
};

class arbitrage_monitor {
public:
  /// Ends what is open, told with `why`.
  void configure(model::instrument_id id, model::instrument_ptr instrument, const std::vector<leg>& legs,
                 const arbitrage_rules& rules, std::string_view why, uint64_t monotonic_ns, uint64_t wall_ns);

  /// How the legs stand now; as many as were configured. `why_bad` tells of a leg why it is not good.
  template <class WhyBad>
  void observe(std::span<const leg_quote> legs, uint64_t monotonic_ns, uint64_t wall_ns, WhyBad&& why_bad) {
    if (is_open_ && (!legs[buy_].is_good || !legs[sell_].is_good)) {
      const uint32_t bad = legs[buy_].is_good ? sell_ : buy_;
      end(why_bad(bad), monotonic_ns, wall_ns);
    }
    look(legs, monotonic_ns, wall_ns);
  }
  void close(std::string_view why, uint64_t monotonic_ns, uint64_t wall_ns);

  uint64_t deadline_ns() const { return deadline_ns_; }
  std::vector<book::signal>& signals() { return signals_; }

  bool is_open() const { return is_open_; }
  /// The open one as it was last told; meaningless if none is.
  const book::signal& open() const { return told_; }
  uint64_t starts() const { return starts_; }
  uint64_t changes() const { return changes_; }
  uint64_t ends() const { return ends_; }
  /// Opportunities that were over before they had lasted long enough.
  uint64_t brief() const { return brief_; }

private:
  struct chance {
    uint32_t buy = 0, sell = 0;
    int64_t quantity = TP_NONE;
    __extension__ __int128 net = 0; // parts of the price unit
    bool is_there = false;
  };

  chance best_chance(std::span<const leg_quote> legs) const;
  chance chance_of(std::span<const leg_quote> legs, uint32_t buy, uint32_t sell) const;
  bool is_enough(const chance& c, int64_t buy_price) const;
  void look(std::span<const leg_quote> legs, uint64_t monotonic_ns, uint64_t wall_ns);
  bool is_told_otherwise(const book::signal& now) const;
  book::signal describe(const chance& c, std::span<const leg_quote> legs, uint64_t monotonic_ns,
                        uint64_t wall_ns) const;
  void tell(book::signal what, book::signal::phase phase);
  void end(std::string_view why, uint64_t monotonic_ns, uint64_t wall_ns);

  model::instrument_id id_{};
  model::instrument_ptr instrument_;
  std::vector<model::instrument_ptr> legs_;
  std::vector<int64_t> fees_; // by leg
  arbitrage_rules rules_;
  __extension__ __int128 least_net_ = 0; // of min_price_edge, in parts of the price unit
  bool is_configured_ = false;

  bool is_pending_ = false, is_open_ = false;
  uint32_t buy_ = 0, sell_ = 0; // of the pending or open one
  uint64_t since_ns_ = 0, since_wall_ns_ = 0, told_ns_ = 0;
  uint64_t deadline_ns_ = UINT64_MAX;
  book::signal told_;
  uint64_t number_ = 0, starts_ = 0, changes_ = 0, ends_ = 0, brief_ = 0;
  std::vector<book::signal> signals_;
};

} // namespace tickplant::consolidation
