#include "runtime/wire/close_code.hpp"
#include "runtime/wire/error_registry.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tickplant::wire {
namespace {

TEST(ErrorRegistry, HasTheTwentySevenNumbersOfTheProtocol) {
  EXPECT_EQ(error_registry().size(), 27u);
  for (const auto& entry : error_registry()) {
    const uint16_t number = number_of(entry.code);
    EXPECT_EQ(find_error(number), &entry);
    EXPECT_EQ(&entry_of(entry.code), &entry);
    EXPECT_FALSE(entry.name.empty());
    EXPECT_FALSE(entry.text.empty());
    EXPECT_TRUE(may_be_sent(number));
  }
}

TEST(ErrorRegistry, RangeTellsClosingAndRecovery) {
  for (const auto& entry : error_registry()) {
    const advice what = advice_of(number_of(entry.code));
    EXPECT_EQ(entry.closes, what != advice::session_goes_on) << entry.name;
    EXPECT_EQ(entry.recoverable, what != advice::do_not_reconnect) << entry.name;
  }
}

TEST(ErrorRegistry, TextsOfTheDocumentsAreExact) {
  EXPECT_EQ(find_error(4300)->text, "Invalid message format");
  EXPECT_EQ(find_error(4308)->text, "Rate limit exceeded. Please slow down.");
  EXPECT_EQ(find_error(4202)->text, "Authentication timeout");
}

TEST(ErrorRegistry, DoesNotKnowOtherNumbers) {
  for (const uint32_t number : {0u, 1000u, 3999u, 4004u, 4105u, 4312u, 69'536u, UINT32_MAX})
    EXPECT_EQ(find_error(number), nullptr);
}

TEST(CloseName, NamesBothWorlds) {
  EXPECT_EQ(close_name(1009), "message_too_big");
  EXPECT_EQ(close_name(4103), "SLOW_CONSUMER");
  EXPECT_EQ(close_name(3210), "other");
}

} // namespace
} // namespace tickplant::wire
