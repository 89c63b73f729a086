#include "tests/unit/net_client/client_harness.hpp"

#include <algorithm>

namespace tickplant::net {
namespace {

using namespace testing;
using wire::testing::frame;
using wire::testing::text;

class Closing : public client_harness {};

TEST_F(Closing, ThePeersCloseIsEchoedAndReported) {
  serve();
  client_ref ref;
  auto& client = open_client(ref);
  client.send(text("last") + frame(0x88, close_payload(3001, "bye")) + text("never read"));
  EXPECT_EQ(next_frame(client), (server_frame{8, close_payload(3001, "bye")}));
  EXPECT_TRUE(until([&] { return client.ended && events.closed.size() == 1; }));
  EXPECT_EQ(events.closed[0].client, ref);
  EXPECT_EQ(events.closed[0].code, 3001);
  EXPECT_EQ(events.closed[0].reason, "bye");
  EXPECT_TRUE(events.closed[0].clean);
  EXPECT_TRUE(events.closed[0].by_peer);
  EXPECT_THAT(events.messages, ::testing::ElementsAre("text:last"));
  EXPECT_FALSE(set->is_open(ref));
  EXPECT_EQ(set->counters().records, 0u);
}

TEST_F(Closing, ACloseWithoutACodeIs1005) {
  serve();
  auto& client = open_client();
  client.send(frame(0x88, ""));
  EXPECT_EQ(next_frame(client), (server_frame{8, ""}));
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_EQ(events.closed[0].code, 1005);
  EXPECT_EQ(set->counters().closed[client_counters::closed_index(1005)], 1u);
}

TEST_F(Closing, OursWaitsForThePeers) {
  serve();
  client_ref ref;
  auto& client = open_client(ref);
  set->close(ref, 4200, "Server is shutting down");
  EXPECT_EQ(set->write(ref, text_frame("late")), write_result::gone);
  EXPECT_EQ(set->reply(ref, text_frame("late")), write_result::gone);
  EXPECT_EQ(next_frame(client), (server_frame{8, close_payload(4200, "Server is shutting down")}));
  client.send(text("crossed") + frame(0x89, "ping"));
  settle();
  EXPECT_TRUE(events.closed.empty());
  EXPECT_TRUE(events.messages.empty());
  client.send(frame(0x88, close_payload(4200)));
  EXPECT_TRUE(until([&] { return client.ended && events.closed.size() == 1; }));
  EXPECT_EQ(events.closed[0].code, 4200);
  EXPECT_TRUE(events.closed[0].clean);
  EXPECT_FALSE(events.closed[0].by_peer);
}

TEST_F(Closing, APeerThatDoesNotAnswerIsCutOff) {
  auto options = patient();
  options.close_wait_ns = 40'000'000;
  serve(options);
  client_ref ref;
  auto& client = open_client(ref);
  set->close(ref, 1001, "");
  EXPECT_TRUE(until([&] { return client.ended; }));
  ASSERT_EQ(events.closed.size(), 1u);
  EXPECT_EQ(events.closed[0].code, 1001);
  EXPECT_FALSE(events.closed[0].clean);
}

/// The loop stands still, as it does when its thread gets no processor or waits for the kernel.
void stall(std::chrono::nanoseconds during) {
  const uint64_t end = monotonic_now_ns() + static_cast<uint64_t>(during.count());
  while (monotonic_now_ns() < end) continue;
}

TEST_F(Closing, APeerHasItsWholeTimeThoughTheLoopWasLate) {
  auto options = patient();
  options.close_wait_ns = 200'000'000;
  serve(options);
  client_ref ref;
  auto& client = open_client(ref);
  stall(std::chrono::milliseconds{300});
  const uint64_t begin = monotonic_now_ns();
  set->close(ref, 4200, "");
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_GE(monotonic_now_ns() - begin, options.close_wait_ns);
}

TEST_F(Closing, AnswersThatLieUnreadCountBeforeTheDeadlineThatALateLoopMissed) {
  auto options = patient();
  options.close_wait_ns = 500'000'000;
  serve(options);
  std::vector<client_ref> refs(300); // more than the loop reads in one turn
  for (auto& ref : refs) open_client(ref);
  for (const auto ref : refs) set->close(ref, 4200, "");
  for (const auto& client : clients) client.send(frame(0x88, close_payload(4200)));
  stall(std::chrono::milliseconds{700});
  EXPECT_TRUE(until([&] { return events.closed.size() == refs.size(); }));
  for (const auto& closed : events.closed) ASSERT_TRUE(closed.clean);
  EXPECT_TRUE(until([&] { return std::ranges::all_of(clients, [](const auto& one) { return one.ended; }); }));
  for (const auto& client : clients) ASSERT_FALSE(client.reset);
}

TEST_F(Closing, WithoutACloseFrameItIs1006) {
  serve();
  auto& client = open_client();
  client.hang_up();
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_EQ(events.closed[0].code, 1006);
  EXPECT_FALSE(events.closed[0].clean);
  EXPECT_TRUE(events.closed[0].by_peer);
}

TEST_F(Closing, AbortIsImmediateAndReportedInALaterTurn) {
  serve();
  client_ref ref;
  auto& client = open_client(ref);
  set->abort(ref, 4100);
  EXPECT_TRUE(events.closed.empty());
  EXPECT_FALSE(set->is_open(ref));
  EXPECT_TRUE(until([&] { return client.ended && events.closed.size() == 1; }));
  EXPECT_EQ(events.closed[0].code, 4100);
  set->abort(ref);
  set->close(ref, 1000, "");
  settle();
  EXPECT_EQ(events.closed.size(), 1u);
}

TEST_F(Closing, AbortInsideACallbackStopsTheInputBehindIt) {
  serve();
  auto& client = open_client();
  events.message = [&](client_ref from, const std::string&) { set->abort(from); };
  client.send(text("1") + text("2"));
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_EQ(events.messages.size(), 1u);
}

struct broken {
  const char* name;
  std::string bytes;
  uint16_t code;
};
class ClosingForFaults : public client_harness, public ::testing::WithParamInterface<broken> {};

TEST_P(ClosingForFaults, TellsTheCodeEvenIfThePeerGoesOnSending) {
  serve();
  auto& client = open_client();
  client.send(GetParam().bytes + std::string(200'000, 'x'));
  const auto close = next_frame(client);
  EXPECT_EQ(close.code, 8u);
  ASSERT_GE(close.payload.size(), 2u);
  EXPECT_EQ(close.payload.substr(0, 2), close_payload(GetParam().code));
  EXPECT_GT(close.payload.size(), 5u) << "a reason is given";
  EXPECT_TRUE(until([&] { return client.ended; })) << "our side is shut behind the close frame";
  EXPECT_FALSE(client.reset);
  client.hang_up();
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_EQ(events.closed[0].code, GetParam().code);
  EXPECT_EQ(set->counters().protocol_faults, 1u);
  EXPECT_EQ(set->counters().records, 0u);
}

INSTANTIATE_TEST_SUITE_P(
  Net, ClosingForFaults,
  ::testing::Values(broken{"unmasked", wire::testing::bytes_of({0x81, "a", false}), 1002},
                    broken{"reserved", frame(0xC1, "a"), 1002}, broken{"opcode", frame(0x83, "a"), 1002},
                    broken{"fragmented_ping", frame(0x09, "a"), 1002}, broken{"bad_text", text("\xFF"), 1007},
                    broken{"bad_close_code", frame(0x88, close_payload(1005)), 1002},
                    broken{"large", text(std::string(65'537, 'a')), 1009},
                    broken{"large_in_fragments",
                           frame(0x01, std::string(60'000, 'a')) + frame(0x80, std::string(6'000, 'a')), 1009}),
  [](const auto& one) { return one.param.name; });

TEST_F(Closing, NothingIsCalledOnceTheSetIsGone) {
  serve();
  auto& client = open_client();
  client.send(text("x"));
  events.message = [](client_ref, const std::string&) { FAIL() << "called"; };
  events.close = [](client_ref) { FAIL() << "called"; };
  set.reset();
  EXPECT_TRUE(until([&] { return client.ended; }));
  settle();
}

} // namespace
} // namespace tickplant::net
