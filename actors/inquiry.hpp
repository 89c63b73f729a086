// One question of the admin API to many: actors are asked by request, loops by posted calls. Goes on when everybody has
// answered or had the time to. Handlers of the admin actor only; dies with it.
#pragma once

#include "actors/admin.hpp"

#include <caf/disposable.hpp>
#include <caf/error.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace tickplant::actors {

class inquiry final : public std::enable_shared_from_this<inquiry> {
public:
  /// Asks what `questions` asks for, then calls `done` once.
  static void start(admin_pointer self, const std::function<void(inquiry&)>& questions, std::function<void()> done) {
    auto made = std::make_shared<inquiry>(self, std::move(done));
    self->state.inquiries.insert(made);
    questions(*made);
    made->arrived();
  }
  inquiry(admin_pointer self, std::function<void()> done) : self_(self), done_(std::move(done)) {}

  /// `take` gets the answer, or `missing` is called.
  template <class Answer, class Handle, class Question>
  void ask(const Handle& whom, Question question, std::function<void(const Answer&)> take,
           std::function<void()> missing) {
    ask_with<Answer>(whom, std::move(take), std::move(missing), question);
  }

  /// The same with a question of several words.
  template <class Answer, class Handle, class... Words>
  void ask_with(const Handle& whom, std::function<void(const Answer&)> take, std::function<void()> missing,
                Words... words) {
    ++open_;
    self_->request(whom, admin_answer_time, std::move(words)...)
      .then(
        [me = shared_from_this(), take = std::move(take)](const Answer& answer) {
          take(answer);
          me->arrived();
        },
        [me = shared_from_this(), missing = std::move(missing)](const caf::error&) {
          if (missing) missing();
          me->arrived();
        });
  }

  /// Runs `read` on a loop; it sees that loop's plain objects. What it throws counts as no answer.
  template <class Answer>
  void look(actor_loop& loop, std::function<Answer()> read, std::function<void(const Answer&)> take,
            std::function<void()> missing) {
    const auto ticket = expect(std::move(missing), admin_answer_time);
    loop.post(
      [read = std::move(read), take = std::move(take), ticket, weak = weak_from_this(), tell = self_->state.tell] {
        std::shared_ptr<const Answer> answer;
        try {
          answer = std::make_shared<const Answer>(read());
        } catch (...) {
          answer = nullptr; // counts as no answer, at once
        }
        tell([take, ticket, weak, answer] {
          const auto me = weak.lock();
          if (me && answer) me->settle(ticket, [&] { take(*answer); });
          if (me && !answer) me->settle(ticket, {});
        });
      });
  }

  /// Hands `call` a function that it has to call once with the answer, on any thread.
  template <class Answer>
  void wait(const std::function<void(std::function<void(Answer)>)>& call, std::function<void(const Answer&)> take,
            std::function<void()> missing, caf::timespan limit) {
    const auto ticket = expect(std::move(missing), limit);
    call([take = std::move(take), ticket, weak = weak_from_this(), tell = self_->state.tell](Answer answer) {
      tell([take, ticket, weak, answer = std::move(answer)] {
        if (const auto me = weak.lock()) me->settle(ticket, [&] { take(answer); });
      });
    });
  }

private:
  struct expected {
    std::function<void()> missing;
    caf::disposable timer;
  };

  uint64_t expect(std::function<void()> missing, caf::timespan limit) {
    ++open_;
    const auto ticket = ++last_ticket_;
    auto timer = self_->run_delayed(limit, [ticket, weak = weak_from_this()] {
      if (const auto me = weak.lock()) me->settle(ticket, {});
    });
    expected_.emplace(ticket, expected{std::move(missing), std::move(timer)});
    return ticket;
  }

  // An answer that comes late, or twice, finds its ticket gone.
  void settle(uint64_t ticket, const std::function<void()>& take) {
    const auto found = expected_.find(ticket);
    if (found == expected_.end()) return;
    auto entry = std::move(found->second);
    expected_.erase(found);
    entry.timer.dispose();
    if (take)
      take();
    else if (entry.missing)
      entry.missing();
    arrived();
  }

  void arrived() {
    if (--open_ > 0) return;
    const auto keep = shared_from_this();
    self_->state.inquiries.erase(keep);
    std::exchange(done_, nullptr)();
  }

  admin_pointer self_;
  std::function<void()> done_;
  size_t open_ = 1; // the questions themselves
  uint64_t last_ticket_ = 0;
  std::map<uint64_t, expected> expected_;
};

} // namespace tickplant::actors
