// Which books a venue still has to be asked for, and when: at most so many at once, postponed ones later and later,
// those whose snapshot never ends once more. Pure: time comes in, asking is the caller's. One thread.
#pragma once

#include <tickplant/venue.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::book {

struct resync_rules {
  size_t most_running = 8;
  uint64_t timeout_ns = 30'000'000'000; // doubled with each try, up to 8 times as long
  uint64_t again_first_ns = 1'000'000'000, again_max_ns = 60'000'000'000;  // after AGAIN, DOWN, or a snapshot in vain
  uint64_t limit_first_ns = 5'000'000'000, limit_max_ns = 300'000'000'000; // after LIMIT, for all requests together
};

struct resync_counts {
  uint64_t asked = 0, timeouts = 0, postponed = 0, limited = 0, unsupported = 0;
};

class resync_queue {
public:
  /// Asks the venue for one book, or for a channel by TP_ALL: TP_OK or TP_E_*. May call `want` and `done`.
  using asking = std::function<int32_t(uint32_t channel, uint32_t number)>;
  /// There is no way to ask for it.
  using hopeless = std::function<void(uint32_t channel, uint32_t number, const std::string& reason)>;

  explicit resync_queue(resync_rules rules) : rules_(rules) {}

  /// Wanted from now on. One that is under way is asked for again, since its snapshot was in vain. True if it is new.
  bool want(uint32_t channel, uint32_t number, std::string_view reason, uint64_t now_ns);
  /// It lives, by itself or by a snapshot; TP_ALL: the whole channel does.
  void done(uint32_t channel, uint32_t number);
  /// Snapshots that are under way go on: they are not late.
  void progress(uint64_t now_ns);
  /// Asks for what is due. Called at the end of a turn, where `is_due` says so, and now and then.
  void run(uint64_t now_ns, const asking& ask, const hopeless& give_up);
  /// Whether something was wanted or done since the last run.
  bool is_due() const { return is_due_; }

  size_t running() const { return running_; }
  size_t waiting() const { return entries_.size() - running_; }
  const resync_counts& counts() const { return counts_; }

private:
  using key = std::pair<uint32_t, uint32_t>;
  struct entry {
    uint64_t not_before_ns = 0, deadline_ns = 0;
    uint32_t tries = 0;
    bool is_running = false;
    std::string reason;
  };
  struct widening {
    uint32_t times = 0; // soon after each other
    uint64_t last_ns = 0;
  };
  void postpone(entry& e, uint64_t now_ns);
  void widen(uint32_t channel, const std::string& reason, uint64_t now_ns);
  void erase(std::map<key, entry>::iterator at);
  uint64_t timeout_of(const entry& e) const;
  void find_late(uint64_t now_ns);
  void judge(const key& of, int32_t answer, uint64_t now_ns, const hopeless& give_up);

  resync_rules rules_;
  std::map<key, entry> entries_;           // one per book at most
  std::map<uint32_t, widening> widenings_; // by channel
  size_t running_ = 0;
  uint32_t limits_ = 0; // LIMIT answers in a row
  uint64_t blocked_until_ns_ = 0;
  bool is_due_ = false;
  resync_counts counts_;
};

} // namespace tickplant::book
