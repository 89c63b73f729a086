#include "feed_builder.hpp"

#include <random>

namespace tickplant::nasdaq::testing {
namespace {

std::vector<bytes> samples() {
  return {system_event('O'),
          directory(1, "A"),
          directory(2, "B"),
          trading_action(1, 'T'),
          system_event('S'),
          add(1, 1, 'B', 1, 1),
          add(2, 2, 'S', 1, 1),
          executed(1, 1, 1, 1),
          itch('F', 1).number(3, 8).text("B", 1).number(1, 4).text("A", 8).number(1, 4).text("MPID", 4),
          itch('C', 1).number(1, 8).number(1, 4).number(1, 8).text("Y", 1).number(1, 4),
          itch('X', 1).number(1, 8).number(1, 4),
          itch('D', 1).number(1, 8),
          itch('U', 1).number(1, 8).number(4, 8).number(1, 4).number(1, 4),
          itch('P', 1).number(0, 8).text("B", 1).number(1, 4).text("A", 8).number(1, 4).number(2, 8),
          itch('Q', 1).number(1, 8).text("A", 8).number(1, 4).number(3, 8).text("O", 1),
          itch('B', 1).number(3, 8),
          itch('I', 1).number(1, 8).number(1, 8).text("B", 1).text("A", 8).number(0, 12).text("OL", 2),
          itch('J', 1).text("A", 8).number(0, 8).number(0, 8),
          itch('h', 1).text("A", 8).text("QH", 2),
          itch('V', 0).number(1, 8).number(2, 8).number(3, 8),
          itch('W', 0).text("1", 1),
          itch('K', 0).text("A", 8).number(1, 4).text("A", 1).number(1, 4),
          itch('N', 1).text("A", 8).text("B", 1),
          itch('Y', 1).text("A", 8).text("1", 1),
          itch('O', 1).text("A", 8).text("Y", 1).number(0, 28),
          itch('L', 1).text("MPID", 4).text("A", 8).text("YNA", 3)};
}

// Bytes behind a datagram are its own heap block's end here, so that the sanitizer sees any read beyond the padding.
// 50 instances live for 2,000 packets each, because one that heard a false end or jump has little left to do.
uint64_t run(uint64_t seed) {
  world w{{"lines.a", "udp://239.1.1.1:26400"},
          {"lines.b", "udp://239.1.1.2:26400"},
          {"lines.rerequest", "udp://192.0.2.9:1"},
          {"hold_messages", "1024"},
          {"gap_limit", "500"},
          {"late_start_limit", "2000"}};
  std::mt19937_64 random{seed};
  const auto below = [&](uint64_t limit) { return random() % limit; };
  const auto all = samples();
  uint64_t next = 1;
  for (int i = 0; i < 2'000; ++i) {
    std::vector<bytes> messages;
    for (uint64_t n = below(6); n > 0; --n) messages.push_back(all[below(all.size())]);
    uint64_t sequence = next;
    if (below(20) == 0) sequence += below(40);
    if (below(20) == 0) sequence -= std::min(sequence - 1, below(40));
    if (below(300) == 0) sequence = random() >> below(64);
    const bool other = below(500) == 0;
    bytes packet =
      below(200) == 0 ? end_of_session(session_a, sequence) : mold(other ? session_b : session_a, sequence, messages);
    next = std::max(next, std::min(sequence + messages.size(), next + 100));
    if (below(3) == 0)
      for (uint64_t n = 1 + below(4); n > 0; --n) packet[below(packet.size())] = static_cast<uint8_t>(random());
    if (below(20) == 0) packet.resize(below(packet.size() + 1));
    const uint32_t lines[] = {line_set::a, line_set::b, line_set::first_server, 999};
    w.packet(lines[below(200) == 0 ? 3 : below(3)], packet);
    if (below(50) == 0) w.venue->resynchronise(0, below(2) ? TP_ALL : static_cast<uint32_t>(below(4)), w.host.now_ns);
    w.pass(below(2) * ms);
    if (below(1'000) == 0) w.pass(5 * second);
    w.host.events.clear();
    w.host.channels.clear();
    w.host.sent.clear();
    w.host.streams.clear();
    w.host.logs.clear();
    w.host.retired.clear();
    if (w.host.texts.size() > 5'000) w.host.texts.clear(); // the recording host never forgets and searches in line
  }
  EXPECT_GT(w.counted("malformed"), 50u);
  return w.counted("gaps.seen") + w.counted("messages.A") * 1'000'000;
}

TEST(Mutation, NoPacketCrashesHangsOrBreaksTheInstance) {
  uint64_t gaps = 0, orders = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const uint64_t seen = run(seed);
    gaps += seen % 1'000'000;
    orders += seen / 1'000'000;
  }
  EXPECT_GT(gaps, 500u);
  EXPECT_GT(orders, 1'000u);
}

// Whatever lies behind a datagram, cut anywhere or not, the events are the same.
TEST(Mutation, NothingDependsOnTheBytesBehindADatagram) {
  const auto run_with = [](uint8_t padding) {
    world w{{"lines.a", "udp://239.1.1.1:26400"}};
    w.padding = padding;
    uint64_t next = 1;
    for (const auto& m : samples()) w.a(mold(session_a, next++, {m}));
    for (const auto& m : samples())
      for (size_t size = 0; size <= m.size(); ++size)
        w.a(mold(session_a, next++, {bytes(m.begin(), m.begin() + static_cast<long>(size))}));
    std::vector<uint64_t> words;
    for (const auto& e : w.host.events)
      words.insert(words.end(), {e.kind, e.detail, e.flags, e.instrument, e.order, static_cast<uint64_t>(e.price),
                                 static_cast<uint64_t>(e.quantity), e.ref, e.extra, e.sequence, e.venue_ns});
    words.push_back(w.counted("malformed"));
    words.push_back(w.host.streams.size());
    return words;
  };
  const auto words = run_with(0x42);
  EXPECT_GT(words.size(), 400u);
  EXPECT_EQ(words, run_with(0x00));
  EXPECT_EQ(words, run_with('A'));
}

TEST(Mutation, NoFileChunkCrashesTheCutter) {
  std::mt19937_64 random{7};
  for (int i = 0; i < 2'000; ++i) {
    world w{{"lines.file", "file:///x"}, {"file_lengths", "zero"}};
    for (int n = 0; n < 8; ++n) {
      bytes chunk;
      for (const auto& m : samples()) {
        chunk.insert(chunk.end(), 2, 0);
        chunk.insert(chunk.end(), m.begin(), m.end());
      }
      if (random() % 2) chunk[random() % chunk.size()] = static_cast<uint8_t>(random());
      chunk.resize(random() % (chunk.size() + 1));
      w.packet(line_set::file, chunk);
    }
  }
}

} // namespace
} // namespace tickplant::nasdaq::testing
