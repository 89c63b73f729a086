// Events of one channel that wait: for a snapshot, for the owner of a book, or for the book that an order belongs to.
// Kept in arrival order in one list per instrument; memory is bounded and goes back when nothing waits.
#pragma once

#include <tickplant/venue.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace tickplant::book {

class held_events {
public:
  /// First and last of a list; nodes belong to the held_events that made them.
  struct list {
    uint32_t first = 0, last = 0;
    bool is_empty() const { return first == 0; }
  };

  explicit held_events(size_t most) : most_(most) {}

  /// False if nothing more may be held. Throws std::bad_alloc. An event that has been held before keeps its `arrival`.
  bool push(list& to, const tp_event& event, uint64_t arrival = 0);

  /// Takes the first event of a list that is not empty.
  struct held {
    tp_event event;
    uint64_t arrival; // rises by one per held event of the channel
  };
  held pop(list& from);
  /// Calls `visit(event)` for each event of a list, oldest first.
  template <class Visit>
  void each(const list& events, Visit&& visit) const {
    for (uint32_t n = events.first; n != 0; n = node_at(n).next) visit(node_at(n).event);
  }
  uint64_t arrivals() const { return arrivals_; }
  /// The greatest sequence number in a list, 0 if there is none.
  uint64_t last_number(const list& events) const {
    uint64_t last = 0;
    each(events, [&last](const tp_event& e) { last = e.sequence > last ? e.sequence : last; });
    return last;
  }

  /// Moves each event to the end of the list that `pick(event, arrival)` gives; null leaves it. `restore_order`
  /// afterwards. Where `pick` throws, what it has not moved stays.
  template <class Pick>
  void move_if(list& from, Pick&& pick) {
    list rest;
    const auto step = [&](list* to) {
      const uint32_t n = from.first;
      from.first = node_at(n).next;
      append(to == nullptr ? rest : *to, n);
    };
    try {
      while (!from.is_empty()) step(pick(node_at(from.first).event, node_at(from.first).arrival));
    } catch (...) {
      while (!from.is_empty()) step(nullptr);
      from = rest;
      throw;
    }
    from = rest;
  }

  /// Sorts a list by arrival; allocates only if it is not sorted.
  void restore_order(list& events);

  /// Drops a list; how many events it had.
  size_t drop(list& events);
  size_t size() const { return size_; }

private:
  struct node {
    tp_event event;
    uint64_t arrival;
    uint32_t next;
  };
  static constexpr size_t chunk_nodes = 1024;
  node& node_at(uint32_t n) { return chunks_[(n - 1) / chunk_nodes][(n - 1) % chunk_nodes]; }
  const node& node_at(uint32_t n) const { return chunks_[(n - 1) / chunk_nodes][(n - 1) % chunk_nodes]; }
  void append(list& to, uint32_t n);
  void give(uint32_t n);

  size_t most_, size_ = 0;
  uint64_t arrivals_ = 0;
  std::vector<std::unique_ptr<node[]>> chunks_;
  uint32_t free_ = 0;
};

} // namespace tickplant::book
