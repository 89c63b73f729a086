// A reload is taken as a whole or not at all.
#include "actors/transaction.hpp"

#include <gmock/gmock.h>

using testing::ElementsAre;
using testing::HasSubstr;
using tickplant::actors::transaction;

namespace {

struct Transaction : testing::Test {
  transaction steps;
  std::vector<std::string> done;

  void add(const std::string& name, bool fails = false, bool undo_fails = false) {
    steps.add(
      name,
      [=, this] {
        if (fails) throw std::runtime_error("no room");
        done.push_back("+" + name);
      },
      [=, this] {
        done.push_back("-" + name);
        if (undo_fails) throw std::runtime_error("stuck");
      });
  }
  std::string fault() {
    try {
      steps.run();
    } catch (const std::exception& thrown) {
      return thrown.what();
    }
    return {};
  }
};

TEST_F(Transaction, TakesAllStepsInOrder) {
  add("a");
  add("b");
  EXPECT_EQ(fault(), "");
  EXPECT_THAT(done, ElementsAre("+a", "+b"));
}

TEST_F(Transaction, TakesBackWhatWasDoneInReverse) {
  add("a");
  add("b");
  add("c", true);
  add("d");
  EXPECT_EQ(fault(), "c: no room");
  EXPECT_THAT(done, ElementsAre("+a", "+b", "-b", "-a"));
}

TEST_F(Transaction, GoesOnTakingBackWhenThatFailsAndSaysSo) {
  add("a");
  add("b", false, true);
  add("c", true);
  EXPECT_THAT(fault(), HasSubstr("taking back 'b' failed too: stuck"));
  EXPECT_THAT(done, ElementsAre("+a", "+b", "-b", "-a"));
}

} // namespace
