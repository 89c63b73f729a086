// Tells when files changed, however it was done: written in place, a new file renamed over the old one (editors), a
// symbolic link anywhere in the path pointed elsewhere (config maps). Watches the folders by inotify, since a watched
// file is lost as soon as another takes its name; where that is not possible it looks every two seconds.
//
// Loop's thread only. A file is told by what the file system says of it (identity, size, times, mode), never read.
#pragma once

#include "runtime/net/event_loop.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::net {

struct file_watch_options {
  uint64_t settle_ns = 300'000'000; ///< of quiet, before a change is told: half-written files are not worth reading
  uint64_t look_ns = 2'000'000'000; ///< between looks while something cannot be watched
};

class file_watch {
public:
  /// `changed` may call `watch`, or destroy the watch. An exception of it leaves the loop's `run`.
  file_watch(event_loop& loop, std::function<void()> changed, file_watch_options options = {});
  /// No call afterwards.
  ~file_watch();
  file_watch(const file_watch&) = delete;
  file_watch& operator=(const file_watch&) = delete;

  /// From here on these files are watched, which need not exist. Relative paths are those of the current folder.
  /// Changes of files that were watched before are told even if they come between `changed` and this call; of new ones
  /// the present state is where it starts from.
  void watch(std::vector<std::string> files);

  /// Whether something can only be looked at now and then: a folder is missing or may not be watched.
  bool is_looking() const;

private:
  struct implementation;
  std::shared_ptr<implementation> implementation_;
};

} // namespace tickplant::net
