#include "recording_auth_host.hpp"

#include <gtest/gtest.h>

namespace tickplant::sdk::testing {
namespace {

TEST(Anonymous, TakesEverybodyAndIgnoresCredentials) {
  recording_auth_host host;
  ASSERT_TRUE(host.create(linked_policy(), {{"tier", "public"}, {"tenant", "t"}}));
  for (const char* secret : {"", "Bearer nonsense"}) {
    const auto answer = host.check(secret);
    ASSERT_TRUE(answer.who);
    EXPECT_EQ(answer.answers, 1);
    EXPECT_EQ(answer.who->subject, "anonymous");
    EXPECT_EQ(answer.who->tier, "public");
    EXPECT_EQ(answer.who->expires_ns, TP_NONE);
  }
}

TEST(Anonymous, ChangedSettingsAskForANewLogin) {
  recording_auth_host host;
  ASSERT_TRUE(host.create(linked_policy(), {{"tier", "public"}}));
  const auto who = *host.check("").who;
  EXPECT_EQ(host.recheck(who), 0);
  ASSERT_TRUE(host.create(linked_policy(), {{"tier", "other"}}));
  EXPECT_EQ(host.recheck(who), -4203);
}

TEST(Anonymous, ComplainsAboutWrongSettings) {
  recording_auth_host host;
  EXPECT_EQ(host.validate(linked_policy(), {{"subject", "guest"}}), "");
  EXPECT_EQ(host.validate(linked_policy(), {{"subject", ""}, {"name", "x"}}),
            "name: is no key of this policy; known: subject, tier, tenant\nsubject: is empty\n");
  EXPECT_FALSE(host.create(linked_policy(), {{"name", "x"}}));
}

} // namespace
} // namespace tickplant::sdk::testing
