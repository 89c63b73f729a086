// The bytes of an input file, compressed with gzip or not, as a window that moves forward. Either a bounded part of the
// file is in memory, or the whole of it (for measuring).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace tickplant::replay {

class input_window {
public:
  /// Throws input_fault if the file cannot be opened or, with `whole`, read.
  input_window(std::string path, bool whole);
  ~input_window();
  input_window(const input_window&) = delete;
  input_window& operator=(const input_window&) = delete;

  const std::string& path() const { return path_; }
  /// Of the next byte that `bytes` would give.
  uint64_t offset() const { return start_ + position_; }

  /// What is in memory from the offset on. Readable for TP_PADDING bytes more.
  std::span<const uint8_t> bytes() const { return {buffer_.data() + position_, filled_ - position_}; }
  void skip(size_t count) { position_ += count; }

  /// Makes `bytes` at least `size` long, or as long as the file goes. What `bytes` gave before becomes invalid. Throws
  /// input_fault.
  void fill(size_t size);
  bool is_at_end() const { return ended_ && position_ == filled_; }

private:
  struct stream;
  void read_more();

  std::string path_;
  std::unique_ptr<stream> stream_;
  std::vector<uint8_t> buffer_;
  size_t position_ = 0, filled_ = 0;
  uint64_t start_ = 0; // offset of buffer_[0]
  bool ended_ = false;
};

/// Files one after the other. With `whole` all of them are read at once, before the first is used.
class input_sequence {
public:
  input_sequence(std::vector<std::string> paths, bool whole);
  /// Goes on to the next file; null after the last one. The file before it stays readable until `drop_done`.
  input_window* advance();
  void drop_done();

private:
  std::vector<std::string> paths_;
  std::vector<std::unique_ptr<input_window>> windows_;
  bool whole_;
  size_t next_ = 0;
};

} // namespace tickplant::replay
