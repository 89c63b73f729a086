// What the normaliser asks of its channel: symbols without a mapping, spoiled books, books told anew in the flow.
#include "channel.hpp"

namespace tickplant::nyse {

// The price scale is not to be guessed: the message waits for its symbol's message 3.
void channel::unmapped(uint64_t sequence, const uint8_t* message, uint32_t index) {
  counters_.add(unknown_index);
  if (sequence == 0 || index == 0) return;
  counters_.add(unmapped_dropped, unmapped_.push(sequence, index, message));
  mapping_wanted_ = true;
}

void channel::mapped(symbol_state& symbol) {
  const uint64_t dropped_through = unmapped_.dropped_through(symbol.index);
  if (symbol.is_wanted && !symbol.is_lost) {
    if (!is_complete_) { // the host's book of it awaits a picture like all others
      symbol.is_lost = true;
      ++lost_;
      symbol.needs_from = std::max(symbol.needs_from, std::max(flow_from_, dropped_through + 1));
      queue(place_of(symbol));
    } else if (dropped_through != 0) {
      lose_symbol(symbol, dropped_through + 1, "messages of this symbol came before its mapping and were dropped");
    }
  }
  unmapped_.take(symbol.index,
                 [this](uint64_t sequence, const uint8_t* message) { normalizer_.kept_message(sequence, message); });
}

void channel::spoiled(symbol_state* symbol, uint64_t needs_from, std::string_view reason) {
  if (symbol != nullptr) return lose_symbol(*symbol, needs_from, reason);
  tell(TP_STREAM_LOST, reason, needs_from - 1, needs_from - 1);
  is_complete_ = false;
  is_adrift_ = true;
  lost_ = 0;
  for (auto& each : normalizer_.symbols().all()) {
    each.is_lost = each.is_wanted;
    each.needs_from = std::max(each.needs_from, needs_from);
    lost_ += each.is_lost;
  }
  want_full();
}

bool channel::cleared(symbol_state& symbol, uint64_t sequence) {
  if (!symbol.is_lost || !symbol.is_wanted || sequence < symbol.needs_from) return false;
  begin_spin(symbol, sequence);
  return true;
}

void channel::snapshot_over(uint64_t sequence) {
  end_spin(sequence);
}

} // namespace tickplant::nyse
