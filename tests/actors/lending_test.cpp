// A lent core is out of its table before anybody can hear of its owner's death, whatever the owner died of.
#include "actors/lending.hpp"
#include "tests/support/actor_world.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <stdexcept>

using namespace std::chrono_literals;
using namespace tickplant;
using namespace tickplant::actors;

namespace {

struct core {
  int calls = 0;
};

struct owner_state {
  static inline const char* name = "test.owner";
  std::optional<lent<core>> lent_core;
};

caf::behavior owner(untyped_loop_pointer<owner_state> self, lending_table<core>* table) {
  self->state.lent_core.emplace();
  self->state.lent_core->lend(*table, 3, caf::actor_cast<caf::strong_actor_ptr>(self));
  return {
    [self](const std::string& how) {
      if (how == "throw") throw std::runtime_error("as asked");
      self->quit();
    },
  };
}

caf::behavior watcher(caf::event_based_actor* self, caf::actor watched, lending_table<core>* table, int* deaths) {
  self->monitor(watched);
  self->set_down_handler([=](caf::down_msg&) {
    ++*deaths;
    EXPECT_EQ(table->find(3), nullptr) << "the table still lends the dead one's core";
  });
  return {[](int) {}};
}

struct Lending : tests::actor_world {
  lending_table<core> table;
  int deaths = 0;

  caf::actor start() {
    auto made = spawn_on(*loop, owner, &table);
    run();
    keep(system->spawn(watcher, made, &table, &deaths));
    run();
    EXPECT_NE(table.find(3), nullptr);
    return made;
  }
};

TEST_F(Lending, EndsWithAKill) {
  caf::anon_send_exit(start(), caf::exit_reason::kill);
  run();
  EXPECT_EQ(deaths, 1);
}

TEST_F(Lending, EndsWithAnException) {
  caf::anon_send(start(), "throw");
  run();
  EXPECT_EQ(deaths, 1);
}

TEST_F(Lending, EndsWithAQuit) {
  caf::anon_send(start(), "quit");
  run();
  EXPECT_EQ(deaths, 1);
}

TEST_F(Lending, KeepsTheOwnerAliveWhileItsCoreIsLent) {
  start(); // the only handle goes here
  run();
  EXPECT_NE(table.find(3), nullptr);
  caf::anon_send_exit(table.owner(3), caf::exit_reason::user_shutdown);
  run();
  EXPECT_EQ(deaths, 1);
}

TEST_F(Lending, WithdrawsACoreThatFailedAndEndsItsOwner) {
  std::vector<size_t> withdrawn;
  table.on_withdrawn = [&](size_t index) { withdrawn.push_back(index); };
  start();
  loop->run_here([&] { table.fault(3, "broken"); });
  EXPECT_EQ(table.find(3), nullptr);
  run();
  EXPECT_EQ(deaths, 1);
  EXPECT_EQ(withdrawn, (std::vector<size_t>{3})) << "told once, not again at the owner's end";
}

TEST_F(Lending, LeavesASuccessorsEntryAlone) {
  auto first = start();
  auto second = spawn_on(*loop, owner, &table);
  run();
  const auto* lent_by_second = table.find(3);
  caf::anon_send_exit(first, caf::exit_reason::kill);
  loop->step();
  EXPECT_EQ(table.find(3), lent_by_second);
  deaths = 0;
  caf::anon_send_exit(second, caf::exit_reason::kill);
  second = nullptr;
  // The watcher of the first checks an empty table, which holds only once the second is gone as well.
  run();
}

} // namespace
