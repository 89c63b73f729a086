// One direction of a captured TCP connection: puts its segments back into the order of their bytes. What is missing in
// the capture makes the flow broken, as nothing can be read behind a hole. Bounded memory; one thread.
#pragma once

#include "runtime/tools/replay/record.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace tickplant::replay {

class tcp_flow {
public:
  static constexpr size_t most_held_bytes = 4u << 20, most_held_segments = 4'096;

  enum class state : uint8_t { open, ended, broken };

  /// Appends to `out` what is in order from here on.
  state take(const record& segment, std::vector<uint8_t>& out);

private:
  state advance(std::vector<uint8_t>& out);

  uint64_t next_ = 0; // position of the next byte wanted; its low half is the sequence number
  bool has_begun_ = false;
  std::optional<uint64_t> end_;
  std::map<uint64_t, std::vector<uint8_t>> held_; // by position, all behind a hole
  size_t held_bytes_ = 0;
};

} // namespace tickplant::replay
