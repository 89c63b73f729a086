// How one plugin instance gets lost data back: asks for books and channels, keeps the account of gaps, and says each
// outcome in the log. A plain object of the venue's session, on its loop.
#pragma once

#include "actors/venue_health.hpp"
#include "runtime/book/feed.hpp"
#include "runtime/book/recovery_ledger.hpp"
#include "runtime/book/resync_queue.hpp"
#include "runtime/plugin/venue_host.hpp"

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace tickplant::actors {

class venue_recovery {
public:
  using log = std::function<void(int32_t level, std::string_view text)>;
  /// Names the instrument of a channel that has one, or the given one, as in " (AAPL)"; empty where there are several.
  using naming = std::function<std::string(uint32_t channel, uint32_t number)>;

  /// All outlive it.
  venue_recovery(const book::feed& feed, feed_context& context, venue_health& health, log say, naming whose);

  /// Before the first `settle`: whom to ask, and by which clock.
  void set_host(plugin::venue_host* host, std::function<uint64_t()> venue_ns) {
    host_ = host;
    venue_ns_ = std::move(venue_ns);
  }

  // From the feed, inside the plugin's calls.
  void wanted(uint32_t channel, uint32_t number, std::string_view reason);
  void stream(const tp_stream& stream);
  void snapshot_ended(uint32_t channel, uint32_t number);

  /// At the end of each turn, and `tick` once a second.
  void settle() {
    if (has_news_ || queue_.is_due()) work();
  }
  void tick();
  /// The instance ends; what is open stays so.
  void end(std::string_view why);

  /// Since when no channel is live that was, or was to be; monotonic ns, 0: some is.
  uint64_t lost_since() const { return lost_since_; }
  admin::recovery_figures figures() const;
  uint64_t losses() const { return losses_; }

private:
  void work();
  void ask_due();
  void note_channel(uint32_t channel, bool is_lost);
  void find_rebuilt_channels();
  void ended(const book::ended_gaps& gaps);

  const book::feed& feed_;
  feed_context& context_;
  venue_health& health_;
  log say_;
  naming whose_;
  plugin::venue_host* host_ = nullptr;
  std::function<uint64_t()> venue_ns_;
  book::recovery_ledger ledger_;
  book::resync_queue queue_;
  std::set<uint32_t> live_, lost_;        // channels
  std::set<uint32_t> to_check_;           // channels whose snapshot has ended
  std::set<uint32_t> rebuilt_one_by_one_; // channels that were lost as a whole, and have had a snapshot of one book
  uint64_t lost_since_ = 0, losses_ = 0, rebuilt_ = 0;
  bool has_news_ = false;
};

} // namespace tickplant::actors
