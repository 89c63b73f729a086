// Reads files of ITCH messages (BinaryFILE: two bytes of length before each message). One file follows the other. The
// clock is that of the messages: nanoseconds since midnight in New York.
#pragma once

#include "runtime/tools/replay/input_window.hpp"
#include "runtime/tools/replay/record.hpp"

#include <string>
#include <vector>

namespace tickplant::replay {

class itch_file final : public record_source {
public:
  /// `date` is "2019-01-30", or empty: taken from a file name like 01302019.NASDAQ_ITCH50, else a Monday long ago.
  /// Throws input_fault, also if some of the files have lengths and some have none.
  itch_file(const std::vector<std::string>& paths, bool whole, const std::string& date);

  /// The prefixes are there but zero: a message's length is known by its type alone. The records are then chunks of
  /// 64 KiB, for the plugin to cut.
  bool has_zero_lengths() const { return zero_lengths_; }

  std::span<const record> next(size_t most) override;

private:
  bool advance();
  size_t cut_whole(std::span<record> into);
  bool cut(record& into, bool may_fill);
  void fill(record& into, const uint8_t* data, size_t size) const;

  input_sequence files_;
  bool zero_lengths_ = false;
  input_window* window_ = nullptr;
  uint64_t midnight_ns_ = 0, last_ns_ = 0;
  std::vector<record> batch_; // reused
};

} // namespace tickplant::replay
