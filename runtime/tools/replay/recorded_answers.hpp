// REST answers of a recording, by what they answer. An answer becomes playable when its place or time in the capture
// has come, never earlier. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::replay {

/// A body with the padding that the ABI promises; shared with replies that wait for their turn.
class answer_body {
public:
  explicit answer_body(std::string_view text);
  std::string_view text() const { return {bytes_.data(), size_}; }

private:
  std::vector<char> bytes_;
  size_t size_;
};
using answer_ptr = std::shared_ptr<const answer_body>;

class recorded_answers {
public:
  /// "depth:BTCUSDT" for ".../depth?symbol=BTCUSDT&limit=1000"; for other paths the last part, with the symbol if the
  /// query has one.
  static std::string key_of(std::string_view url);
  static std::string depth_key(std::string_view symbol) { return "depth:" + std::string{symbol}; }

  /// An answer that arrives at a time.
  void add_timed(const std::string& key, uint64_t ns, std::string_view body);
  /// An answer that arrives now. An empty key answers any request for depth.
  void arrive(std::string_view key, std::string_view body);

  /// When the next timed answer arrives; UINT64_MAX if none is left.
  uint64_t next_ns() const { return timed_.empty() ? UINT64_MAX : timed_.begin()->first; }
  /// Lets the timed answers up to `now_ns` arrive.
  void release(uint64_t now_ns);

  struct state {
    answer_ptr newest;      // null: none has arrived
    bool is_played = false; // it was given out before
    bool may_come = false;  // more may arrive
  };
  state look(const std::string& key);
  /// The newest answer, which from here on counts as played; null if none has arrived.
  answer_ptr take(const std::string& key);

private:
  struct slot {
    answer_ptr newest;
    bool is_played = false;
  };
  slot* find(const std::string& key);

  std::multimap<uint64_t, std::pair<std::string, answer_ptr>> timed_;
  std::map<std::string, slot, std::less<>> slots_; // the newest of each key alone is kept
};

} // namespace tickplant::replay
