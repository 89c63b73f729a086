// Joins one symbol's stream of depth diffs with a REST snapshot, and proves its continuity (venue document, C1 and E).
// Pure: knows update ids and raw frames, neither JSON nor the book. One object per symbol, one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tickplant::binance {

/// The update ids that a diff covers.
struct diff_ids {
  uint64_t first, last; // U, u
};

/// How a diff stands to a book at `book_id`. The rule of spot; products that chain by another key judge here.
enum class continuity : uint8_t { old, next, gap };
constexpr continuity judge(uint64_t book_id, diff_ids ids) {
  if (ids.last <= book_id) return continuity::old;
  return ids.first <= book_id + 1 ? continuity::next : continuity::gap;
}

/// What all symbols together may hold in their buffers; shared by the syncs of one instance.
struct buffer_budget {
  size_t bytes_limit; // of all symbols together
  size_t bytes = 0;
};

struct sync_limits {
  size_t bytes = 4u << 20; // raw frames of one symbol
  size_t count = 16'384;   // diffs of one symbol
};

/// Frames in order of arrival, each followed by readable bytes for the parser.
class frame_buffer {
public:
  struct entry {
    size_t offset, size;
    diff_ids ids;
    uint64_t recv_ns;
  };
  void add(diff_ids ids, std::string_view frame, uint64_t recv_ns);
  void clear();
  size_t bytes() const { return used_; }
  size_t count() const { return entries_.size(); }
  const entry& at(size_t i) const { return entries_[i]; }
  std::string_view frame(size_t i) const { return {bytes_.data() + entries_[i].offset, entries_[i].size}; }

private:
  std::vector<char> bytes_;
  size_t used_ = 0;
  std::vector<entry> entries_;
};

enum class sync_state : uint8_t { idle, buffering, snapshot_requested, live };

/// What became of a diff.
enum class diff_verdict : uint8_t {
  apply,    // the next one of a live book: apply it, then `applied`
  held,     // kept for the snapshot
  old,      // nothing new in it
  before,   // old, because the snapshot was newer than the stream
  gap,      // numbers are missing: the book is lost, the diff is kept, ask for a snapshot
  hole,     // the same while the book was not live: what was kept before is dropped
  overflow, // too much kept: everything dropped but this one
  restarted // the venue's numbers began anew: as gap
};

class depth_sync {
public:
  depth_sync(sync_limits limits, buffer_budget& budget) : limits_(limits), budget_(&budget) {}
  ~depth_sync() { drop(); }
  depth_sync(const depth_sync&) = delete;
  depth_sync& operator=(const depth_sync&) = delete;

  sync_state state() const { return state_; }
  uint64_t book_id() const { return book_id_; }
  /// Whether a gap was seen that no snapshot has closed so far.
  bool in_gap() const { return in_gap_; }
  size_t buffered() const { return buffer_.count(); }

  /// Takes one diff in order of arrival. With `apply` nothing is changed until `applied`, so that a diff whose levels
  /// turn out to be unreadable leaves a gap behind.
  /// `may_restart`: a long run of old ones means that the venue's numbers began anew. Not so while a second connection
  /// repeats what the first one brought.
  diff_verdict on_diff(diff_ids ids, std::string_view frame, uint64_t recv_ns, bool may_restart = true);
  /// How a diff stands to all that came so far; `on_diff` with the same one would find the same.
  continuity stands(diff_ids ids) const;
  void applied(diff_ids ids);

  /// A snapshot has been asked for. From idle only where the stream is known to be subscribed.
  void requested();
  /// The request came to nothing; the buffer is kept.
  void request_failed();

  enum class join : uint8_t { fits, too_old, not_awaited };
  /// Whether a snapshot with this lastUpdateId meets the stream. If it does, emit it, then call `joined`.
  join judge_snapshot(uint64_t last_update_id) const;
  /// The book stands at this id: live. Feed `take_buffer` back in order.
  void joined(uint64_t last_update_id);
  frame_buffer take_buffer();

  /// The book has to be rebuilt although no number is missing; the stream goes on.
  void resynchronise();
  /// As resynchronise, and this diff, not applied, is the first of the buffer.
  void start_over(diff_ids ids, std::string_view frame, uint64_t recv_ns);
  /// The stream ended: everything is forgotten.
  void reset();

private:
  bool hold(diff_ids ids, std::string_view frame, uint64_t recv_ns);
  void drop();
  diff_verdict lost(diff_ids ids, std::string_view frame, uint64_t recv_ns, diff_verdict why);

  sync_limits limits_;
  buffer_budget* budget_;
  frame_buffer buffer_;
  sync_state state_ = sync_state::idle;
  bool in_gap_ = false, applied_any_ = false;
  uint32_t olds_in_a_row_ = 0;
  uint64_t book_id_ = 0;
  /// Every update from this one on is in the buffer or still to come; unknown while the stream said nothing.
  std::optional<uint64_t> covers_from_;
};

/// Ids that only rise, per symbol and kind: trades, quotes. A long run of lower ones means that the numbers began anew.
class rising_ids {
public:
  enum class verdict : uint8_t { fresh, old, restarted };
  /// `missed`: how many ids between the last one and `first` never came.
  verdict on_id(uint64_t first, uint64_t last, uint64_t& missed, bool may_restart = true);
  /// Whether ids between the last one and this one have not come.
  bool is_ahead(uint64_t first) const { return any_ && first > last_ + 1; }
  void forget() { *this = rising_ids{}; }

private:
  uint64_t last_ = 0;
  uint32_t olds_in_a_row_ = 0;
  bool any_ = false;
};

/// The newest few ids of a kind that is rare and of which nothing is known but that ids do not repeat.
class recent_ids {
public:
  /// False for one that came before.
  bool add(uint64_t id) {
    for (const uint64_t known : ids_)
      if (known == id + 1) return false;
    ids_[next_++ % ids_.size()] = id + 1; // 0 = empty
    return true;
  }

private:
  std::array<uint64_t, 16> ids_{};
  size_t next_ = 0;
};

} // namespace tickplant::binance
