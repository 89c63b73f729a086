// Clients that do not read: memory stays bounded, others are served, and what is sent stays whole frames.
#include "runtime/net/client/output_tail.hpp"
#include "tests/unit/net_client/client_harness.hpp"

#include <linux/sock_diag.h>

#include <random>

namespace tickplant::net {
namespace {

using namespace testing;
using wire::testing::frame;
using wire::testing::text;

class SlowClient : public client_harness {
protected:
  /// Writes frames until the kernel takes no more.
  void fill(client_ref to, std::string content) {
    payload = std::move(content);
    const auto bytes_of_frame = text_frame(payload);
    for (taken = 0; !set->is_blocked(to);) {
      const auto result = set->write(to, bytes_of_frame);
      if (result == write_result::sent || result == write_result::kept) ++taken;
      if (taken <= 100'000) continue;
      ADD_FAILURE() << "never blocks";
      return;
    }
  }
  /// The server's only client, `ref`, which does not read.
  test_client& deaf_client(const client_options& options = patient()) {
    serve(options);
    auto& client = open_client(ref);
    client.reads = false;
    return client;
  }
  /// One whose socket is full.
  test_client& stuck_client(const client_options& options = patient(), size_t frame_size = 5'000) {
    auto& client = deaf_client(options);
    fill(ref, std::string(frame_size, 'p'));
    return client;
  }
  /// It reads again: what it was filled with comes whole.
  void read_on(test_client& client) {
    client.reads = true;
    for (size_t i = 0; i != taken; ++i) ASSERT_EQ(next_frame(client), (server_frame{1, payload})) << i;
  }
  void pass(uint64_t ns) {
    const uint64_t end = monotonic_now_ns() + ns;
    until([&] { return monotonic_now_ns() >= end; });
  }

  client_ref ref;
  std::string payload; // of the frames that were sent last, and how many of them were taken
  size_t taken = 0;
};

TEST_F(SlowClient, HoldsAtMostTheRestOfOneFrameAndGetsWholeFrames) {
  serve();
  client_ref slow_ref, good_ref;
  auto &slow = open_client(slow_ref), &good = open_client(good_ref);
  slow.reads = false;
  fill(slow_ref, std::string(10'000, 'p'));
  EXPECT_LE(set->pending_bytes(slow_ref), payload.size() + wire::max_header_size);
  for (int i = 0; i != 1'000; ++i) {
    EXPECT_EQ(set->write(slow_ref, text_frame("newer")), write_result::blocked);
    EXPECT_EQ(set->write(good_ref, text_frame("newer")), write_result::sent);
    if (i % 50 == 0) settle();
  }
  EXPECT_LE(set->pending_bytes(slow_ref), payload.size() + wire::max_header_size);
  EXPECT_TRUE(until([&] { return good.received.size() == 7 * 1'000; }));
  EXPECT_EQ(events.drains, 0u);
  slow.reads = true;
  EXPECT_TRUE(until([&] { return events.drains == 1; }));
  EXPECT_FALSE(set->is_blocked(slow_ref));
  EXPECT_EQ(set->write(slow_ref, text_frame("newest")), write_result::sent);
  read_on(slow);
  EXPECT_EQ(next_frame(slow), (server_frame{1, "newest"}));
}

TEST_F(SlowClient, IsBlockedEarlyNotAfterMegabytes) {
  serve();
  auto& client = open_client(ref);
  const int small = 4'096; // of the reader, so that what the server's own side takes in shows
  setsockopt(client.descriptor, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  client.reads = false;
  fill(ref, std::string(1'000, 'p'));
  EXPECT_LT(taken * 1'004, 400'000u);
}

TEST_F(SlowClient, ControlFramesNeverStandInsideADataFrame) {
  auto& client = stuck_client(patient(), 30'000);
  for (int i = 0; i != 40; ++i) {
    client.send(frame(0x89, "ping " + std::to_string(i)));
    settle();
  }
  EXPECT_EQ(set->reply_text(ref, "reply 1"), write_result::kept);
  EXPECT_EQ(set->reply_text(ref, "reply 2"), write_result::kept);
  read_on(client);
  EXPECT_EQ(next_frame(client), (server_frame{1, "reply 1"}));
  EXPECT_EQ(next_frame(client), (server_frame{1, "reply 2"}));
  EXPECT_EQ(next_frame(client), (server_frame{10, "ping 39"})) << "of waiting pongs the newest";
  EXPECT_TRUE(until([&] { return events.drains == 1; }));
}

/// Text that no packing makes much shorter.
std::string noise(size_t size) {
  static std::mt19937 random{1};
  std::string text(size, ' ');
  for (auto& c : text) c = static_cast<char>(' ' + random() % 95);
  return text;
}
constexpr size_t most_memory = 64u * 1'024 + output_tail::most_plain;

TEST_F(SlowClient, RepliesAreBoundedAndThen4103) {
  auto options = patient();
  options.close_wait_ns = 50'000'000;
  options.stall_ns = 500'000'000;
  stuck_client(options);
  size_t kept = 0;
  while (set->reply_text(ref, noise(1'000)) == write_result::kept) {
    ++kept;
    ASSERT_LE(set->pending_bytes(ref), most_memory);
  }
  EXPECT_GE(kept, 64u * 1'024 / 1'004);
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_EQ(events.closed[0].code, 4103);
  EXPECT_EQ(set->counters().reply_overflow, 1u);
  EXPECT_EQ(set->counters().records, 0u);
}

TEST_F(SlowClient, RepliesThatTakeLittleMemoryAreBoundedAsWell) {
  stuck_client();
  size_t kept = 0;
  while (set->reply_text(ref, std::string(1'000, 'r')) == write_result::kept) ++kept;
  EXPECT_EQ(kept, 16u * 64 * 1'024 / 1'004);
  EXPECT_LE(set->pending_bytes(ref), 64u * 1'024);
  EXPECT_EQ(set->counters().reply_overflow, 1u);
}

// A question for a thousand names has an answer of some hundred KiB: who is behind is not closed for asking it, nor for
// asking several, and its memory is bounded all the same.
TEST_F(SlowClient, LongAnswersWaitForTheirReaderAndTakeLittleMemory) {
  auto& client = deaf_client();
  const std::string reply(1'000, 'r');
  std::string answer;
  for (int i = 0; answer.size() < 300'000; ++i)
    answer += "{\"symbol\":\"S" + std::to_string(i) + "\",\"exchange\":\"SYNTHETIC\",\"status\":\"ok\"},";
  fill(ref, std::string(60'000, 'p'));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(set->reply_text(ref, answer), write_result::kept);
  EXPECT_EQ(set->reply_text(ref, reply), write_result::kept);
  EXPECT_EQ(set->waiting_replies(ref), 2 * (answer.size() + wire::header_size(answer.size())) + 1'004);
  EXPECT_LE(set->pending_bytes(ref), most_memory);
  EXPECT_EQ(events.slow_ones, 0u) << "it has not let replies pile up";
  read_on(client);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(next_frame(client), (server_frame{1, answer}));
  EXPECT_EQ(next_frame(client), (server_frame{1, reply}));
  EXPECT_TRUE(set->is_open(ref));
  EXPECT_TRUE(until([&] { return set->pending_bytes(ref) == 0; }));
}

// Also the rest of one that found its socket free.
TEST_F(SlowClient, WhatWaitsOfAReplyCountsAsOne) {
  auto& client = deaf_client();
  const std::string answer(8'000'000, 'a');
  EXPECT_EQ(set->reply_text(ref, answer), write_result::kept);
  EXPECT_GT(set->waiting_replies(ref), 1'000'000u);
  EXPECT_LE(set->pending_bytes(ref), most_memory);
  client.reads = true;
  EXPECT_EQ(next_frame(client), (server_frame{1, answer}));
}

TEST_F(SlowClient, MemoryOfRepliesStaysBoundedThoughTheClientNeverCatchesUp) {
  auto& client = deaf_client();
  size_t replies = 0;
  // Reads a little, is sent a little more: many times the bound passes through its tail.
  EXPECT_TRUE(until([&] {
    fill(ref, std::string(5'000, 'p'));
    EXPECT_LE(set->pending_bytes(ref), 70'000u);
    while (set->pending_bytes(ref) < 60'000 && set->reply_text(ref, noise(1'000)) == write_result::kept) ++replies;
    client.reads = true;
    client.pump(32'768);
    client.received.clear();
    client.reads = false;
    return replies > 400 || !set->is_open(ref);
  }));
  EXPECT_TRUE(set->is_open(ref));
}

TEST_F(SlowClient, WhoTakesNothingForTooLongIsClosedWith4103) {
  auto options = patient();
  options.stall_ns = options.close_wait_ns = 50'000'000;
  stuck_client(options);
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_EQ(events.closed[0].code, 4103);
  EXPECT_EQ(set->counters().stalled, 1u);
}

TEST_F(SlowClient, WhoWakesUpInTimeIsToldWhyItIsClosed) {
  auto options = patient();
  options.stall_ns = 50'000'000;
  auto& client = stuck_client(options);
  EXPECT_TRUE(until([&] { return set->counters().stalled == 1; }));
  EXPECT_EQ(set->write(ref, text_frame("late")), write_result::gone);
  read_on(client);
  EXPECT_EQ(next_frame(client), (server_frame{8, close_payload(4103, "Connection is too slow for its data")}));
  client.send(frame(0x88, close_payload(4103)));
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_TRUE(events.closed[0].clean);
}

// The farewell waits behind data that the peer has not read yet: it is not lost because the peer comes back to them
// late.
TEST_F(SlowClient, WhoReadsOnAfterTheTimeOfTheFarewellStillGetsIt) {
  auto options = patient();
  options.close_wait_ns = 20'000'000;
  auto& client = stuck_client(options);
  set->close(ref, 4103, "too slow");
  pass(10 * options.close_wait_ns);
  EXPECT_TRUE(events.closed.empty()) << "it waits as long as data do";
  client.send(text("meanwhile the peer talks on"));
  read_on(client);
  EXPECT_EQ(next_frame(client), (server_frame{8, close_payload(4103, "too slow")}));
  EXPECT_TRUE(until([&] { return client.ended; }));
  EXPECT_FALSE(client.reset);
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
}

// The kernel has all of it, the peer not yet: closing the socket then would answer what the peer sends by a reset,
// which destroys what is on its way.
TEST_F(SlowClient, WhoTalksOnWhileAFarewellIsOnItsWayStillGetsIt) {
  auto options = patient();
  options.close_wait_ns = 20'000'000;
  auto& client = stuck_client(options);
  // Reads just so much that the kernel takes the rest.
  EXPECT_TRUE(until([&] {
    client.reads = true;
    client.pump(4'096);
    client.reads = false;
    return events.drains == 1;
  }));
  set->close(ref, 4103, "too slow");
  EXPECT_EQ(set->pending_bytes(ref), 0u) << "or this test proves nothing";
  for (int i = 0; i < 10; ++i) {
    pass(2 * options.close_wait_ns);
    client.send(text("talk"));
  }
  read_on(client);
  EXPECT_EQ(next_frame(client), (server_frame{8, close_payload(4103, "too slow")}));
  EXPECT_TRUE(until([&] { return client.ended && events.closed.size() == 1; }));
  EXPECT_FALSE(client.reset);
}

// A peer that never reads does not stay longer for it.
TEST_F(SlowClient, WhoTakesNothingOfItsFarewellIsCutOff) {
  auto options = patient();
  options.close_wait_ns = 20'000'000;
  options.stall_ns = 200'000'000;
  stuck_client(options);
  set->close(ref, 4103, "too slow");
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
  EXPECT_FALSE(events.closed[0].clean);
  EXPECT_EQ(set->counters().records, 0u);
}

TEST_F(SlowClient, AServerThatLeavesWaitsForNobodyWhoTakesNothing) {
  auto options = patient();
  options.close_wait_ns = 20'000'000;
  stuck_client(options);
  set->begin_drain();
  set->close(ref, 4200, "bye");
  EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
}

/// protocol.md 7.6: the warning 4309 comes before the close 4103.
TEST_F(SlowClient, TheHostHearsOfItHalfwayAndMayStillSayAWord) {
  auto options = patient();
  options.stall_ns = 200'000'000;
  events.slow = [&](client_ref slow) { EXPECT_EQ(set->reply_text(slow, "you are slow"), write_result::kept); };
  auto& client = stuck_client(options);
  EXPECT_TRUE(until([&] { return events.slow_ones == 1; }));
  EXPECT_EQ(set->counters().stalled, 0u) << "half of the time is left";
  EXPECT_TRUE(until([&] { return set->counters().stalled == 1; }));
  read_on(client);
  EXPECT_EQ(next_frame(client), (server_frame{1, "you are slow"}));
  EXPECT_EQ(next_frame(client).payload.substr(0, 2), close_payload(4103));
  EXPECT_EQ(events.slow_ones, 1u) << "once is enough";
}

TEST_F(SlowClient, WhoReadsAgainIsForgivenAndToldAnewTheNextTime) {
  auto options = patient();
  options.stall_ns = 4'000'000'000;
  serve(options);
  auto& client = open_client(ref);
  for (size_t round = 1; round != 3; ++round) {
    client.reads = false;
    EXPECT_TRUE(until([&] {
      fill(ref, std::string(5'000, 'p')); // again and again: what the reader's buffer grows by is taken as well
      return events.slow_ones == round;
    }));
    const size_t before = events.drains;
    client.reads = true;
    EXPECT_TRUE(until([&] { return events.drains > before; }));
  }
  EXPECT_TRUE(set->is_open(ref));
  EXPECT_EQ(set->counters().stalled, 0u);
}

TEST_F(SlowClient, RepliesThatPileUpAreTooSlowAsWell) {
  stuck_client();
  while (set->pending_bytes(ref) <= most_memory / 4 * 3)
    ASSERT_EQ(set->reply_text(ref, noise(1'000)), write_result::kept);
  EXPECT_EQ(events.slow_ones, 0u) << "never from inside a call of the host's";
  EXPECT_TRUE(until([&] { return events.slow_ones == 1; }));
  EXPECT_TRUE(set->is_open(ref));
}

/// Issue 5: one client that never reads costs at most 256 KiB, kernel buffers included.
TEST_F(SlowClient, CostsAtMost256KiBWithTheKernelsBuffers) {
  for (const size_t frame_size : {450u, 3'600u, 16'000u, 60'000u}) {
    auto& client = deaf_client();
    const auto newest = text_frame(std::string(frame_size, 'p'));
    size_t blocked = 0;
    for (int tick = 0; tick != 300; ++tick) {
      for (int i = 0; i != 8; ++i) blocked += set->write(ref, newest) == write_result::blocked ? 1 : 0;
      client.send(frame(0x89, "are you there?"));
      settle();
    }
    EXPECT_GT(blocked, 1'000u) << "the newest value waits at the host, not in a buffer";
    // The longest answer to a message of 64 KiB: names that nobody can guess, and about each what is said of it.
    std::string answer;
    while (answer.size() < 300'000) answer += noise(45) + std::string(220, 's');
    EXPECT_EQ(set->reply_text(ref, answer), write_result::kept);
    for (int i = 0; i != 20; ++i) EXPECT_EQ(set->reply_text(ref, std::string(1'000, 'r')), write_result::kept);
    // And it goes on asking, though nothing is read of it any more.
    set->pause_reading(ref);
    const auto more = frame(0x81, std::string(1'000, 'q'));
    for (int i = 0; i != 400; ++i) {
      (void)!::send(client.descriptor, more.data(), more.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (i % 20 == 0) settle();
    }
    ASSERT_TRUE(set->is_open(ref)) << frame_size;
    uint32_t memory[SK_MEMINFO_VARS]{};
    socklen_t size = sizeof memory;
    ASSERT_EQ(getsockopt(adopted, SOL_SOCKET, SO_MEMINFO, memory, &size), 0);
    const size_t kernel = memory[SK_MEMINFO_WMEM_QUEUED] + memory[SK_MEMINFO_RMEM_ALLOC] + memory[SK_MEMINFO_BACKLOG];
    size_t held = 0;
    set->for_each([&](client_ref, const client_view& view) { held += view.pending_bytes + view.held_bytes; });
    EXPECT_LE(kernel + held, 256u * 1'024)
      << frame_size << ": kernel " << memory[SK_MEMINFO_WMEM_QUEUED] << " + " << memory[SK_MEMINFO_RMEM_ALLOC] << " + "
      << memory[SK_MEMINFO_BACKLOG] << ", ours " << held;
    RecordProperty("bytes_at_" + std::to_string(frame_size), static_cast<int>(kernel + held));
    client.hang_up();
    EXPECT_TRUE(until([&] { return events.closed.size() == 1; }));
    events.closed.clear();
    set.reset();
  }
}

TEST_F(SlowClient, ThePeersCloseIsAnsweredBehindWhatWaits) {
  auto& client = stuck_client();
  client.send(frame(0x88, close_payload(1000)));
  EXPECT_TRUE(until([&] { return !set->is_open(ref); }));
  EXPECT_TRUE(events.closed.empty());
  read_on(client);
  EXPECT_EQ(next_frame(client), (server_frame{8, close_payload(1000)}));
  EXPECT_TRUE(until([&] { return client.ended && events.closed.size() == 1; }));
  EXPECT_TRUE(events.closed[0].clean);
}

TEST_F(SlowClient, AGatheredWriteIsKeptFromTheRightByte) {
  auto& client = deaf_client();
  for (int i = 0; payload.size() < 8'000'000; ++i) payload += std::to_string(i) + ",";
  const auto whole = text_frame(payload);
  std::vector<std::span<const uint8_t>> pieces;
  for (size_t at = 0; at < whole.size(); at += 777)
    pieces.push_back(std::span{whole}.subspan(at, std::min<size_t>(777, whole.size() - at)));
  EXPECT_EQ(set->write(ref, pieces), write_result::kept);
  EXPECT_GT(set->pending_bytes(ref), 0u);
  client.reads = true;
  EXPECT_TRUE(until([&] { return client.received.size() == whole.size(); }));
  EXPECT_EQ(next_frame(client).payload, payload);
}

} // namespace
} // namespace tickplant::net
