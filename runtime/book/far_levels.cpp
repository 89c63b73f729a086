#include "runtime/book/far_levels.hpp"

#include <algorithm>

namespace tickplant::book {
namespace {

constexpr uint32_t thin_run = 16,
                   joined_run = 48; // a run below the first joins one with which it stays below the second

/// How many of the sorted keys are not above `key`. Without a branch that depends on them: where the next change is,
/// cannot be guessed.
size_t count_to(const int64_t* keys, size_t count, int64_t key) {
  const int64_t* from = keys;
  while (count > 1) {
    const size_t half = count / 2;
    from += half & -static_cast<size_t>(from[half - 1] <= key);
    count -= half;
  }
  return static_cast<size_t>(from - keys) + static_cast<size_t>(count == 1 && *from <= key);
}

} // namespace

size_t far_levels::run_of(int64_t key) const {
  // Whoever looks for a key changes it next.
  const size_t last = recent_;
  if (last < first_.size() && first_[last] <= key && (last + 1 == first_.size() || key < first_[last + 1])) return last;
  const size_t count = count_to(first_.data(), first_.size(), key);
  return recent_ = count == 0 ? 0 : count - 1;
}

uint32_t far_levels::find(int64_t key) const {
  if (size_ == 0) return 0;
  const run& r = runs_[run_of(key)];
  const size_t count = count_to(r.at->keys, r.count, key);
  return count != 0 && r.at->keys[count - 1] == key ? r.at->levels[count - 1] : 0;
}

void far_levels::put(size_t r, uint32_t place, int64_t key, uint32_t level) {
  run& into = runs_[r];
  std::copy_backward(into.at->keys + place, into.at->keys + into.count, into.at->keys + into.count + 1);
  std::copy_backward(into.at->levels + place, into.at->levels + into.count, into.at->levels + into.count + 1);
  into.at->keys[place] = key;
  into.at->levels[place] = level;
  ++into.count;
  if (place == 0) first_[r] = key;
  ++size_;
}

/// There is room for it.
void far_levels::add_run(size_t before, far_run* at, uint32_t count) {
  runs_.insert(runs_.begin() + static_cast<std::ptrdiff_t>(before), run{at, count});
  first_.insert(first_.begin() + static_cast<std::ptrdiff_t>(before), at->keys[0]);
}

void far_levels::remove_run(size_t r, far_runs& memory) {
  memory.give(runs_[r].at);
  runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(r));
  first_.erase(first_.begin() + static_cast<std::ptrdiff_t>(r));
}

void far_levels::make_room(size_t runs) {
  if (runs <= std::min(runs_.capacity(), first_.capacity())) return;
  const size_t wanted = std::max<size_t>(runs * 2, 16);
  runs_.reserve(wanted);
  first_.reserve(wanted);
}

void far_levels::insert(int64_t key, uint32_t level, far_runs& memory) {
  size_t r = run_of(key);
  uint32_t place = 0;
  if (!runs_.empty()) {
    place = static_cast<uint32_t>(count_to(runs_[r].at->keys, runs_[r].count, key));
    if (runs_[r].count < far_run::most) return put(r, place, key, level);
  }
  make_room(runs_.size() + 1);
  far_run* const fresh = memory.take();
  if (runs_.empty() || (place == far_run::most && r + 1 == runs_.size())) {
    fresh->keys[0] = key; // behind all others: most come in order here
    fresh->levels[0] = level;
    add_run(runs_.size(), fresh, 1);
    ++size_;
    return;
  }
  constexpr uint32_t half = far_run::most / 2;
  std::copy_n(runs_[r].at->keys + half, half, fresh->keys);
  std::copy_n(runs_[r].at->levels + half, half, fresh->levels);
  runs_[r].count = half;
  add_run(r + 1, fresh, half);
  if (place > half) {
    ++r;
    place -= half;
  }
  put(r, place, key, level);
}

void far_levels::join_next(size_t r, far_runs& memory) {
  run &to = runs_[r], &from = runs_[r + 1];
  std::copy_n(from.at->keys, from.count, to.at->keys + to.count);
  std::copy_n(from.at->levels, from.count, to.at->levels + to.count);
  to.count += from.count;
  remove_run(r + 1, memory);
}

void far_levels::erase(int64_t key, far_runs& memory) noexcept {
  const size_t r = run_of(key);
  run& from = runs_[r];
  const size_t place = count_to(from.at->keys, from.count, key) - 1;
  std::copy(from.at->keys + place + 1, from.at->keys + from.count, from.at->keys + place);
  std::copy(from.at->levels + place + 1, from.at->levels + from.count, from.at->levels + place);
  --size_;
  if (--from.count == 0) return remove_run(r, memory);
  if (place == 0) first_[r] = from.at->keys[0];
  if (from.count >= thin_run) return;
  if (r + 1 < runs_.size() && from.count + runs_[r + 1].count <= joined_run)
    join_next(r, memory);
  else if (r > 0 && from.count + runs_[r - 1].count <= joined_run)
    join_next(r - 1, memory);
}

void far_levels::reserve(size_t more, far_runs& memory) {
  // A run is split when it is full: those that may be full already, and those that come to be.
  const size_t splits = runs_.size() + more / (far_run::most / 2) + 1;
  make_room(runs_.size() + splits);
  memory.reserve(splits);
}

void far_levels::clear(far_runs& memory) {
  for (const run& each : runs_) memory.give(each.at);
  runs_ = {};
  first_ = {};
  size_ = 0;
}

} // namespace tickplant::book
