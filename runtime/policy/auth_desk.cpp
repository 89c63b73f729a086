#include "runtime/policy/auth_desk.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tickplant::policy {

namespace {

using monotonic = std::chrono::steady_clock;

constexpr int32_t server_error = 4100, overloaded = 4104, shutting_down = 4200, authentication_timeout = 4202;

/// Unique in the process: two desks may ask one host.
uint64_t next_request() {
  static std::atomic<uint64_t> last = 0;
  return ++last;
}

tp_str lend(std::string_view text) {
  return {text.data(), text.size()};
}

} // namespace

struct auth_desk::core : std::enable_shared_from_this<core> {
  struct question {
    std::shared_ptr<plugin::auth_host> host;
    credential given; // moved out by the worker
    callback done;
    monotonic::time_point deadline;
    bool is_asked = false;
  };

  explicit core(const auth_desk_options& given) : options(given) {}

  void work();
  void keep_time();
  void ask(uint64_t request, plugin::auth_host& host, const credential& given);
  void answer(uint64_t request, auth_outcome outcome);
  bool take(uint64_t request, question& into);
  void hand_over(question asked, auth_outcome outcome);
  void end_overdue(std::unique_lock<std::mutex>& hold);
  void end_thread();

  const auth_desk_options options;
  mutable std::mutex lock; // of everything below; never held while a policy or a callback runs
  std::condition_variable has_work, has_deadline, has_ended;
  std::unordered_map<uint64_t, question> open;
  std::deque<uint64_t> waiting;
  std::set<std::pair<monotonic::time_point, uint64_t>> deadlines;
  std::vector<std::shared_ptr<plugin::auth_host>>
    let_go; // dropped by the time keeper: an answer may run inside a plugin
  std::vector<std::thread> threads;
  uint32_t running = 0;
  bool stopping = false;
  auth_desk_counts counted;
};

/// Removes a question from everywhere; false if it was answered already. Under the lock.
bool auth_desk::core::take(uint64_t request, question& into) {
  const auto found = open.find(request);
  if (found == open.end()) return false;
  into = std::move(found->second);
  open.erase(found);
  deadlines.erase({into.deadline, request});
  if (!into.is_asked) std::erase(waiting, request);
  return true;
}

/// Counts and calls back. Without the lock.
void auth_desk::core::hand_over(question asked, auth_outcome outcome) {
  {
    const std::lock_guard hold{lock};
    if (outcome)
      ++counted.accepted;
    else
      ++counted.refused[outcome.code];
  }
  bool threw = false;
  try {
    asked.done(std::move(outcome));
  } catch (...) {
    threw = true;
  }
  asked.done = nullptr;
  const std::lock_guard hold{lock};
  if (threw) ++counted.faults;
  let_go.push_back(std::move(asked.host));
  has_deadline.notify_one();
}

void auth_desk::core::answer(uint64_t request, auth_outcome outcome) {
  question asked;
  {
    const std::lock_guard hold{lock};
    if (!take(request, asked)) return;
  }
  hand_over(std::move(asked), std::move(outcome));
}

void auth_desk::core::ask(uint64_t request, plugin::auth_host& host, const credential& given) {
  const tp_credential lent{.struct_size = sizeof(tp_credential),
                           .carrier = given.carrier,
                           .secret = lend(given.secret.view()),
                           .scheme = lend(given.scheme),
                           .peer = lend(given.peer),
                           .listener = lend(given.listener),
                           .now_ns = given.now_ns};
  const auto done = [self = shared_from_this(), request](auth_outcome outcome) {
    self->answer(request, std::move(outcome));
  };
  try {
    host.check(request, lent, done);
  } catch (...) {
    answer(request, auth_outcome::refused(server_error, "policy cannot be asked"));
  }
}

void auth_desk::core::work() {
  std::unique_lock hold{lock};
  while (true) {
    has_work.wait(hold, [&] { return stopping || !waiting.empty(); });
    if (stopping) return end_thread();
    const uint64_t request = waiting.front();
    waiting.pop_front();
    auto& next = open.at(request);
    next.is_asked = true;
    auto host = next.host;
    auto given = std::move(next.given);
    ++counted.busy;
    hold.unlock();
    ask(request, *host, given);
    given = {}; // overwrites the secret before anything else happens
    hold.lock();
    --counted.busy;
    if (!open.contains(request)) {
      // Answered meanwhile, or given up before the policy knew of it: then the host still waits for an answer.
      hold.unlock();
      host->abandon(request);
      hold.lock();
    }
    let_go.push_back(std::move(host));
    has_deadline.notify_one();
  }
}

/// Answers every question whose time is over. Lets go of the lock meanwhile.
void auth_desk::core::end_overdue(std::unique_lock<std::mutex>& hold) {
  while (!deadlines.empty() && deadlines.begin()->first <= monotonic::now()) {
    const uint64_t request = deadlines.begin()->second;
    question late;
    if (!take(request, late)) continue;
    ++counted.timed_out;
    hold.unlock();
    const bool was_asked = late.is_asked;
    if (was_asked) late.host->abandon(request);
    hand_over(std::move(late), was_asked
                                 ? auth_outcome::refused(authentication_timeout, "policy did not answer in time")
                                 : auth_outcome::refused(overloaded, "too many logins are waiting"));
    hold.lock();
  }
}

void auth_desk::core::keep_time() {
  std::unique_lock hold{lock};
  while (true) {
    if (!let_go.empty()) {
      auto dropped = std::exchange(let_go, {});
      hold.unlock();
      dropped.clear(); // the last one destroys an instance of a policy here, outside of any call of it
      hold.lock();
      continue;
    }
    end_overdue(hold);
    if (!let_go.empty()) continue;
    if (stopping) return end_thread();
    if (deadlines.empty()) {
      has_deadline.wait(hold);
    } else {
      const auto next = deadlines.begin()->first; // a copy: the entry may be gone before the wait ends
      has_deadline.wait_until(hold, next);
    }
  }
}

/// Under the lock.
void auth_desk::core::end_thread() {
  --running;
  has_ended.notify_all();
}

auth_desk::auth_desk(auth_desk_options options) {
  options.threads = std::max(options.threads, 1u);
  core_ = std::make_shared<core>(options);
  core_->running = options.threads + 1;
  for (uint32_t i = 0; i < options.threads; ++i) core_->threads.emplace_back([core = core_] { core->work(); });
  core_->threads.emplace_back([core = core_] { core->keep_time(); });
}

auth_desk::~auth_desk() {
  stop();
}

bool auth_desk::submit(std::shared_ptr<plugin::auth_host> host, credential given, std::chrono::nanoseconds patience,
                       callback done) {
  const uint64_t request = next_request();
  const auto deadline = monotonic::now() + std::min<std::chrono::nanoseconds>(patience, std::chrono::hours{1});
  const std::lock_guard hold{core_->lock};
  auto& counted = core_->counted;
  if (core_->stopping || core_->open.size() >= core_->options.most_open) {
    ++counted.turned_away;
    return false;
  }
  core_->open.emplace(request, core::question{std::move(host), std::move(given), std::move(done), deadline});
  core_->waiting.push_back(request);
  core_->deadlines.emplace(deadline, request);
  ++counted.submitted;
  counted.most_open = std::max(counted.most_open, static_cast<uint32_t>(core_->open.size()));
  core_->has_work.notify_one();
  if (core_->deadlines.begin()->second == request) core_->has_deadline.notify_one();
  return true;
}

void auth_desk::stop() {
  std::unique_lock hold{core_->lock};
  if (core_->stopping) return;
  core_->stopping = true;
  std::vector<std::pair<uint64_t, core::question>> left;
  for (auto& [request, asked] : core_->open) left.emplace_back(request, std::move(asked));
  core_->open.clear();
  core_->waiting.clear();
  core_->deadlines.clear();
  hold.unlock();
  for (auto& [request, asked] : left) {
    if (asked.is_asked) asked.host->abandon(request);
    core_->hand_over(std::move(asked), auth_outcome::refused(shutting_down, "server is shutting down"));
  }
  core_->has_work.notify_all();
  core_->has_deadline.notify_all();
  hold.lock();
  const bool all_ended = core_->has_ended.wait_for(hold, core_->options.farewell, [&] { return core_->running == 0; });
  auto threads = std::exchange(core_->threads, {});
  hold.unlock();
  // A policy that never returns holds its worker: better to leave both behind than to hang the shutdown.
  for (auto& thread : threads) all_ended ? thread.join() : thread.detach();
  hold.lock();
  const auto dropped = std::exchange(core_->let_go, {});
  hold.unlock();
}

auth_desk_counts auth_desk::counts() const {
  const std::lock_guard hold{core_->lock};
  auto counted = core_->counted;
  counted.open = static_cast<uint32_t>(core_->open.size());
  return counted;
}

} // namespace tickplant::policy
