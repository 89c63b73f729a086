#include "runtime/capture/disk.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

namespace tickplant::capture {

namespace {

constexpr std::string_view extension = ".tpcap";
constexpr size_t most_empty = 8;

/// "20261130T021659.123456789Z": names sort by time.
std::string stamp(uint64_t ns) {
  const auto seconds = static_cast<time_t>(ns / 1'000'000'000);
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  const size_t size = ::strftime(text, sizeof text, "%Y%m%dT%H%M%S", &parts);
  std::string fraction = std::to_string(ns % 1'000'000'000);
  fraction.insert(0, 9 - fraction.size(), '0');
  return std::string{text, size} + '.' + fraction + 'Z';
}

std::string path_of(const series_options& options, uint32_t part) {
  std::string number = std::to_string(part);
  number.insert(0, number.size() < 4 ? 4 - number.size() : 0, '0');
  return options.folder + '/' + options.venue + '-' + stamp(options.created_ns) + '-' + number + std::string{extension};
}

bool write_all(int file, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(file, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(done));
  }
  return true;
}

} // namespace

bool series::push(std::vector<uint8_t>& chunk) {
  return owner_->push(*this, chunk);
}

disk::disk(disk_log log) : log_(std::move(log)), thread_([this] { run(); }) {}

disk::~disk() {
  {
    std::lock_guard guard{lock_};
    is_stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::shared_ptr<series> disk::open(series_options options) {
  // The last holder's end is told to the thread, which alone touches the file.
  auto made = std::shared_ptr<series>(new series, [this](series* last) {
    std::lock_guard guard{lock_};
    jobs_.push_back({std::shared_ptr<series>(last), {}});
    changed_.notify_one();
  });
  made->options_ = std::move(options);
  made->owner_ = this;
  return made;
}

bool disk::push(series& from, std::vector<uint8_t>& chunk) {
  if (from.has_failed() || chunk.empty()) return false;
  if (from.waiting_bytes_.load(std::memory_order_relaxed) + chunk.size() > most_waiting) return false;
  from.waiting_bytes_ += chunk.size();
  std::vector<uint8_t> next;
  std::unique_lock guard{lock_};
  if (!empty_.empty()) {
    next = std::move(empty_.back());
    empty_.pop_back();
  }
  jobs_.push_back({from.shared_from_this(), std::move(chunk)});
  chunk = std::move(next);
  guard.unlock();
  changed_.notify_one();
  return true;
}

void disk::flush() {
  std::unique_lock guard{lock_};
  idle_.wait(guard, [this] { return jobs_.empty() && !is_busy_; });
}

void disk::run() {
  std::unique_lock guard{lock_};
  for (;;) {
    changed_.wait(guard, [this] { return !jobs_.empty() || is_stopping_; });
    if (jobs_.empty()) return;
    job next = std::move(jobs_.front());
    jobs_.pop_front();
    is_busy_ = true;
    guard.unlock();
    if (next.chunk.empty()) {
      if (next.to->file_ >= 0) ::close(next.to->file_);
      next.to->file_ = -1;
    } else {
      write(*next.to, next.chunk);
      next.to->waiting_bytes_ -= next.chunk.size();
      next.chunk.clear();
    }
    next.to.reset(); // the last holder's end takes the lock
    guard.lock();
    if (next.chunk.capacity() > 0 && empty_.size() < most_empty) empty_.push_back(std::move(next.chunk));
    is_busy_ = false;
    if (jobs_.empty()) idle_.notify_all();
  }
}

void disk::write(series& to, const std::vector<uint8_t>& chunk) {
  if (to.has_failed()) return;
  if (to.file_ >= 0 && to.written_ >= to.options_.file_bytes) {
    ::close(to.file_);
    to.file_ = -1;
    ++to.part_;
  }
  if (to.file_ < 0 && !open_file(to)) return;
  if (!write_all(to.file_, chunk)) return fail(to, std::string{"cannot be written: "} + std::strerror(errno));
  to.written_ += chunk.size();
}

bool disk::open_file(series& to) {
  std::error_code fault;
  std::filesystem::create_directories(to.options_.folder, fault);
  const auto path = path_of(to.options_, to.part_);
  to.file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  if (to.file_ < 0) {
    fail(to, std::string{"cannot be made: "} + std::strerror(errno));
    return false;
  }
  const auto first =
    encode(preamble{to.part_, to.options_.session, to.options_.created_ns, to.options_.venue, to.options_.plugin});
  to.written_ = first.size();
  if (!write_all(to.file_, first)) {
    fail(to, std::string{"cannot be written: "} + std::strerror(errno));
    return false;
  }
  log_(false, path + ": recording");
  forget_oldest(to);
  return true;
}

void disk::fail(series& to, const std::string& what) {
  to.has_failed_ = true;
  if (to.file_ >= 0) ::close(to.file_);
  to.file_ = -1;
  log_(true,
       path_of(to.options_, to.part_) + " " + what + "; nothing more of this venue is recorded until it starts again");
}

void disk::forget_oldest(const series& of) {
  if (of.options_.keep_files == 0) return;
  std::vector<std::string> names;
  std::error_code fault;
  for (const auto& entry : std::filesystem::directory_iterator{of.options_.folder, fault}) {
    const auto name = entry.path().filename().string();
    // A stamp begins with a digit: the files of a venue `x` are none of `x-y`.
    const auto rest = of.options_.venue.size() + 1;
    if (name.starts_with(of.options_.venue + '-') && name.ends_with(extension) && name.size() > rest &&
        name[rest] >= '0' && name[rest] <= '9')
      names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  while (names.size() > of.options_.keep_files) {
    std::filesystem::remove(of.options_.folder + '/' + names.front(), fault);
    names.erase(names.begin());
  }
}

} // namespace tickplant::capture
