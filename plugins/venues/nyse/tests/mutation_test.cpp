// Damage of every kind: nothing from outside may crash, hang or break the instance, or make it ask without end.
#include "feed_builder.hpp"

#include <random>

namespace tickplant::nyse::testing {
namespace {

std::vector<bytes> samples() {
  return {mapping(1, "A"),
          mapping(2, "B", 6),
          seconds(noon_s),
          symbol_clear(1, 5),
          status(1, 1, 'O', '~', 'O'),
          status(2, 2, '4', 'M', 'O', 'E', 1, 2),
          status(2, 3, 'X', '~', 'X'),
          add(1, 2, 10, 'B', 1, 1),
          add(2, 3, 11, 'S', 1, 1, "FIRM "),
          modify(1, 3, 10, 2, 2),
          erased(2, 4, 11),
          executed(1, 4, 10, 5, 1, 2, 1, "@F I"),
          replaced(1, 5, 10, 12, 1, 1),
          imbalance(1, 6),
          imbalance(1, 7, true),
          add_refresh(1, 8, 13, 'B', 1, 1),
          hidden_trade(1, 9, 6, 1, 1),
          cross(1, 10, 7, 1, 1, 'O'),
          data(112, 1, 11).number(5, 4),
          data(113, 1, 12).number(7, 4).number(1, 4),
          data(114, 1, 13).text("A", 1),
          summary(1),
          reset(noon_s + 1),
          unavailable(1, 9),
          refresh_head(1, 1, 5, 5),
          refresh_head(1, 2, 5, 5),
          refresh_head(2, 2),
          response(1, '0'),
          pillar(999).number(1, 8)};
}

// Bytes behind a datagram are its own heap block's end here, so that the sanitizer sees any read beyond the padding.
void run(uint64_t seed, std::map<std::string, uint64_t>& totals) {
  world w{{"lines.a", "udp://239.1.1.1:1"},
          {"lines.b", "udp://239.1.1.2:1"},
          {"lines.request", "tcp://192.0.2.9:1"},
          {"lines.retransmission", "udp://239.1.1.3:1"},
          {"lines.refresh", "udp://239.1.1.4:1"},
          {"lines.summary", "udp://239.1.1.5:1"},
          {"hold_messages", "1024"},
          {"gap_limit", "500"}};
  w.connect();
  std::mt19937_64 random{seed};
  const auto below = [&](uint64_t limit) { return random() % limit; };
  const auto all = samples();
  uint32_t next = 1;
  for (int i = 0; i < 2'000; ++i) {
    std::vector<bytes> messages;
    for (uint64_t n = below(6); n > 0; --n) messages.push_back(all[below(all.size())]);
    uint64_t sequence = next;
    if (below(20) == 0) sequence += below(40);
    if (below(20) == 0) sequence -= std::min<uint64_t>(sequence - 1, below(40));
    if (below(300) == 0) sequence = random() >> (32 + below(32));
    uint8_t flag = 11;
    const auto role = static_cast<line_role>(below(static_cast<uint64_t>(line_role::count_)));
    if (role == line_role::refresh) {
      flag = static_cast<uint8_t>(17 + below(4));
      const auto index = static_cast<uint32_t>(1 + below(3));
      const auto last = static_cast<uint32_t>(next + below(20));
      if (below(2))
        messages = {refresh_head(1, 1, last, 5), mapping(index, "A"), add_refresh(index, 5, i + 100u, 'B', 1, 1)};
    } else if (below(400) == 0) {
      flag = below(2) ? 12 : 10;
      messages = {reset(static_cast<uint32_t>(noon_s + i), static_cast<uint32_t>(below(2)))};
      sequence = next = 1;
    } else if (below(20) == 0) {
      const uint8_t flags[] = {1, 10, 12, 13, 15, 21, 99};
      flag = flags[below(std::size(flags))];
    }
    const bool counts = role == line_role::a || role == line_role::b;
    bytes content = packet_of(flag, static_cast<uint32_t>(sequence), messages, w.host.now_ns);
    if (counts)
      next =
        static_cast<uint32_t>(std::min<uint64_t>(std::max<uint64_t>(next, sequence + messages.size()), next + 100));
    if (below(3) == 0)
      for (uint64_t n = 1 + below(4); n > 0; --n) content[below(content.size())] = static_cast<uint8_t>(random());
    if (below(20) == 0) content.resize(below(content.size() + 1));
    if (below(10) == 0)
      w.server(content);
    else
      w.packet(below(200) == 0 ? 999 : world::line(role), content);
    if (below(50) == 0) w.venue->resynchronise(1, below(2) ? TP_ALL : static_cast<uint32_t>(below(4)), w.host.now_ns);
    if (below(300) == 0) w.disconnect();
    if (below(100) == 0) w.connect();
    if (below(30) == 0) w.answer(static_cast<uint32_t>(below(20)), static_cast<char>('0' + below(10)));
    w.pass(below(2) * ms);
    if (below(1'000) == 0) w.pass(5 * second);
    w.forget();
    w.host.retired.clear();
    if (w.host.texts.size() > 5'000) w.host.texts.clear(); // the recording host never forgets and searches in line
  }
  for (const char* name : {"malformed", "gaps.seen", "gaps.filled", "gaps.lost", "messages.100", "resets",
                           "refresh.pictures", "retransmission.requests", "refresh.requests"})
    totals[name] += w.counted(name);
  EXPECT_LE(w.counted("gaps.filled") + w.counted("gaps.lost"), w.counted("gaps.seen") + 1) << seed;
}

TEST(Mutation, NoPacketCrashesHangsOrBreaksTheInstance) {
  std::map<std::string, uint64_t> totals;
  for (uint64_t seed = 1; seed <= 50; ++seed) run(seed, totals);
  for (const auto& [name, total] : totals) EXPECT_GT(total, 50u) << name; // the run reached all of these
}

// Whatever lies behind a datagram, cut anywhere or not, the events are the same.
TEST(Mutation, NothingDependsOnTheBytesBehindADatagram) {
  const auto run_with = [](uint8_t padding) {
    world w{{"lines.a", "udp://239.1.1.1:1"}};
    w.padding = padding;
    uint32_t next = w.open(2);
    for (const auto& m : samples())
      if (type_of(m.data()) != 1) w.a(next++, {m});
    for (const auto& m : samples())
      for (size_t size = 4; size <= m.size() && type_of(m.data()) != 1; ++size) {
        bytes cut(m.begin(), m.begin() + static_cast<long>(size));
        sdk::put_le16(cut.data(), static_cast<uint16_t>(size));
        w.a(next++, {cut});
      }
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
  EXPECT_EQ(words, run_with('B'));
}

} // namespace
} // namespace tickplant::nyse::testing
