// The end of a watch must not hold up its loop: the kernel lets who closes an inotify descriptor wait until all readers
// of its lists are through, which takes seconds on a busy machine. Here `close` is the test's own and tells who called.
#include "runtime/net/asio_context.hpp"
#include "runtime/net/file_watch.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

namespace {

std::atomic<int> closed_here = 0, closed_elsewhere = 0;
thread_local bool is_loop = false;

bool is_inotify(int descriptor) {
  std::error_code fault;
  const auto target = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), fault);
  return target.string().ends_with("inotify");
}

} // namespace

extern "C" int close(int descriptor) {
  if (is_inotify(descriptor)) ++(is_loop ? closed_here : closed_elsewhere);
  return static_cast<int>(::syscall(SYS_close, descriptor));
}

namespace tickplant::net {
namespace {

TEST(FileWatchEnding, ClosesItsDescriptorAwayFromTheLoop) {
  is_loop = true;
  event_loop loop;
  std::optional<file_watch> watch;
  watch.emplace(loop, [] {});
  watch->watch({std::filesystem::temp_directory_path().string()});
  ASSERT_FALSE(watch->is_looking());
  context_of(loop).poll();
  watch.reset();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (closed_here + closed_elsewhere == 0 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_EQ(closed_here, 0);
  EXPECT_EQ(closed_elsewhere, 1);
}

} // namespace
} // namespace tickplant::net
