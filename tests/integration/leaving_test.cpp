// Issue 5, part 5: a server that leaves under full load: told to everybody, each with another time to come back, nobody
// new let in, and gone within 5 s although some clients do not read.
#include "support/http_client.hpp"
#include "support/plant.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <set>

namespace tickplant::testing {
namespace {

constexpr uint16_t shutting_down = 4200;
// Full load of a server that is so much slower is fewer clients.
constexpr size_t readers_wanted = TP_IS_SANITIZED ? 10 : 40, deaf_wanted = TP_IS_SANITIZED ? 3 : 10;

struct crowd {
  std::vector<std::unique_ptr<ws_client>> readers, deaf;
};

crowd gather(const plant& at) {
  crowd made;
  for (size_t i = 0; i != readers_wanted; ++i) {
    made.readers.push_back(connect(at));
    made.readers.back()->send(whole_market());
  }
  for (const auto& client : made.readers)
    if (!client->wait_for_type("MARKET_DATA")) throw std::runtime_error("no market data:\n" + at.story());
  for (size_t i = 0; i != deaf_wanted; ++i) made.deaf.push_back(deaf_client(at));
  if (!read_bytes(*made.readers.front(), 1u << 20)) // enough to block the deaf ones
    throw std::runtime_error("no more market data:\n" + at.story());
  return made;
}

/// Every reader hears the whole farewell; answers the times to come back that were told.
std::set<int> farewells(const crowd& clients, const std::string& story) {
  std::set<int> times;
  for (const auto& client : clients.readers) {
    const auto closed = client->wait_closed();
    if (!closed) {
      ADD_FAILURE() << "never closed\n" << story;
      continue;
    }
    EXPECT_EQ(closed->code, shutting_down) << closed->reason;
    const auto farewell = client->wait_for_type("SHUTDOWN");
    if (!farewell) {
      ADD_FAILURE() << "no SHUTDOWN before the close";
      continue;
    }
    const int told = farewell->body.value("retryAfterMs", -1);
    EXPECT_GE(told, 2'000);
    EXPECT_LT(told, 12'000);
    times.insert(told);
    EXPECT_FALSE(client->next(0ms)) << "nothing comes behind the farewell";
  }
  return times;
}

TEST(Leaving, UnderFullLoadEverybodyIsToldAnotherTimeAndTheProcessIsGoneInFiveSeconds) {
  plant whole;
  whole.start_simulator();
  whole.start_server("limits: {retry_after: 2s, retry_spread: 10s}\n");
  whole.wait_ready();
  const auto clients = gather(whole);
  whole.server().send_signal(SIGTERM);
  const auto code = whole.server().wait_exit(TP_IS_SANITIZED ? 15s : 5s);
  ASSERT_TRUE(code) << "it still runs\n" << whole.story();
  EXPECT_EQ(*code, 0) << whole.story();
  const auto times = farewells(clients, whole.story());
  EXPECT_GE(times.size(), readers_wanted * 9 / 10) << "the times are spread";
  EXPECT_THROW(ws_client{whole.port()}, std::runtime_error);
}

// Whoever asks while the server leaves is told that it is not ready, by a connection that it had and by the admin port,
// which lives longest; nobody new is let in.
TEST(Leaving, IsNotReadyFromTheSignalOnUntilItIsGone) {
  plant whole;
  whole.start_simulator();
  whole.start_server("limits: {retry_after: 2s, retry_spread: 10s}\nadmin: {bind: \"127.0.0.1:0\"}\n");
  whole.wait_ready();
  const auto admin = admin_port(whole.server());
  const auto clients = gather(whole);
  http_connection kept{whole.port()}, kept_admin{admin};
  ASSERT_EQ(kept.get("/health/ready").status, 200u);
  ASSERT_EQ(kept_admin.get("/health/ready").status, 200u) << whole.story();

  whole.server().send_signal(SIGTERM);
  // The signal takes its time to be seen; from the first 503 on there is no other answer.
  http_answer answer;
  for (int tries = 0; tries < 10'000 && (answer = kept.get("/health/ready")).status == 200; ++tries) {
  }
  EXPECT_EQ(answer.status, 503u) << whole.story();
  EXPECT_EQ(answer.body, "leaving\n");
  for (int tries = 0; tries < 10'000 && answer.status == 503; ++tries) answer = kept.get("/health/ready");
  EXPECT_EQ(answer.status, 0u) << "and then its connection ends";
  const auto of_admin = kept_admin.get("/health/ready");
  EXPECT_EQ(of_admin.status, 503u) << whole.story();
  EXPECT_EQ(of_admin.body, "leaving\n");
  EXPECT_EQ(http_get(admin, "/health/live").status, 200u) << "it lives until all others have gone";
  unsigned last = 503;
  for (int tries = 0; tries < 10'000 && last == 503; ++tries) last = http_get(whole.port(), "/health/ready").status;
  EXPECT_EQ(last, 0u) << "new connections get 503, and then none";
  EXPECT_THROW(ws_client{whole.port()}, std::runtime_error);
  const auto code = whole.server().wait_exit();
  ASSERT_TRUE(code) << "it still runs\n" << whole.story();
  EXPECT_EQ(*code, 0) << whole.story();
  farewells(clients, whole.story());
}

} // namespace
} // namespace tickplant::testing
