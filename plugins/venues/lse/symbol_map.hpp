// The instruments of the group by the venue's sparse ids, and their books by our dense numbers: what they are called,
// whether the host wants them, and how far each book is from being right.
#pragma once

#include "config.hpp"

#include <tickplant/venue.hpp>

#include <array>
#include <memory>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace tickplant::lse {

/// Books of one instrument: they are kept apart and have numbers of their own (notes C1).
enum class book_kind : uint8_t { orders, firm_quotes, requests };
inline constexpr size_t book_kinds = 3;

struct book {
  enum class picture : uint8_t {
    none,
    open,    // its snapshot has begun
    spoiled, // what the host has of the snapshot is void: what still comes of it is not taken
    ended    // whole, but the live flow has not reached its number yet
  };
  uint32_t instrument = 0; // index in instruments()
  book_kind kind = book_kind::orders;
  bool is_wanted = false;
  bool is_lost = false; // the host holds its events until a snapshot
  picture stage = picture::none;
  uint32_t tries = 0;       // snapshots that were no good
  uint64_t held_from = 0;   // the first live number that the host holds, without a hole behind it
  uint64_t includes = 0;    // ended: the last number inside the snapshot
  bool is_by_clear = false; // right by a clear of its own, which says nothing of the instrument's other books
};

struct instrument {
  static constexpr uint32_t undefined = UINT32_MAX, unwanted = UINT32_MAX - 1;
  uint64_t id = 0;
  /// Where events of a book go: its number, or one of the two above.
  std::array<uint32_t, book_kinds> emits{undefined, undefined, undefined};
  std::array<uint32_t, book_kinds> numbers{undefined, undefined, undefined};
  uint64_t fingerprint = 0; // of the directory entry, 0 = there was none
  char status = 0;          // last status letter of the order book
  std::string symbol, isin, currency, segment;
  // GTP: which kind of trade counts for the auction of this price and time (notes G3).
  int64_t auction_price = 0;
  uint64_t auction_ns = 0;
  uint8_t auction_kind = 0;
};

/// What a directory message says.
struct directory_entry {
  uint64_t id = 0, fingerprint = 1;
  std::string_view isin, currency, segment;
  int64_t previous_close = TP_NONE;
};

/// One thread; allocates when an instrument or book appears, never after.
class symbol_map {
public:
  static constexpr size_t most_instruments = size_t{1} << 17;

  symbol_map(sdk::venue_host host, const options& opts)
    : host_(host), tickers_(opts.tickers), quantity_exponent_(opts.is_gtp ? int8_t{-8} : int8_t{0}), places_(1 << 12) {}

  instrument* find(uint64_t id) {
    for (size_t at = place_of(id);; at = (at + 1) & (places_.size() - 1)) {
      const place& p = places_[at];
      if (p.index == 0) return nullptr;
      if (p.id == id) return &instruments_[p.index - 1];
    }
  }

  /// Whether this entry says something else than the one kept. Nothing is made of it: define() does that.
  bool is_news(const directory_entry& entry) {
    const auto* known = find(entry.id);
    return known == nullptr || known->fingerprint != entry.fingerprint;
  }
  /// Defines or redefines an instrument and its order book. A book that is new to the host is lost from the start
  /// unless `is_complete`. Null if there are too many. Flush before.
  instrument* define(const directory_entry& entry, bool is_complete, uint64_t sequence);
  /// Defines a second book. Flush before.
  uint32_t define_second(instrument& of, book_kind kind, bool is_complete, uint64_t sequence);

  std::span<book> books() { return books_; }
  std::span<instrument> instruments() { return instruments_; }
  instrument& instrument_of(const book& b) { return instruments_[b.instrument]; }
  uint32_t number_of(const book& b) const { return static_cast<uint32_t>(&b - books_.data()); }
  /// In the order of their first appearance.
  std::span<const std::string> segments() const { return segments_; }
  size_t size() const { return instruments_.size(); }

  /// Order books that came into being lost since the last call.
  std::vector<uint32_t> take_newborn() { return std::exchange(newborn_, {}); }
  void note_newborn(uint32_t number) { newborn_.push_back(number); }
  bool has_newborn() const { return !newborn_.empty(); }

private:
  struct place {
    uint64_t id = 0;
    uint32_t index = 0; // + 1, 0 = free
  };
  size_t place_of(uint64_t id) const { return (id * 0x9E37'79B9'7F4A'7C15u >> 32) & (places_.size() - 1); }
  void enter(uint64_t id, uint32_t index);
  std::string name_for(const directory_entry& entry);
  bool announce(const instrument& of, book_kind kind, uint32_t number, int64_t previous_close);
  uint32_t add_book(uint32_t index, book_kind kind, bool is_complete, uint64_t sequence);

  sdk::venue_host host_;
  const std::map<std::string, std::string, std::less<>>& tickers_;
  int8_t quantity_exponent_;
  std::vector<place> places_; // open addressing, at most half full
  std::vector<instrument> instruments_;
  std::vector<book> books_;
  std::vector<std::string> segments_;
  std::vector<uint32_t> newborn_;
  std::unordered_map<std::string, uint64_t> names_; // whose symbol it is
};

} // namespace tickplant::lse
