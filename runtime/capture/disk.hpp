// Writes captures to disk, on one thread of its own for all venues, so that no feed loop ever waits for a disk. A
// series is the files of one plugin instance's life: the next file begins when one is full, the oldest of the venue go.
#pragma once

#include "runtime/capture/format.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tickplant::capture {

struct series_options {
  std::string folder, venue, plugin; // the folder is made if it is not there
  uint64_t session = 0, created_ns = 0;
  uint64_t file_bytes = 1ull << 30;
  uint32_t keep_files = 0; // of the venue; 0: all
};

using disk_log = std::function<void(bool is_error, std::string_view text)>;

class disk;

/// Whole records on their way to a file. Used by one thread; the disk's thread is the other side.
class series : public std::enable_shared_from_this<series> {
public:
  /// Hands a chunk of whole records over and takes an empty one back. False: the disk is behind, or has failed; the
  /// chunk is as it was.
  bool push(std::vector<uint8_t>& chunk);
  bool has_failed() const { return has_failed_.load(std::memory_order_relaxed); }

private:
  friend class disk;
  series_options options_;
  std::atomic<bool> has_failed_{false};
  std::atomic<size_t> waiting_bytes_{0};
  disk* owner_ = nullptr;
  // The disk thread's own.
  int file_ = -1;
  uint32_t part_ = 0;
  uint64_t written_ = 0;
};

class disk {
public:
  /// Bytes of one series that wait for the disk; beyond, records are dropped.
  static constexpr size_t most_waiting = 32u << 20;

  explicit disk(disk_log log);
  /// Writes what waits, then ends.
  ~disk();
  disk(const disk&) = delete;
  disk& operator=(const disk&) = delete;

  /// The series lives as long as somebody holds it and it has bytes to write. Errors of the file system are logged once
  /// and end the series (`has_failed`).
  std::shared_ptr<series> open(series_options options);
  /// Waits until everything that was pushed before is written.
  void flush();

private:
  friend class series;
  struct job {
    std::shared_ptr<series> to;
    std::vector<uint8_t> chunk; // empty: the series is over
  };
  void run();
  void write(series& to, const std::vector<uint8_t>& chunk);
  bool open_file(series& to);
  void fail(series& to, const std::string& what);
  void forget_oldest(const series& of);
  bool push(series& from, std::vector<uint8_t>& chunk);

  disk_log log_;
  std::mutex lock_;
  std::condition_variable changed_, idle_;
  std::deque<job> jobs_;
  std::vector<std::vector<uint8_t>> empty_;
  bool is_stopping_ = false, is_busy_ = false;
  std::thread thread_;
};

} // namespace tickplant::capture
