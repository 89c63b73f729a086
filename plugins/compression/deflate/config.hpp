// Settings of the deflate plugin, with their defaults.
#pragma once

#include <tickplant/plugin.hpp>

#include <functional>

namespace tickplant::deflate {

/// The smallest window that zlib writes in raw deflate, and the largest that an instance keeps.
inline constexpr int least_window_bits = 9;
inline constexpr int most_window_bits = 12;
inline constexpr uint32_t most_threshold = 1 << 20;

struct config {
  uint32_t threshold = 1024;          // bytes: smaller messages go as they are
  int level = 1;                      // of shared parts, 1 fast to 9 small
  int mem_level = 4;                  // 1 to 9: zlib's tables, 1 << (9 + mem_level) bytes a group
  int window_bits = most_window_bits; // the largest window used
  bool is_fixed = false;              // fixed Huffman codes for parts: quicker, a little larger
};

using complain_fn = std::function<void(std::string_view key, std::string_view problem)>;

/// Reads what is there; complains about everything that is wrong or not known.
config read_config(const sdk::settings& settings, const complain_fn& complain);

} // namespace tickplant::deflate
