// Reads recordings of combined streams: lines of `<receive time in ns> <JSON>`, plain or gzip, where the JSON is a
// combined-stream event or a REST depth answer. Several files are one recording.
#pragma once

#include "tickplant_sim/binance/level_book.hpp"

#include <memory>
#include <vector>

namespace tickplant::sim::binance {

struct recorded_line {
  enum class kind : std::uint8_t { event, snapshot };

  std::uint64_t received_ns = 0;
  kind what = kind::event;
  std::string_view stream;  // of an event
  std::string_view payload; // the `data` of an event, or the whole REST answer
};

/// One pass through the files in bounded memory.
class recording_reader {
public:
  /// Throws `std::runtime_error` naming the first file that cannot be opened. Precondition: at least one file.
  explicit recording_reader(std::vector<std::string> files);
  ~recording_reader();

  /// False at the end of the last file. The views stay valid until the next call. Throws `std::runtime_error` with file
  /// and line for a line of another form, a line above 16 MiB or broken compression.
  bool next(recorded_line& line);

private:
  class file;

  bool read_text(std::string& text);

  std::vector<std::string> files_;
  std::size_t opened_ = 0;
  std::unique_ptr<file> current_;
  std::string text_;
};

/// The book of a recording: the recorded REST snapshot joined with the diffs, so that a snapshot can be given at any
/// place after the recorded one. Diffs before it wait, at most 10,000 of them.
class recorded_book {
public:
  /// Depth diff payload in the order of the recording. False when it cannot be read or is a gap; a gap makes the book
  /// wait for the next recorded snapshot.
  bool apply_diff(std::string_view payload);
  /// REST depth payload. False when it cannot be read. A book that is complete keeps itself.
  bool apply_snapshot(std::string_view payload);

  /// True once a recorded snapshot has been joined.
  bool complete() const noexcept { return complete_; }
  const level_book& book() const noexcept { return book_; }
  /// Last update id the book holds; the id of the last diff given, once complete.
  std::uint64_t last_update_id() const noexcept { return last_id_; }
  std::uint64_t first_diff_id() const noexcept { return first_diff_id_; }

private:
  bool apply(const depth_diff& diff);

  level_book book_;
  std::vector<depth_diff> waiting_;
  std::uint64_t last_id_ = 0;
  std::uint64_t first_diff_id_ = 0;
  bool complete_ = false;
};

} // namespace tickplant::sim::binance
