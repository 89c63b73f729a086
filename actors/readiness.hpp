// Whether the gateway's loops are ready for clients: each loop writes its own answer now and then, anybody reads them
// without waiting for a loop. The lock is held for a copy of a few words, never on the data path.
#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace tickplant::actors {

class readiness_board {
public:
  struct entry {
    std::string why_not = "starting";                 // empty: ready
    std::vector<std::pair<std::string, bool>> venues; // whether each has told its symbols
  };

  explicit readiness_board(size_t loops) : entries_(loops) {}

  void write(size_t loop, entry now) {
    const std::lock_guard hold{lock_};
    entries_[loop] = std::move(now);
  }
  /// The first loop that is not ready speaks for all.
  entry read() const {
    const std::lock_guard hold{lock_};
    for (const auto& e : entries_)
      if (!e.why_not.empty()) return e;
    return entries_.front();
  }

private:
  mutable std::mutex lock_;
  std::vector<entry> entries_;
};

} // namespace tickplant::actors
