#include "runtime/tools/replay/input_window.hpp"

#include "runtime/tools/replay/record.hpp"

#include <tickplant/venue.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/mman.h>
#include <sys/stat.h>
#include <zlib.h>

namespace tickplant::replay {

namespace {

constexpr size_t window_size = 4u << 20;

/// What is measured is not to wait for address translation; a hint.
void ask_for_huge_pages(std::vector<uint8_t>& buffer, size_t size) {
  constexpr uintptr_t page = 4096;
  buffer.reserve(size + TP_PADDING + 1);
  const auto begin = (reinterpret_cast<uintptr_t>(buffer.data()) + page - 1) / page * page;
  const auto end = reinterpret_cast<uintptr_t>(buffer.data() + buffer.capacity()) / page * page;
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

} // namespace

struct input_window::stream {
  gzFile file = nullptr;
  ~stream() {
    if (file) gzclose(file);
  }
};

input_window::input_window(std::string path, bool whole) : path_(std::move(path)), stream_(std::make_unique<stream>()) {
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0)
    throw input_fault{path_, 0, std::string{"cannot be opened: "} + std::strerror(errno)};
  if (S_ISDIR(status.st_mode)) throw input_fault{path_, 0, "is a folder, wanted a file"};
  stream_->file = gzopen(path_.c_str(), "rb");
  if (!stream_->file) throw input_fault{path_, 0, std::string{"cannot be opened: "} + std::strerror(errno)};
  gzbuffer(stream_->file, 256u << 10);
  if (whole) ask_for_huge_pages(buffer_, static_cast<size_t>(status.st_size));
  buffer_.resize((whole ? static_cast<size_t>(status.st_size) : window_size) + TP_PADDING + 1);
  if (whole)
    while (!ended_) read_more();
}

input_window::~input_window() = default;

void input_window::read_more() {
  if (filled_ + TP_PADDING >= buffer_.size()) buffer_.resize(buffer_.size() * 2 + TP_PADDING);
  const size_t room = std::min<size_t>(buffer_.size() - filled_ - TP_PADDING, 64u << 20);
  const int got = gzread(stream_->file, buffer_.data() + filled_, static_cast<unsigned>(room));
  int code = Z_OK;
  const char* why = gzerror(stream_->file, &code);
  if (got < 0 || (got == 0 && code != Z_OK && code != Z_STREAM_END))
    throw input_fault{path_, start_ + filled_,
                      code == Z_BUF_ERROR ? "the compressed data ends early" : std::string{"cannot be read: "} + why};
  if (got == 0) ended_ = true;
  filled_ += static_cast<size_t>(got);
}

void input_window::fill(size_t size) {
  if (filled_ - position_ >= size || ended_) return;
  std::memmove(buffer_.data(), buffer_.data() + position_, filled_ - position_);
  start_ += position_;
  filled_ -= position_;
  position_ = 0;
  if (buffer_.size() < size + TP_PADDING + 1) buffer_.resize(size + TP_PADDING + 1);
  while (filled_ < size && !ended_) read_more();
}

input_sequence::input_sequence(std::vector<std::string> paths, bool whole)
  : paths_(std::move(paths)), windows_(paths_.size()), whole_(whole) {
  if (!whole_) return;
  for (size_t i = 0; i < paths_.size(); ++i) windows_[i] = std::make_unique<input_window>(paths_[i], true);
}

input_window* input_sequence::advance() {
  if (next_ == paths_.size()) return nullptr;
  auto& window = windows_[next_];
  if (!window) window = std::make_unique<input_window>(paths_[next_], false);
  ++next_;
  return window.get();
}

void input_sequence::drop_done() {
  if (whole_) return;
  for (size_t i = 0; i + 1 < next_; ++i) windows_[i].reset();
}

} // namespace tickplant::replay
