#include "runtime/net/file_watch.hpp"

#include "runtime/net/client/loop_watch.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <tuple>
#include <unistd.h>
#include <utility>

namespace tickplant::net {

namespace fs = std::filesystem;

namespace {

constexpr int most_links = 40; // as the kernel has it
constexpr uint32_t wanted = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE | IN_MOVED_FROM |
                            IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr uint32_t of_the_folder = IN_Q_OVERFLOW | IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT;

/// What the file system says of a file, through all links; all zero if there is none.
using fingerprint = std::tuple<uint64_t, uint64_t, uint64_t, uint32_t, int64_t, int64_t, int64_t, int64_t>;

fingerprint fingerprint_of(const std::string& file) {
  struct stat out {};
  if (::stat(file.c_str(), &out) != 0) return {};
  return {out.st_dev,         out.st_ino,         static_cast<uint64_t>(out.st_size),
          out.st_mode,        out.st_mtim.tv_sec, out.st_mtim.tv_nsec,
          out.st_ctim.tv_sec, out.st_ctim.tv_nsec};
}

const std::string any_name = "*/"; // no file can have this name

using names_by_folder = std::map<std::string, std::set<std::string>>;

/// Where a change can alter what `file` leads to: the folder and name of each link in its path and of the file itself.
/// False: the path ends early, in a place that is noted, or in a circle.
bool note_places(const std::string& file, names_by_folder& out) {
  std::deque<std::string> rest;
  for (const auto& part : fs::path{file}) rest.push_back(part.string());
  fs::path at = "/";
  for (int links = 0; !rest.empty();) {
    const auto name = rest.front();
    rest.pop_front();
    if (name.empty() || name == "." || name == "/") continue;
    if (name == "..") {
      at = at.parent_path();
      continue;
    }
    std::error_code fault;
    const auto kind = fs::symlink_status(at / name, fault).type();
    if (kind == fs::file_type::symlink) {
      out[at.string()].insert(name);
      const auto target = fs::read_symlink(at / name, fault);
      if (fault || ++links > most_links) return false;
      if (target.is_absolute()) at = "/";
      std::deque<std::string> parts;
      for (const auto& part : target) parts.push_back(part.string());
      rest.insert(rest.begin(), parts.begin(), parts.end());
      continue;
    }
    const bool is_folder = kind == fs::file_type::directory;
    if (rest.empty() || !is_folder) {
      out[at.string()].insert(name);
      if (is_folder) out[(at / name).string()].insert(any_name); // what comes into it, or goes, counts
      return rest.empty() && kind != fs::file_type::not_found && kind != fs::file_type::none;
    }
    at /= name;
  }
  return false;
}

/// The kernel lets who closes the descriptor wait for a grace period, which takes seconds on a busy machine: too long
/// for a loop that has clients, least of all while it says farewell to them.
void close_aside(int descriptor) {
  try {
    std::thread{[descriptor] { ::close(descriptor); }}.detach();
  } catch (const std::system_error&) { // no thread is left to this user
    ::close(descriptor);
  }
}

} // namespace

struct file_watch::implementation : std::enable_shared_from_this<implementation> {
  implementation(event_loop& loop, std::function<void()> to, file_watch_options given)
    : changed(std::move(to)), options(given), descriptor(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      settle(loop, [this] { settled(); }), look(loop, [this] { look_again(); }) {
    if (descriptor < 0) return; // no watches left to this user: looking serves too
    events.emplace(loop, descriptor, [this] { take_events(); });
    events->arm();
  }

  void stop() {
    stopped = true;
    if (events) events->release();
    if (descriptor >= 0) close_aside(descriptor);
    descriptor = -1;
  }

  /// Watches the folders that matter now, and no others.
  void arm() {
    names_by_folder folders;
    bool whole = true;
    for (const auto& [file, known] : files) whole = note_places(file, folders) && whole;
    std::map<int, std::set<std::string>> next;
    for (auto& [folder, names] : folders) {
      const int watch = descriptor < 0 ? -1 : inotify_add_watch(descriptor, folder.c_str(), wanted);
      if (watch < 0)
        whole = false;
      else
        next[watch].merge(names); // two paths may lead to one folder
    }
    for (const auto& [watch, names] : watches)
      if (!next.contains(watch)) inotify_rm_watch(descriptor, watch);
    watches = std::move(next);
    is_looking = !whole;
    if (is_looking && !files.empty()) look.arm_at(monotonic_now_ns() + options.look_ns);
  }

  void take_events() {
    bool matters = false;
    alignas(inotify_event) std::array<char, 16 * 1024> block;
    for (ssize_t size; (size = ::read(descriptor, block.data(), block.size())) > 0;)
      for (size_t at = 0; at + sizeof(inotify_event) <= static_cast<size_t>(size);) {
        inotify_event event;
        std::memcpy(&event, block.data() + at, sizeof event);
        const char* name = event.len == 0 ? "" : block.data() + at + sizeof event;
        matters = note(event, name) || matters;
        at += sizeof event + event.len;
      }
    events->arm();
    if (!matters) return;
    arm(); // a link may lead elsewhere by now
    settle.arm_at(monotonic_now_ns() + options.settle_ns);
  }

  bool note(const inotify_event& event, const char* name) {
    const auto found = watches.find(event.wd);
    if ((event.mask & IN_Q_OVERFLOW) != 0) return true; // of what, nobody knows: all is looked at
    if (found == watches.end()) return false;           // given up, its last events were under way
    if ((event.mask & of_the_folder) == 0) return found->second.contains(name) || found->second.contains(any_name);
    if ((event.mask & IN_IGNORED) != 0) watches.erase(found);
    return true;
  }

  bool differ() const {
    for (const auto& [file, known] : files)
      if (fingerprint_of(file) != known) return true;
    return false;
  }

  void look_again() {
    if (stopped || !is_looking) return;
    arm();
    if (differ()) settle.arm_at(monotonic_now_ns() + options.settle_ns);
  }

  /// Quiet for long enough. A change that only came back to what was told before is none.
  void settled() {
    if (stopped) return;
    const auto alive = shared_from_this();
    arm();
    bool differs = false;
    for (auto& [file, known] : files) {
      const auto now = fingerprint_of(file);
      differs = differs || now != known;
      known = now;
    }
    if (differs) changed();
  }

  std::function<void()> changed;
  file_watch_options options;
  int descriptor;
  bool stopped = false, is_looking = false;
  std::map<std::string, fingerprint> files;
  std::map<int, std::set<std::string>> watches; // names that matter, by inotify's number of their folder
  std::optional<loop_watch> events;
  loop_timer settle, look;
};

file_watch::file_watch(event_loop& loop, std::function<void()> changed, file_watch_options options)
  : implementation_(std::make_shared<implementation>(loop, std::move(changed), options)) {}

file_watch::~file_watch() {
  implementation_->stop();
}

void file_watch::watch(std::vector<std::string> files) {
  std::map<std::string, fingerprint> next;
  for (const auto& file : files) next.emplace(fs::absolute(file).string(), fingerprint{});
  std::swap(implementation_->files, next);
  implementation_->arm();
  for (auto& [file, known] : implementation_->files) {
    const auto before = next.find(file);
    known = before == next.end() ? fingerprint_of(file) : before->second;
  }
}

bool file_watch::is_looking() const {
  return implementation_->is_looking;
}

} // namespace tickplant::net
