// Reads a day from a BinaryFILE (uint16 BE length, then the message) and plays it.
#pragma once

#include "tickplant_sim/nasdaq/message_source.hpp"

#include <fstream>
#include <span>
#include <string>

namespace tickplant::sim::nasdaq {

/// One pass through the file in bounded memory.
class day_file {
public:
  /// `lengths_from_type`: for the test files whose length bytes are all zero. Throws `std::runtime_error` naming the
  /// file when it cannot be opened.
  day_file(std::string path, bool lengths_from_type);

  /// The next message with its length bytes, which are right in both modes; empty at the end. Valid until the next
  /// call. Throws `std::runtime_error` with file and offset for a truncated message or an unknown type.
  std::span<const std::uint8_t> next();

private:
  bool fill(std::size_t bytes);
  [[noreturn]] void fail(const std::string& what) const;

  std::string path_;
  std::ifstream file_;
  bool lengths_from_type_;
  std::uint64_t offset_ = 0; // in the file, of `buffer_[used_]`
  std::size_t used_ = 0;
  std::size_t filled_ = 0;
  std::vector<std::uint8_t> buffer_;
};

struct day_playback_options {
  std::string path;
  bool lengths_from_type = false;
  double speed = 1; // times the file's own time stamps; 0: as fast as the driver asks
  double rate = 0;  // messages per second; above 0 it replaces the time stamps
};

/// The file as a source of messages. Its time stamps are sent unchanged; only their distances drive the playing.
class day_playback final : public message_source {
public:
  /// Throws `std::runtime_error` for a file that cannot be read or has no message.
  explicit day_playback(const day_playback_options& options);

  void advance(const source_clock& now, block_buffer& out) override;
  void finish(const source_clock&, block_buffer&) override {}
  bool at_end() const override { return at_end_; }

private:
  bool is_due(const source_clock& now) const noexcept;
  void read_next();

  day_playback_options options_;
  day_file file_;
  std::span<const std::uint8_t> waiting_;
  std::uint64_t waiting_ns_ = 0; // time stamp of the waiting message
  std::uint64_t first_ns_ = 0;
  std::uint64_t played_ = 0;
  bool at_end_ = false;
};

} // namespace tickplant::sim::nasdaq
