// Reads capture files one after the other, record by record, in a window of bounded size.
#pragma once

#include "runtime/capture/format.hpp"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tickplant::capture {

class reader {
public:
  /// Opens the first file. Throws capture_fault, as `next` does.
  explicit reader(std::vector<std::string> files);

  /// The next record, valid until the next call; nothing at the end. The file of a process that was killed ends inside
  /// a record: what came before is read, and `is_cut_off` tells.
  std::optional<record> next();

  /// Of the file that the latest record came from.
  const preamble& file() const { return file_; }
  bool is_cut_off() const { return is_cut_off_; }
  /// Whether the latest record is the first of another session than the one before.
  bool is_other_session() const { return is_other_session_; }

private:
  struct close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  bool open_next();
  [[noreturn]] void refuse(uint64_t at, const std::string& problem) const;

  std::vector<std::string> names_;
  size_t opened_ = 0;
  std::unique_ptr<std::FILE, close> open_;
  uint64_t offset_ = 0;
  preamble file_;
  bool is_cut_off_ = false, is_other_session_ = false, is_session_new_ = false;
  std::vector<uint8_t> payload_;
};

/// The settings of the plugin that recorded a file. Throws capture_fault.
settings settings_of(const std::string& file);

} // namespace tickplant::capture
