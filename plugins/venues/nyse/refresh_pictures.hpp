// Puts the packets of the refresh channel together (section 6): a picture of one symbol is complete when packets 1 to
// Total were seen, in whatever order. Pure; bounded.
#pragma once

#include "codec.hpp"

#include <optional>
#include <vector>

namespace tickplant::nyse {

/// One symbol's picture. Valid until the next packet.
struct refresh_picture {
  uint32_t index = 0;
  uint64_t last_sequence = 0; // of the channel: what the picture includes
  uint32_t last_symbol_sequence = 0;
  std::vector<const uint8_t*> messages; // in order, without the heads
};

/// One thread; keeps its memory for the next picture.
class refresh_pictures {
public:
  struct outcome {
    const refresh_picture* complete = nullptr;
    bool is_bad = false;    // a packet that cannot be used
    uint32_t abandoned = 0; // pictures that were given up for it
  };

  /// A packet that begins with a message 35.
  outcome take(const packet& p, uint64_t now_ns);
  /// Gives up what has not grown since `before_ns`; how many.
  uint32_t expire(uint64_t before_ns);
  size_t unfinished() const;
  void clear();

private:
  static constexpr size_t most_assemblies = 16, most_bytes = 32u << 20;
  struct part {
    uint32_t current;
    uint64_t sequence, send_ns;
    uint32_t count; // of the messages in the packet, its head included
    size_t at, size;
  };
  struct assembly {
    bool is_used = false;
    uint32_t index = 0, total = 0;
    std::optional<uint32_t> last_sequence;
    uint32_t last_symbol_sequence = 0;
    uint64_t touched_ns = 0;
    std::vector<part> parts;
    std::vector<uint8_t> bytes;
  };
  assembly* find(uint32_t index);
  assembly& free_place(outcome& result);
  void begin(assembly& a, uint32_t index, const refresh_head& head);
  static bool is_of_one_refresh(const assembly& a);

  std::vector<assembly> assemblies_;
  refresh_picture finished_;
  std::vector<uint8_t> finished_bytes_;
};

} // namespace tickplant::nyse
