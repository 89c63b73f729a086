// S0-15, S3-22: what a supervisor does when its children die, on the scheduler and on a loop alike.
#include "actors/atoms.hpp"
#include "actors/supervisor.hpp"
#include "tests/support/actor_world.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <gmock/gmock.h>

using namespace std::chrono_literals;
using namespace tickplant;
using namespace tickplant::actors;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

struct child_state {
  static inline const char* name = "test.child";
};

caf::behavior child(caf::event_based_actor*) {
  return {[](int) {}};
}
caf::behavior loop_child(untyped_loop_pointer<child_state>) {
  return {[](int) {}};
}
caf::behavior deaf_child(caf::event_based_actor* self) {
  self->set_exit_handler([](caf::exit_msg&) {});
  return {[](int) {}};
}

enum class where { scheduler, loop };

struct Supervisor : tests::actor_world, testing::WithParamInterface<where> {
  std::vector<std::string> seen;
  std::map<std::string, caf::strong_actor_ptr> current;
  caf::actor root;

  supervisor_options options(supervision::strategy how, size_t restarts = 3) {
    supervisor_options made;
    made.policy = {how, {restarts, 10s}, {100ms, 1s, 0.0}};
    made.observe = [this](const std::string& what, const std::string& who, const std::string&) {
      seen.push_back(what + ' ' + who);
    };
    return made;
  }

  child_spec spec(const std::string& id, supervision::restart when = supervision::restart::permanent,
                  bool is_deaf = false) {
    return {id,
            [this, id, is_deaf] {
              const auto made = is_deaf                     ? system->spawn(deaf_child)
                                : GetParam() == where::loop ? spawn_on(*loop, loop_child)
                                                            : system->spawn(child);
              return current[id] = caf::actor_cast<caf::strong_actor_ptr>(made);
            },
            when, 5s};
  }

  void start(supervisor_options with, std::vector<child_spec> children) {
    root = GetParam() == where::loop ? spawn_on(*loop, loop_supervisor, std::move(with), std::move(children))
                                     : system->spawn(supervisor, std::move(with), std::move(children));
    keep(root);
    run();
  }

  void kill(const std::string& id) {
    caf::anon_send_exit(current[id], caf::exit_reason::kill);
    run();
  }

  std::vector<std::string> take() { return std::exchange(seen, {}); }
};

TEST_P(Supervisor, StartsInOrderAndStopsInReverse) {
  start(options(supervision::strategy::one_for_one), {spec("a"), spec("b"), spec("c")});
  EXPECT_THAT(take(), ElementsAre("start a", "start b", "start c"));
  finish();
  EXPECT_THAT(take(), ElementsAre("stop c", "down c", "stop b", "down b", "stop a", "down a"));
}

TEST_P(Supervisor, RestartsOnlyTheDeadChildUnderOneForOne) {
  start(options(supervision::strategy::one_for_one), {spec("a"), spec("b"), spec("c")});
  take();
  const auto before = current["b"];
  kill("b");
  EXPECT_THAT(take(), ElementsAre("down b"));
  advance(99ms);
  EXPECT_THAT(take(), IsEmpty());
  advance(1ms);
  EXPECT_THAT(take(), ElementsAre("start b"));
  EXPECT_NE(current["b"], before);
}

TEST_P(Supervisor, AnswersAStopWhenTheChildIsGone) {
  start(options(supervision::strategy::one_for_one), {spec("a"), spec("b")});
  take();
  std::vector<std::string> answers;
  const auto ask = [&](const std::string& id) {
    system->spawn([&, id](caf::event_based_actor* self) {
      self->request(root, 1s, atom::stop_child_v, id).then([&, id] {
        answers.push_back(id + ' ' + (seen.empty() ? "" : seen.back()));
      });
    });
    run();
  };
  ask("a");
  EXPECT_THAT(answers, ElementsAre("a down a"));
  take();
  ask("nobody");
  EXPECT_THAT(answers, ElementsAre("a down a", "nobody "));
}

TEST_P(Supervisor, RestartsAllUnderOneForAll) {
  start(options(supervision::strategy::one_for_all), {spec("a"), spec("b"), spec("c")});
  take();
  kill("b");
  EXPECT_THAT(take(), ElementsAre("down b", "stop c", "down c", "stop a", "down a"));
  advance(100ms);
  EXPECT_THAT(take(), ElementsAre("start a", "start b", "start c"));
}

TEST_P(Supervisor, RestartsTheLaterOnesUnderRestForOne) {
  start(options(supervision::strategy::rest_for_one), {spec("a"), spec("b"), spec("c")});
  take();
  kill("b");
  EXPECT_THAT(take(), ElementsAre("down b", "stop c", "down c"));
  advance(100ms);
  EXPECT_THAT(take(), ElementsAre("start b", "start c"));
}

TEST_P(Supervisor, DoublesTheWaitWithEachDeathInARow) {
  start(options(supervision::strategy::one_for_one, 10), {spec("a")});
  for (const auto wait : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    kill("a");
    take();
    advance(wait - 1ms);
    EXPECT_THAT(take(), IsEmpty());
    advance(1ms);
    EXPECT_THAT(take(), ElementsAre("start a"));
  }
}

TEST_P(Supervisor, EndsWithAnErrorWhenTheIntensityIsReached) {
  std::string end;
  start(options(supervision::strategy::one_for_one, 3), {spec("a"), spec("b")});
  caf::actor_cast<caf::strong_actor_ptr>(root)->get()->attach_functor(
    [&](const caf::error& why) { end = to_string(why); });
  for (int i = 0; i < 3; ++i) {
    kill("a");
    advance(1s);
  }
  take();
  kill("a");
  EXPECT_THAT(take(), ElementsAre("down a", "escalate a", "stop b", "down b"));
  EXPECT_THAT(end, testing::HasSubstr("restart intensity reached"));
}

TEST_P(Supervisor, ForgetsDeathsAfterAQuietPeriod) {
  start(options(supervision::strategy::one_for_one, 3), {spec("a")});
  for (int i = 0; i < 12; ++i) {
    kill("a");
    advance(11s);
  }
  take();
  kill("a");
  advance(100ms);
  EXPECT_THAT(take(), ElementsAre("down a", "start a"));
}

TEST_P(Supervisor, KillsWhatDoesNotEndInItsGrace) {
  start(options(supervision::strategy::one_for_one), {spec("a"), spec("deaf", supervision::restart::permanent, true)});
  take();
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  roots.clear();
  run();
  EXPECT_THAT(take(), ElementsAre("stop deaf"));
  advance(5s);
  EXPECT_THAT(take(), ElementsAre("kill deaf", "down deaf", "stop a", "down a"));
}

TEST_P(Supervisor, LeavesTemporaryChildrenDead) {
  start(options(supervision::strategy::one_for_one), {spec("a", supervision::restart::temporary)});
  take();
  kill("a");
  advance(10s);
  EXPECT_THAT(take(), ElementsAre("down a"));
}

TEST_P(Supervisor, RestartsTransientChildrenOnlyAfterAFault) {
  start(options(supervision::strategy::one_for_one), {spec("a", supervision::restart::transient)});
  take();
  kill("a");
  advance(100ms);
  EXPECT_THAT(take(), ElementsAre("down a", "start a"));
  caf::anon_send_exit(current["a"], caf::exit_reason::user_shutdown);
  run();
  advance(10s);
  EXPECT_THAT(take(), ElementsAre("down a"));
}

TEST_P(Supervisor, StartsAndStopsChildrenOnRequest) {
  start(options(supervision::strategy::one_for_one), {spec("a")});
  take();
  caf::anon_send(root, atom::start_child_v, spec("b"));
  run();
  caf::anon_send(root, atom::start_child_v, spec("b"));
  run();
  EXPECT_THAT(take(), ElementsAre("start b")) << "the same name twice is one child";
  kill("b");
  advance(100ms);
  EXPECT_THAT(take(), ElementsAre("down b", "start b"));
  caf::anon_send(root, atom::stop_child_v, std::string{"b"});
  run();
  advance(10s);
  EXPECT_THAT(take(), ElementsAre("stop b", "down b"));
}

TEST_P(Supervisor, TakesItsChildrenAlongWhenItIsKilled) {
  start(options(supervision::strategy::one_for_one), {spec("a"), spec("b")});
  const auto a = caf::actor_cast<caf::weak_actor_ptr>(current["a"]);
  caf::anon_send_exit(root, caf::exit_reason::kill);
  roots.clear();
  root = nullptr;
  run();
  EXPECT_EQ(system->registry().running(), 0u);
}

TEST_P(Supervisor, LetsInnocentSiblingsLiveWhenTwoDieTogether) {
  start(options(supervision::strategy::one_for_one), {spec("a"), spec("b"), spec("c")});
  take();
  const auto b = current["b"];
  caf::anon_send_exit(current["a"], caf::exit_reason::kill);
  caf::anon_send_exit(current["c"], caf::exit_reason::kill);
  run();
  advance(1s);
  EXPECT_THAT(take(), testing::UnorderedElementsAre("down a", "down c", "start a", "start c"));
  EXPECT_EQ(current["b"], b);
}

INSTANTIATE_TEST_SUITE_P(Everywhere, Supervisor, testing::Values(where::scheduler, where::loop),
                         [](const auto& given) { return given.param == where::loop ? "loop" : "scheduler"; });

} // namespace
