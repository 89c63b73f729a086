// What a plugin emits, as bytes: hashed, and written to a file if one is named. Two runs that give equal events give
// equal hashes and files. Sits between the plugin and the feed.
#pragma once

#include <tickplant/venue.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <span>
#include <string>

namespace tickplant::replay {

class event_tape {
public:
  /// `path` empty: hashes only. Throws std::runtime_error if it cannot be written.
  explicit event_tape(const std::string& path) {
    if (path.empty()) return;
    file_.open(path, std::ios::binary | std::ios::trunc);
    if (!file_) throw std::runtime_error(path + ": cannot be written");
  }

  void take(uint32_t channel, std::span<const tp_event> events) {
    for (const tp_event& e : events) {
      uint64_t words[8];
      static_assert(sizeof words == sizeof e);
      std::memcpy(words, &e, sizeof words);
      mix(channel);
      for (const uint64_t word : words) mix(word);
    }
    count_ += events.size();
    if (!file_.is_open()) return;
    for (const tp_event& e : events) {
      const uint64_t number = channel; // eight bytes before each event keep the file's places even
      file_.write(reinterpret_cast<const char*>(&number), sizeof number);
      file_.write(reinterpret_cast<const char*>(&e), sizeof e);
    }
  }

  uint64_t count() const { return count_; }
  /// 16 hexadecimal digits.
  std::string hash() const {
    std::string text(16, '0');
    for (size_t i = 0; i < 16; ++i) text[i] = "0123456789abcdef"[hash_ >> (60 - 4 * i) & 15];
    return text;
  }

private:
  void mix(uint64_t word) {
    hash_ = (hash_ ^ word) * 0x9E3779B97F4A7C15ull;
    hash_ ^= hash_ >> 29;
  }

  std::ofstream file_;
  uint64_t hash_ = 0x243F6A8885A308D3ull, count_ = 0;
};

} // namespace tickplant::replay
