// What is known of each symbol of a channel: its instrument number, price scale, numbers and states. Found by the
// venue's SymbolIndex, which is sparse but keeps its meaning from day to day.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace tickplant::nyse {

struct symbol_state {
  uint32_t instrument = 0;
  uint32_t index = 0;    // the venue's
  uint32_t last = 0;     // its SymbolSeqNum seen last, 0 = not known
  int32_t factor = 0;    // raw price -> exponent -6; 0 = the day's message 3 has not come: nothing can be decoded
  uint8_t partition = 0; // System ID, whose seconds count
  bool is_wanted = false;
  bool is_lost = false; // the host was told, or was never told that it is complete: only a picture helps
  // The three independent values of message 34; 0 = never told.
  char halt = 0, market = 0, short_sale = 0;
  bool is_queued = false;   // for a refresh of its own
  uint64_t covered = 0;     // changes of the book up to this number were in a picture already
  uint64_t needs_from = 0;  // a picture has to join the live flow here at the latest
  uint64_t fingerprint = 0; // of its message 3
};

/// One thread. Allocates when a symbol appears, never after; references hold until then.
class symbol_map {
public:
  static constexpr uint32_t none = UINT32_MAX;

  /// Place of a symbol, or `none`.
  uint32_t find(uint32_t index) const {
    if (index < direct_.size()) [[likely]]
      return direct_[index];
    if (index < most_direct) return none;
    const auto found = far_.find(index);
    return found == far_.end() ? none : found->second;
  }
  symbol_state& operator[](uint32_t place) { return states_[place]; }
  const symbol_state& operator[](uint32_t place) const { return states_[place]; }
  std::vector<symbol_state>& all() { return states_; }
  const std::vector<symbol_state>& all() const { return states_; }
  size_t size() const { return states_.size(); }
  /// Whether another one may be added; nobody trades more symbols than this on one channel.
  bool has_room() const { return states_.size() < most_symbols; }

  symbol_state* of_instrument(uint32_t instrument) {
    for (auto& s : states_)
      if (s.instrument == instrument) return &s;
    return nullptr;
  }

  symbol_state& add(uint32_t index, uint32_t instrument) {
    const auto place = static_cast<uint32_t>(states_.size());
    states_.push_back({});
    states_.back().index = index;
    states_.back().instrument = instrument;
    if (index < most_direct) {
      if (index >= direct_.size()) direct_.resize(index + 1024, none);
      direct_[index] = place;
    } else {
      far_[index] = place;
    }
    return states_.back();
  }

private:
  static constexpr uint32_t most_direct = 1u << 20, most_symbols = 65'536;

  std::vector<uint32_t> direct_; // by index, for the small ones, which are all that are in use
  std::unordered_map<uint32_t, uint32_t> far_;
  std::vector<symbol_state> states_;
};

} // namespace tickplant::nyse
