// The connections of an instance: deals the wanted streams over as many as the limits ask for, moves those of one that
// fails, and replaces one before its life ends, both delivering for a while (venue document, A3, A4, E and G, "stream
// host"). Pure: says what to open, send and close; the caller does it. One thread; times in ns since 1970.
#pragma once

#include "connect_budget.hpp"
#include "line_keeper.hpp"
#include "subscriber.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

namespace tickplant::binance {

/// Entry points of the venue: the main one, and one for trades and statistics where the venue parts them.
inline constexpr uint32_t routes = 2;

struct link_options {
  subscriber_options controls;
  uint8_t kinds = UINT8_MAX;                       // streams that may be wanted at all
  std::array<uint8_t, routes> masks{UINT8_MAX, 0}; // streams of each route
  std::array<uint32_t, routes> addresses{1, 0};    // how many each route has
  uint32_t connects_limit = 300;
  uint64_t silence_ns = 60'000'000'000, renew_ns = 84'600'000'000'000, overlap_ns = 5'000'000'000;
};

class link_set {
public:
  static constexpr uint32_t none = UINT32_MAX;

  explicit link_set(link_options options);

  /// The wanted streams of an instrument, by its number; `symbol` in lower case, lives as long as this object.
  void want(uint32_t instrument, std::string_view symbol, uint8_t bits);
  uint8_t wanted(uint32_t instrument) const {
    return instrument < entries_.size() ? entries_[instrument].wanted : uint8_t{0};
  }
  /// Whether the connection is up that has this one of the instrument's streams.
  bool is_served(uint32_t instrument, stream_bit stream) const;

  // What to do. The number of a link is that of its line.
  struct opening {
    uint32_t link, route, address;
  };
  std::optional<opening> next_opening(uint64_t now_ns);
  /// A link that has nothing to do any more, and is forgotten by this call: close its line.
  struct closing {
    uint32_t link, route;
    bool was_renewed; // its streams go on over another one; otherwise it had none
  };
  std::optional<closing> next_closing(uint64_t now_ns);
  /// When `next_opening` may give something; UINT64_MAX while nothing waits.
  uint64_t opening_due_ns(uint64_t now_ns) const;
  /// Begins what is due by age, and notes which replacements are complete. Once a second.
  void tick(uint64_t now_ns);

  void on_up(uint32_t link, uint64_t now_ns, uint64_t random);
  /// What the end of a connection means.
  struct fall {
    std::vector<uint32_t> instruments; // whose streams it carried
    uint32_t heir = none;              // the replacement that carries them already
    bool is_settled = false;           // and has done so for long enough that nothing can be missing
    bool is_over = false;              // the link itself does not come back
    uint64_t wait_ns = 0;              // otherwise: until the next try
  };
  fall on_down(uint32_t link, uint64_t now_ns, uint64_t random);
  /// The connection ends soon: replaces it. False if that is under way already.
  bool renew(uint32_t link);

  struct link {
    explicit link(const link_options& o) : keeper(o.silence_ns), controls(o.controls) {}
    enum class state : uint8_t { free, waiting, opening, up } at = state::free;
    uint32_t route = 0, address = 0;
    uint32_t load = 0; // streams that are set aside for its instruments
    uint32_t successor = none, predecessor = none;
    uint64_t due_ns = 0, up_since_ns = 0, renew_at_ns = UINT64_MAX;
    uint64_t complete_ns = 0;       // since when a replacement has all its predecessor's streams; 0 = not so far
    uint64_t settling_until_ns = 0; // may still be behind what another link delivered
    line_keeper keeper;
    subscriber controls;
  };
  /// Null for a number without a connection that is open or about to be.
  link* open(uint32_t number) {
    link* const l = number < links_.size() ? &links_[number] : nullptr;
    return l != nullptr && (l->at == link::state::opening || l->at == link::state::up) ? l : nullptr;
  }
  uint32_t size() const { return static_cast<uint32_t>(links_.size()); }
  /// Whether its streams come over another link as well.
  bool is_doubled(const link& l) const {
    const uint32_t partner = l.successor != none ? l.successor : l.predecessor;
    return partner != none && links_[partner].at == link::state::up;
  }
  /// Streams for which no connection can be had.
  uint32_t over_limit() const { return over_limit_; }
  uint32_t up_count() const;

private:
  static constexpr uint32_t most_links = 256;
  struct entry {
    std::string_view symbol;
    uint8_t wanted = 0;
    std::array<uint32_t, routes> home{none, none};
  };
  uint32_t make(uint32_t route);
  uint32_t place(uint32_t route, bool up_only) const;
  void deal(uint32_t instrument, uint32_t route);
  void put(uint32_t instrument, uint32_t route, uint32_t home);
  void take_over(uint32_t from, uint32_t heir, uint64_t now_ns);
  void free(uint32_t number);
  bool is_last_of_route(uint32_t number) const;
  bool is_complete(uint32_t heir) const;
  uint32_t width(uint32_t route) const { return width_[route]; }

  link_options options_;
  std::array<uint32_t, routes> width_{}, address_{};
  std::deque<link> links_; // addresses stay
  std::vector<entry> entries_;
  connect_budget budget_;
  uint32_t over_limit_ = 0;
};

} // namespace tickplant::binance
