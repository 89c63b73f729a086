// What the Binance side plays: synthetic markets or a recording.
#pragma once

#include "tickplant_sim/binance/level_book.hpp"

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace tickplant::sim::binance {

struct listed_market {
  std::string symbol; // upper case
  std::string base_asset;
  std::string quote_asset;
  scaled tick = one / 100;
  scaled step = one / 100'000;
};

struct feed_faults {
  double gap = 0;                    // part of depth diffs that are left out
  double duplicate = 0;              // part of depth diffs that are sent twice
  double reorder = 0;                // part of depth diffs that go behind the next one
  double stale = 0;                  // part of depth answers that are too old to join
  std::uint64_t stale_snapshots = 0; // so are the first so many of them
  std::uint64_t seed = 1;
};

/// A book as it really is, valid until the loop goes on.
struct book_view {
  const level_book* book;
  std::uint64_t last_update_id;
};

/// Lives on the loop of the server and publishes through its hub.
class feed {
public:
  /// A REST body, or nothing when the feed cannot say (too many requests wait for a place in a recording, or shutdown).
  using depth_reply = std::function<void(std::optional<std::string>)>;

  virtual ~feed() = default;
  virtual void start() = 0;
  /// Ends publishing and answers the requests that still wait. No call to a reply after this.
  virtual void stop() = 0;
  virtual const std::vector<listed_market>& markets() const = 0;
  /// `symbol` is one of `markets()`. The reply may come later, from the loop.
  virtual void depth(std::string_view symbol, std::size_t limit, depth_reply reply) = 0;
  /// True when nothing will ever be published again.
  virtual bool at_end() const = 0;
  virtual nlohmann::json summary() const = 0;
  /// Nothing for a symbol it does not list or whose book is not complete yet.
  virtual std::optional<book_view> truth(std::string_view symbol) const = 0;
};

} // namespace tickplant::sim::binance
