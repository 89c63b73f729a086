// A loop that rests: nothing is lost meanwhile, and it ends by itself, by a newer word, or by `stop`.
#include "runtime/net/event_loop.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tickplant::net {
namespace {

constexpr uint64_t millisecond = 1'000'000;

TEST(EventLoop, WorksOffWhatIsThereBeforeItRests) {
  event_loop loop;
  std::vector<int> order;
  loop.post([&] {
    loop.rest_until(monotonic_now_ns() + 3 * millisecond);
    loop.post([&] {
      order.push_back(1);
      loop.post([&] { order.push_back(2); });
    });
    loop.after(5 * millisecond, [&] {
      order.push_back(3);
      loop.stop();
    });
  });
  loop.run();
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST(EventLoop, LooksAtWhatCameFromOtherThreadsWhileItRested) {
  constexpr int most = 200;
  event_loop loop;
  int taken = 0; // of the loop's thread
  std::thread other;
  loop.post([&] {
    other = std::thread{[&] {
      for (int i = 0; i < most; ++i)
        loop.post([&] {
          loop.rest_until(monotonic_now_ns() + millisecond);
          if (++taken == most) loop.stop();
        });
    }};
  });
  loop.run();
  other.join();
  EXPECT_EQ(taken, most);
}

TEST(EventLoop, DoesNotFinishARestThatIsTakenBack) {
  event_loop loop;
  bool is_done = false;
  loop.post([&] {
    loop.rest_until(UINT64_MAX);
    loop.post([&] {
      loop.rest_until(0);
      loop.after(millisecond, [&] {
        is_done = true;
        loop.stop();
      });
    });
  });
  loop.run();
  EXPECT_TRUE(is_done);
}

TEST(EventLoop, StopsThoughItRests) {
  event_loop loop;
  std::thread other;
  loop.post([&] {
    loop.rest_until(UINT64_MAX);
    other = std::thread{[&] { loop.stop(); }};
  });
  loop.run();
  other.join();
}

} // namespace
} // namespace tickplant::net
