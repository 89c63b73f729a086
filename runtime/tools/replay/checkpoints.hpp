// Counts the venue's messages that are applied to books, and reports after every N of them. Sits between the plugin and
// the feed, so that a report shows the books exactly after the Nth message, however many came in one call.
#pragma once

#include "runtime/tools/replay/books.hpp"

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <vector>

namespace tickplant::replay {

class checkpoints {
public:
  /// `report(applied, numbers)` gets the count and the instruments that were touched since the last report. `every` 0:
  /// counts only. `of` outlives this object.
  using report_function = std::function<void(uint64_t applied, const std::set<uint32_t>& numbers)>;
  checkpoints(books& of, uint64_t every, report_function report)
    : books_(of), every_(every), report_(std::move(report)) {}

  /// Takes the place of feed::emit.
  int32_t emit(uint32_t channel, std::span<const tp_event> events);

  uint64_t applied() const { return applied_; }
  /// Number of the last message applied to the levels or orders of an instrument, or of its snapshot; 0 = none.
  uint64_t sequence_of(uint32_t number) const { return number < states_.size() ? states_[number].sequence : 0; }

private:
  struct progress {
    uint64_t sequence = 0;
    std::vector<uint64_t> held; // of messages that came while the book was not live
  };
  bool is_live(uint32_t number) const;
  void count(uint32_t number, uint64_t sequence);
  void count_held(uint32_t number, uint64_t after);

  books& books_;
  uint64_t every_, applied_ = 0, reported_ = 0;
  report_function report_;
  std::vector<progress> states_; // by the plugin's number
  std::set<uint32_t> touched_;
};

} // namespace tickplant::replay
