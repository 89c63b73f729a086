// The levels outside the window of a ladder, sorted by key. Venues of price levels tell changes thousands of ticks away
// from the touch, so that one sorted array would move half of itself for each: these are runs of up to 64, found by
// their first keys. What a change moves is bounded by a run, what the runs waste by a factor. One thread.
#pragma once

#include "runtime/book/block_pool.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tickplant::book {

/// Keys beside each other, so that a search reads them alone.
struct far_run {
  static constexpr uint32_t most = 64;
  int64_t keys[most];
  uint32_t levels[most];
};
using far_runs = block_pool<far_run>;

class far_levels {
  struct run {
    far_run* at;
    uint32_t count; // never 0
  };

public:
  bool is_empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  size_t runs() const { return runs_.size(); }

  /// The greatest key, INT64_MIN if there is none, and its level, 0 if there is none.
  int64_t best_key() const { return runs_.empty() ? INT64_MIN : runs_.back().at->keys[runs_.back().count - 1]; }
  uint32_t best() const { return runs_.empty() ? 0 : runs_.back().at->levels[runs_.back().count - 1]; }

  /// The level of a key, 0 = none.
  uint32_t find(int64_t key) const;
  /// The key is not there. Throws std::bad_alloc, and has changed nothing then.
  void insert(int64_t key, uint32_t level, far_runs& memory);
  /// The key is there.
  void erase(int64_t key, far_runs& memory) noexcept;
  /// So that `more` keys can be inserted without an exception.
  void reserve(size_t more, far_runs& memory);
  void clear(far_runs& memory);

  /// From the greatest key down. Ends with any change.
  class cursor {
  public:
    explicit cursor(const far_levels& of)
      : first_(of.runs_.data()), run_(first_ + of.runs_.size()), key_(of.best_key()) {
      if (run_ != first_) at_ = (--run_)->count - 1;
    }
    bool is_over() const { return key_ == INT64_MIN; }
    /// INT64_MIN behind the last one.
    int64_t key() const { return key_; }
    uint32_t level() const { return run_->at->levels[at_]; }
    void next() {
      if (at_ == 0) {
        if (run_ == first_) {
          key_ = INT64_MIN;
          return;
        }
        at_ = (--run_)->count;
      }
      key_ = run_->at->keys[--at_];
    }

  private:
    const run *first_, *run_;
    int64_t key_; // beside the level that is asked for seldom
    uint32_t at_ = 0;
  };

  /// Calls `visit(key, level)` for all keys from `least` to `most`, rising.
  template <class Visit>
  void each_between(int64_t least, int64_t most, Visit&& visit) const {
    for (size_t r = run_of(least); r < runs_.size() && first_[r] <= most; ++r)
      for (uint32_t i = 0; i < runs_[r].count && runs_[r].at->keys[i] <= most; ++i)
        if (runs_[r].at->keys[i] >= least) visit(runs_[r].at->keys[i], runs_[r].at->levels[i]);
  }

private:
  /// The run that has the key, or would.
  size_t run_of(int64_t key) const;
  void make_room(size_t runs);
  void put(size_t r, uint32_t place, int64_t key, uint32_t level);
  void add_run(size_t before, far_run* at, uint32_t count);
  void remove_run(size_t r, far_runs& memory);
  void join_next(size_t r, far_runs& memory);

  std::vector<int64_t> first_; // key of each run
  std::vector<run> runs_;
  size_t size_ = 0;
  mutable size_t recent_ = 0; // the run that was asked for last; any number is right
};

} // namespace tickplant::book
