#include "tickplant_sim/tests/lse_services.hpp"

namespace tickplant::sim::lse {
namespace {

using namespace std::chrono_literals;

class LseReplay : public testing::TestWithParam<protocol> {};
INSTANTIATE_TEST_SUITE_P(Protocols, LseReplay, testing::Values(protocol::mitch, protocol::gtp));

TEST_P(LseReplay, ReplayExactlyWhatWasSent) {
  services at{GetParam()};
  auto client = at.connect(service_kind::replay);
  at.log_in(*client);
  at.hear_bytes(*client);
  if (at.name == protocol::gtp)
    at.say(*client, [](gtp_encoder& e) { e.replay_request(200, 700, 42); });
  else
    at.say(*client, [](mitch_encoder& e) { e.replay_request('A', 200, 700); });
  const auto heard = at.hear(*client);
  const std::size_t ends = at.name == protocol::gtp ? 1 : 0;
  ASSERT_EQ(heard.size(), 1 + 700 + ends);
  EXPECT_EQ(heard[0].type(at.name), 4);
  EXPECT_EQ(heard[0].sequence, 0u);
  for (std::uint32_t i = 0; i < 700; ++i) {
    ASSERT_EQ(heard[1 + i].sequence, 200 + i);
    ASSERT_EQ(heard[1 + i].bytes, at.sent_message(200 + i));
  }
  if (at.name == protocol::gtp) {
    EXPECT_EQ(heard.back().type(at.name), 0x83);
    EXPECT_EQ(number(heard.back().bytes, 3, 4), 42u);
    EXPECT_TRUE(client->is_over());
    return;
  }
  EXPECT_FALSE(client->is_over());
  at.say(*client, [](mitch_encoder& e) { e.logout_request(); });
  EXPECT_TRUE(client->is_over());
}

TEST_P(LseReplay, AnswerQueuedRequestsOneAfterTheOther) {
  services at{GetParam()};
  auto client = at.connect(service_kind::replay);
  at.log_in(*client);
  at.hear_bytes(*client);
  if (at.name == protocol::gtp)
    at.say(*client, [](gtp_encoder& e) {
      for (std::uint32_t i = 0; i < 3; ++i) e.replay_request(1 + 10 * i, 2, i);
    });
  else
    at.say(*client, [](mitch_encoder& e) {
      for (std::uint32_t i = 0; i < 3; ++i) e.replay_request('A', 1 + 10 * i, 2);
    });
  std::vector<std::uint32_t> sequences;
  for (const auto& message : at.hear(*client))
    if (message.sequence > 0) sequences.push_back(message.sequence);
  EXPECT_EQ(sequences, (std::vector<std::uint32_t>{1, 2, 11, 12, 21, 22}));
}

TEST_P(LseReplay, RefuseRangesThatAreNotWhollyInTheCache) {
  services at{GetParam()};
  const auto status = [&](std::uint32_t first, std::uint32_t count, char group = 'A') {
    auto client = at.connect(service_kind::replay);
    at.now += 1s;
    at.log_in(*client);
    at.hear_bytes(*client);
    if (at.name == protocol::gtp)
      at.say(*client, [&](gtp_encoder& e) { e.replay_request(first, count, 1); });
    else
      at.say(*client, [&](mitch_encoder& e) { e.replay_request(group, first, static_cast<std::uint16_t>(count)); });
    const auto heard = at.hear(*client);
    return heard.empty() ? '?' : static_cast<char>(heard[0].bytes[at.name == protocol::gtp ? 11 : 9]);
  };
  const auto next = at.cache.next();
  EXPECT_EQ(status(next - 1, 1), 'A');
  EXPECT_EQ(status(next - 1, 2), 'O');
  EXPECT_EQ(status(next, 1), 'O');
  EXPECT_EQ(status(0, 1), 'O');
  EXPECT_EQ(status(1, 0), 'O');
  EXPECT_EQ(status(1, 1), 'A');
  byte_buffer filler{20, 0, '0'};
  filler.resize(20);
  while (at.cache.next() <= message_cache::capacity + 1) at.cache.append(filler);
  EXPECT_EQ(status(1, 1), 'O');
  EXPECT_EQ(status(2, 1), 'A');
  EXPECT_EQ(status(2, 65'000), 'A');
  EXPECT_EQ(status(5, 1, 'Z'), at.name == protocol::mitch ? 'I' : 'A'); // GTP has no group in its request
  at.cache.restart();
  EXPECT_EQ(status(5, 1), 'O');
}

TEST(LseCache, KeepsARunForItsReplayWhateverLeavesTheCache) {
  message_cache cache;
  for (std::uint32_t i = 1; i <= 3'000; ++i) cache.append(byte_buffer{static_cast<std::uint8_t>(i), 7});
  const auto run = cache.take(500, 2'400);
  cache.restart();
  for (std::uint32_t i = 0; i < 100'000; ++i) cache.append(byte_buffer{0});
  EXPECT_EQ(cache.first(), 100'001 - message_cache::capacity);
  for (std::uint32_t i = 500; i < 2'900; ++i) ASSERT_EQ(run.message(i)[0], static_cast<std::uint8_t>(i));
}

TEST(LseGtpReplay, RefuseMoreThanTenQueuedRequests) {
  services at{protocol::gtp};
  auto client = at.connect(service_kind::replay);
  at.log_in(*client);
  at.hear_bytes(*client);
  at.say(*client, [](gtp_encoder& e) {
    for (std::uint32_t i = 1; i <= 12; ++i) e.replay_request(i, 1, i);
  });
  std::map<char, int> statuses;
  for (const auto& message : at.hear(*client))
    if (message.type(at.name) == 4) ++statuses[static_cast<char>(message.bytes[11])];
  EXPECT_EQ(statuses['A'], 10);
  EXPECT_EQ(statuses['c'], 2);
}

} // namespace
} // namespace tickplant::sim::lse
