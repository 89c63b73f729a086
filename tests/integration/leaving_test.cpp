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
constexpr size_t readers_wanted = 40, deaf_wanted = 10;

struct crowd {
  std::vector<std::unique_ptr<ws_client>> readers, deaf;
};

crowd gather(const plant& at) {
  crowd made;
  const auto everything =
    subscribe(all_symbols(), {{"frequency", 0}, {"dataTypes", {"QUOTES", "TRADES", "ORDER_BOOK"}}, {"depth", 10}});
  for (size_t i = 0; i != readers_wanted; ++i) made.readers.push_back(connect(at));
  for (size_t i = 0; i != deaf_wanted; ++i) made.deaf.push_back(connect(at, {"/ws", 8 * 1024}));
  for (const auto* part : {&made.readers, &made.deaf})
    for (const auto& client : *part) client->send(everything);
  for (const auto* part : {&made.readers, &made.deaf})
    for (const auto& client : *part)
      if (!client->wait_for_type("MARKET_DATA")) throw std::runtime_error("no market data:\n" + at.story());
  for (const auto& client : made.deaf) client->pause_reading();
  for (size_t bytes = 0; bytes < (1u << 20);) { // enough to block the deaf ones
    const auto one = made.readers.front()->next();
    if (!one) throw std::runtime_error("no more market data:\n" + at.story());
    bytes += one->size;
  }
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

} // namespace
} // namespace tickplant::testing
