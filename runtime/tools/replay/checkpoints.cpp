#include "runtime/tools/replay/checkpoints.hpp"

namespace tickplant::replay {

namespace {

constexpr uint32_t most_numbers = 1u << 22;
constexpr size_t most_held = 1u << 20;

/// The last event of a venue's message that changes levels or orders.
bool closes_message(const tp_event& event) {
  return event.kind >= TP_EV_ADD && event.kind <= TP_EV_LEVEL && (event.flags & (TP_END | TP_SNAPSHOT)) == TP_END &&
         event.instrument < most_numbers;
}

} // namespace

bool checkpoints::is_live(uint32_t number) const {
  const auto* engine = books_.of_number(number);
  return engine && engine->state() == book::trust::ok;
}

void checkpoints::count(uint32_t number, uint64_t sequence) {
  ++applied_;
  auto& known = states_[number].sequence;
  if (sequence != 0) known = sequence;
  if (every_ > 0) touched_.insert(number);
}

void checkpoints::count_held(uint32_t number, uint64_t after) {
  auto& state = states_[number];
  if (after != 0) state.sequence = after;
  for (const uint64_t sequence : state.held)
    if (sequence == 0 || sequence > after) count(number, sequence);
  state.held.clear();
}

int32_t checkpoints::emit(uint32_t channel, std::span<const tp_event> events) {
  books_.lend(); // what was defined in this call is live for its events, as if each message came alone
  size_t from = 0;
  int32_t answer = TP_OK;
  const auto apply_to = [&](size_t end) {
    if (end > from) answer = books_.feed().emit(channel, events.subspan(from, end - from));
    from = end;
  };
  const auto report_if_due = [&] {
    if (every_ == 0 || applied_ - reported_ < every_) return;
    report_(applied_, touched_);
    reported_ = applied_ - applied_ % every_;
    touched_.clear();
  };
  for (size_t i = 0; i < events.size() && answer == TP_OK; ++i) {
    const auto& event = events[i];
    const bool snapshot_end = event.kind == TP_EV_SNAPSHOT_END;
    if (!snapshot_end && !closes_message(event)) continue;
    if (snapshot_end) {
      apply_to(i + 1);
      for (uint32_t number = 0; number < states_.size(); ++number)
        if ((event.instrument == TP_ALL || event.instrument == number) && is_live(number))
          count_held(number, event.sequence);
      if (event.instrument < most_numbers && is_live(event.instrument)) {
        if (event.instrument >= states_.size()) states_.resize(event.instrument + 1);
        if (states_[event.instrument].sequence < event.sequence) states_[event.instrument].sequence = event.sequence;
      }
      report_if_due();
      continue;
    }
    if (event.instrument >= states_.size()) states_.resize(event.instrument + 1);
    if (!is_live(event.instrument)) {
      auto& held = states_[event.instrument].held;
      if (held.size() < most_held) held.push_back(event.sequence);
      continue;
    }
    if (!states_[event.instrument].held.empty()) count_held(event.instrument, 0); // live again without a snapshot
    count(event.instrument, event.sequence);
    if (every_ > 0 && applied_ - reported_ >= every_) {
      apply_to(i + 1);
      report_if_due();
    }
  }
  if (answer == TP_OK) apply_to(events.size());
  return answer;
}

} // namespace tickplant::replay
