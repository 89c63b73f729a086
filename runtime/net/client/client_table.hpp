// Client records by index. Records do not move while the table grows, so that a callback may adopt clients while
// another's record is in use. A released index is used anew under the next generation.
#pragma once

#include "runtime/net/client/client_events.hpp"
#include "runtime/net/client/client_record.hpp"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace tickplant::net {

class client_table {
public:
  /// A fresh record's index, UINT32_MAX if `limit` records are in use. Lower indexes first, so that the table stays
  /// dense.
  uint32_t take(uint32_t limit) {
    if (size_ - free_.size() >= limit) return UINT32_MAX;
    if (!free_.empty()) {
      const uint32_t index = free_.back();
      free_.pop_back();
      return index;
    }
    if (size_ % chunk == 0) {
      chunks_.push_back(std::make_unique<slot[]>(chunk));
      free_.reserve(chunks_.size() * chunk); // so that giving back never allocates
    }
    return size_++;
  }

  void give_back(uint32_t index) {
    client_record& one = at(index);
    const uint32_t next = one.generation + 1;
    one = {};
    one.generation = next;
    free_.push_back(index);
  }

  [[gnu::always_inline]] void prefetch(uint32_t index) const {
    if (index >= size_) return;
    const auto* one = reinterpret_cast<const char*>(&chunks_[index / chunk][index % chunk]);
    __builtin_prefetch(one);
    __builtin_prefetch(one + 64);
  }

  client_record& at(uint32_t index) { return chunks_[index / chunk][index % chunk].record; }

  client_record* find(client_ref client) {
    if (client.index >= size_) return nullptr;
    client_record& one = at(client.index);
    return one.generation == client.generation && one.phase != client_phase::unused ? &one : nullptr;
  }

  uint32_t size() const { return size_; }

private:
  static constexpr uint32_t chunk = 256;
  struct alignas(64) slot {
    client_record record;
  };
  std::vector<std::unique_ptr<slot[]>> chunks_;
  std::vector<uint32_t> free_;
  uint32_t size_ = 0;
};

} // namespace tickplant::net
