// What is known of each stock locate: whether the host wants it, its symbol, its trading state. Locates are the
// instrument numbers of this plugin; they hold for one session.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

namespace tickplant::nasdaq {

inline constexpr uint32_t locate_count = 65'536;

/// What the decoder may do with events of a locate.
enum class interest : uint8_t { unknown, unwanted, wanted };

/// The two halt messages of a stock, which only together say whether it trades (section 8, trading states).
struct halt_state {
  uint32_t reason = 0; // text handle of the last 'H'
  char trading = 0;    // state letter of the last 'H', 0 = none yet
  bool venue_halted = false;
  uint64_t trading_at = 0, venue_at = 0; // numbers of the last 'H' and the last 'h', 0 = none or not of the live flow

  /// What a picture says that was taken before message `number`, unless messages from there on said otherwise.
  void complete(const halt_state& picture, uint64_t number) {
    if (trading_at < number) {
      reason = picture.reason;
      trading = picture.trading;
    }
    if (venue_at < number) venue_halted = picture.venue_halted;
  }
};
using halt_table = std::vector<halt_state>; // by locate

/// One thread; allocates when an instrument appears, never after.
class symbol_map {
public:
  symbol_map() : interest_(locate_count), entries_(locate_count) { by_symbol_.reserve(16'384); }

  /// By locate, for the decoder.
  const interest* interests() const { return interest_.data(); }
  bool is_wanted(uint32_t locate) const { return locate < locate_count && interest_[locate] == interest::wanted; }
  size_t size() const { return defined_.size(); }

  /// Whether this directory entry says something else than the one kept for its locate.
  bool is_news(uint16_t locate, uint64_t fingerprint) const {
    return interest_[locate] == interest::unknown || entries_[locate].fingerprint != fingerprint;
  }
  void define(uint16_t locate, uint64_t symbol, uint64_t fingerprint, bool wanted) {
    auto& kept = entries_[locate];
    if (interest_[locate] == interest::unknown)
      defined_.push_back(locate);
    else if (kept.symbol != symbol)
      by_symbol_.erase(kept.symbol);
    kept = {symbol, fingerprint, kept.suspect};
    by_symbol_[symbol] = locate;
    interest_[locate] = wanted ? interest::wanted : interest::unwanted;
  }
  std::optional<uint16_t> find(uint64_t symbol) const {
    const auto found = by_symbol_.find(symbol);
    if (found == by_symbol_.end()) return std::nullopt;
    return found->second;
  }

  /// A message of this stock could not be read: no replay can make its book right again, only a picture.
  void suspect(uint16_t locate, bool is_so = true) { entries_[locate].suspect = is_so; }
  bool is_suspect(uint16_t locate) const { return entries_[locate].suspect; }

  template <class Call>
  void each(Call&& call) const {
    for (const uint16_t locate : defined_) call(locate);
  }

  void clear() {
    for (const uint16_t locate : defined_) {
      interest_[locate] = interest::unknown;
      entries_[locate] = {};
    }
    defined_.clear();
    by_symbol_.clear();
  }

private:
  struct entry {
    uint64_t symbol = 0, fingerprint = 0;
    bool suspect = false;
  };
  std::vector<interest> interest_;
  std::vector<entry> entries_;
  std::vector<uint16_t> defined_;
  std::unordered_map<uint64_t, uint16_t> by_symbol_; // the eight bytes of Stock
};

} // namespace tickplant::nasdaq
