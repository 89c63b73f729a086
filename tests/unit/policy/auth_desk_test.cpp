// The promises of the desk: one answer for each question, whatever the policy does. Threads meet by futures; the only
// times are patiences that are meant to run out.
#include "runtime/policy/auth_desk.hpp"
#include "tests/unit/policy/scripted_policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

namespace tickplant::policy {
namespace {

using namespace std::chrono_literals;

constexpr auto ample = std::chrono::nanoseconds{10min};

credential with_secret(std::string_view secret) {
  credential given;
  given.carrier = TP_CARRIER_HEADER;
  given.secret = secret_text{secret};
  given.peer = "127.0.0.1";
  given.listener = "public";
  given.now_ns = 1'000;
  return given;
}

/// Lets threads through once it is open.
class gate {
public:
  void open() {
    const std::lock_guard hold{lock_};
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock hold{lock_};
    ++waiting_;
    changed_.notify_all();
    changed_.wait(hold, [&] { return open_; });
  }
  void await_waiting(int count) {
    std::unique_lock hold{lock_};
    changed_.wait(hold, [&] { return waiting_ >= count; });
  }

private:
  std::mutex lock_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};

struct AuthDesk : testing::Test {
  AuthDesk() {
    playing = &script;
    host = make_host();
  }

  std::shared_ptr<plugin::auth_host> make_host() {
    auto made = std::make_shared<plugin::auth_host>(scripted_policy(), plugin::auth_host_options{});
    EXPECT_TRUE(made->create());
    return made;
  }
  /// Asks and hands out the answer to come.
  std::future<auth_outcome> ask(auth_desk& desk, std::chrono::nanoseconds patience = ample) {
    auto answer = std::make_shared<std::promise<auth_outcome>>();
    auto future = answer->get_future();
    EXPECT_TRUE(desk.submit(host, with_secret("correct horse"), patience, [answer](auth_outcome outcome) {
      answer->set_value(std::move(outcome)); // throws if it is called twice
    }));
    return future;
  }

  policy_script script;
  std::shared_ptr<plugin::auth_host> host;
};

TEST_F(AuthDesk, HandsOverWhatThePolicySays) {
  std::string seen;
  std::atomic<int> asked = 0;
  script.check = [&](uint64_t request, const tp_credential& given) {
    if (++asked == 2) {
      script.refuse(request, 4001, "key is not known");
      return TP_OK;
    }
    seen.assign(given.secret.data, given.secret.size);
    script.accept(request, "someone");
    return TP_OK;
  };
  auth_desk desk{{}};
  const auto outcome = ask(desk).get();
  ASSERT_TRUE(outcome) << outcome.reason;
  EXPECT_EQ(outcome.who->subject, "someone");
  EXPECT_EQ(seen, "correct horse");
  EXPECT_EQ(ask(desk).get().code, 4001);
  desk.stop();
  const auto counts = desk.counts();
  EXPECT_EQ(counts.submitted, 2u);
  EXPECT_EQ(counts.accepted, 1u);
  EXPECT_THAT(counts.refused, testing::ElementsAre(testing::Pair(4001, 1u)));
  EXPECT_EQ(counts.open, 0u);
}

TEST_F(AuthDesk, TakesAnAnswerFromAThreadOfThePolicy) {
  std::thread later;
  script.check = [&](uint64_t request, const tp_credential&) {
    later = std::thread{[this, request] { script.accept(request, "late"); }};
    return TP_OK;
  };
  auth_desk desk{{}};
  EXPECT_EQ(ask(desk).get().who->subject, "late");
  desk.stop(); // ends the worker that wrote `later`
  later.join();
}

TEST_F(AuthDesk, S0_76_TellsTheTimeoutOfAPolicyThatNeverAnswers) {
  std::atomic<uint64_t> asked = 0;
  script.check = [&](uint64_t request, const tp_credential&) {
    asked = request;
    return TP_OK;
  };
  auth_desk desk{{}};
  const auto outcome = ask(desk, 20ms).get();
  EXPECT_TRUE(outcome.code == 4202 || (outcome.code == 4104 && asked == 0)) << outcome.code;
  desk.stop();
  EXPECT_EQ(desk.counts().timed_out, 1u);
  EXPECT_EQ(host->counts().pending, 0u);
  script.accept(asked, "much too late");
  EXPECT_EQ(host->counts().ignored, 1u);
}

TEST_F(AuthDesk, TellsOverloadWhereNoWorkerWasFree) {
  gate inside;
  script.check = [&](uint64_t request, const tp_credential&) {
    inside.pass();
    script.accept(request, "first");
    return TP_OK;
  };
  auth_desk desk{{.threads = 1}};
  auto first = ask(desk);
  inside.await_waiting(1);
  EXPECT_EQ(ask(desk, 1ms).get().code, 4104);
  inside.open();
  EXPECT_TRUE(first.get());
}

TEST_F(AuthDesk, TellsTheTimeoutWhileThePolicyStillHoldsTheWorker) {
  gate inside;
  script.check = [&](uint64_t, const tp_credential&) {
    inside.pass();
    return TP_OK;
  };
  auth_desk desk{{.threads = 1}};
  auto first = ask(desk, 30ms);
  const auto code = first.get().code;
  EXPECT_TRUE(code == 4202 || code == 4104) << code;
  inside.open();
}

TEST_F(AuthDesk, IsBounded) {
  gate inside;
  script.check = [&](uint64_t request, const tp_credential&) {
    inside.pass();
    script.accept(request, "x");
    return TP_OK;
  };
  auth_desk desk{{.threads = 1, .most_open = 3}};
  auto a = ask(desk), b = ask(desk), c = ask(desk);
  EXPECT_FALSE(desk.submit(host, with_secret("x"), ample, [](auto) { FAIL(); }));
  inside.open();
  EXPECT_TRUE(a.get() && b.get() && c.get());
  EXPECT_EQ(desk.counts().turned_away, 1u);
  EXPECT_EQ(desk.counts().most_open, 3u);
}

TEST_F(AuthDesk, AnswersEverythingWhenItIsStopped) {
  gate inside;
  script.check = [&](uint64_t, const tp_credential&) {
    inside.pass();
    return TP_OK;
  };
  auth_desk desk{{.threads = 1}};
  auto a = ask(desk), b = ask(desk);
  inside.await_waiting(1);
  std::thread stopping{[&] { desk.stop(); }};
  EXPECT_EQ(a.get().code, 4200);
  EXPECT_EQ(b.get().code, 4200);
  inside.open();
  stopping.join();
  EXPECT_FALSE(desk.submit(host, with_secret("x"), ample, [](auto) { FAIL(); }));
  EXPECT_EQ(host->counts().pending, 0u);
}

TEST_F(AuthDesk, LeavesAWorkerBehindThatAPolicyNeverLetsGo) {
  struct hanging_policy {
    gate inside, ended;
    policy_script script;
  };
  static std::deque<hanging_policy> kept; // outlives the test, as the worker may
  auto& hanging = kept.emplace_back();
  hanging.script.check = [&](uint64_t, const tp_credential&) {
    hanging.inside.pass();
    return TP_OK;
  };
  hanging.script.destroy = [&] { hanging.ended.open(); };
  playing = &hanging.script;
  host = make_host();
  {
    auth_desk desk{{.threads = 1, .farewell = 1ms}};
    auto answer = ask(desk);
    hanging.inside.await_waiting(1);
    desk.stop();
    EXPECT_EQ(answer.get().code, 4200);
  }
  const std::weak_ptr<plugin::auth_host> watched = host;
  host.reset();
  EXPECT_FALSE(watched.expired()); // the worker keeps what it works with
  hanging.inside.open();
  hanging.ended.pass(); // and drops it when it is let go
}

TEST_F(AuthDesk, SurvivesCallbacksThatThrow) {
  script.check = [&](uint64_t request, const tp_credential&) {
    script.accept(request, "x");
    return TP_OK;
  };
  auth_desk desk{{}};
  ASSERT_TRUE(desk.submit(host, with_secret("x"), ample, [](auto) { throw 42; }));
  EXPECT_TRUE(ask(desk).get());
  desk.stop();
  EXPECT_EQ(desk.counts().faults, 1u);
}

TEST_F(AuthDesk, NeverEndsAnInstanceFromInsideItself) {
  std::atomic<bool> inside = false, ended_inside = false;
  gate ended;
  script.check = [&](uint64_t request, const tp_credential&) {
    inside = true;
    script.accept(request, "x");
    inside = false;
    return TP_OK;
  };
  script.destroy = [&] {
    ended_inside = inside.load();
    ended.open();
  };
  auth_desk desk{{}};
  ASSERT_TRUE(desk.submit(std::move(host), with_secret("x"), ample, [](auto) {}));
  ended.pass();
  EXPECT_FALSE(ended_inside);
}

TEST_F(AuthDesk, AnswersEachOfManyOnce) {
  script.check = [&](uint64_t request, const tp_credential&) {
    if (request % 3 == 0) return TP_E_INTERNAL + 0;
    if (request % 3 == 1)
      script.refuse(request, 4001, "no");
    else
      script.accept(request, "x");
    script.accept(request, "twice");
    return TP_OK + 0;
  };
  auth_desk desk{{.threads = 4, .most_open = 100'000}};
  std::atomic<int> answers = 0;
  std::vector<std::thread> askers;
  for (int t = 0; t < 4; ++t)
    askers.emplace_back([&] {
      for (int i = 0; i < 500; ++i) ASSERT_TRUE(desk.submit(host, with_secret("x"), ample, [&](auto) { ++answers; }));
    });
  for (auto& each : askers) each.join();
  desk.stop();
  EXPECT_EQ(answers, 2000);
}

} // namespace
} // namespace tickplant::policy
