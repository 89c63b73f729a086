// Whatever comes from outside, on any line: no crash, no hang, no growth, and nothing that depends on stray bytes
// (S0-53). Runs under the sanitizers of the dev preset.
#include "gtp_builder.hpp"

#include <random>

namespace tickplant::lse::testing {
namespace {

namespace g = gtp_feed;

std::vector<bytes> mitch_samples() {
  return {time_message(28'800),
          system_event('O'),
          system_event('C'),
          directory(101, "GB0000000001"),
          directory(102, "GB0000000001", "SET2", "USD"),
          symbol_status(101, 'T', 0, "08:00:30"),
          symbol_status(101, 'H', 0x20, "", "102"),
          add(101, 1, 'B', 100, one),
          add(102, 2, 'S', 100, one, 0x10, false),
          add(101, 3, 'S', 100, one, 0x40),
          add_attributed(101, 4, 'S', 5, one, "FIRM", 0x20),
          deleted(1, 101),
          deleted_short(2, 0x20),
          modified(1, 0, one, 1),
          modified(1, 5, 0, 0),
          executed(1, 5, 7),
          executed_at(1, 5, 6, 7, 'Y', one),
          trade(101, 5, one, 8, 5, 11, 2),
          auction_trade(102, 5, one, 9, 'O', 1),
          clear(101),
          clear(102, 0x20),
          timed('I').n(900, 4).n(0, 4).n(0, 1).n(102, 4).n(0, 2).p(2 * one).c('O'),
          timed('w').n(101, 4).n(0, 2).c('O').p(-one).c('A').n(0, 1),
          timed('q').n(101, 4).p(one).n(5, 4).p(2 * one).n(6, 4),
          timed('x').n(0, 64)};
}

std::vector<bytes> gtp_samples() {
  return {g::system_event('O'),
          g::directory(101, "GB0000000001"),
          g::directory(102, "GB0000000001", "SET2", "USD"),
          g::status(101, 'T', 3, "080030"),
          g::status(101, 'd', 1),
          g::add(101, 1, 'B', 100, one),
          g::add(102, 2, 'S', 100, 0, 3, 1),
          g::add(101, 3, 'S', 100, one, 1),
          g::add(101, 4, 'S', 100, one, 4),
          g::modify(101, 1, 50, one, 100, one, 1),
          g::modify(101, 1, 0, one, 50, one),
          g::remove(102, 2, 100, 0),
          g::clear(101),
          g::clear(102, 1),
          g::trade(101, 5, one, 7),
          g::trade(101, 5, one, 8, 1),
          g::trade(101, 5, one, 9, 2),
          g::trade(101, 5, one, 7, 9, 1),
          g::stamped('w').n(101, 8).n(1, 2).n(0, 56),
          g::stamped('j').n(101, 8).n(1, 2).n(1, 2).n(0, 27),
          g::stamped('W').n(0, 83)};
}

std::vector<bytes> mitch_answers(uint64_t next) {
  return {replay_response(1, 5, 'A'),
          snapshot_response('A'),
          snapshot_complete(next - 1, 101),
          snapshot_complete(next, 101, 0x20),
          segment_complete("SET1"),
          unit(0, {add(101, 1, 'B', 5, one), symbol_status(101, 'T')}),
          unit(0, {add(101, 1, 'B', 5, one), symbol_status(101, 'T')}) + snapshot_complete(next - 1, 101),
          unit(3, {add(101, 1, 'B', 5, one)})};
}
std::vector<bytes> mitch_refusals() {
  return {login_response('b'),    login_response('c'),    replay_response(0, 0, 'O'),
          snapshot_response('c'), snapshot_response('b'), snapshot_response('a')};
}

std::vector<bytes> gtp_answers(uint64_t next) {
  return {g::replay_response(1, 5, 'A', 1),
          g::recovery_response(static_cast<uint32_t>(next - 1), 3, 'A', 2),
          g::complete(2, 'T'),
          g::complete(2),
          unit(0, {g::clear(101), g::add(101, 1, 'B', 5, one)}),
          unit(0, {g::clear(101), g::add(101, 1, 'B', 5, one)}) + g::complete(2, 'T'),
          unit(0, {g::directory(103, "GB0000000003")}),
          unit(3, {g::add(101, 1, 'B', 5, one)})};
}
std::vector<bytes> gtp_refusals() {
  return {g::login_response('c'), g::login_response('f'), g::replay_response(0, 0, 'O', 1),
          g::recovery_response(0, 0, 'U', 2), g::recovery_response(0, 0, 'b', 2)};
}

// 30 instances live for 1,500 packets each, because one that heard a false restart or jump has little left to do.
struct totals {
  uint64_t gaps = 0, orders = 0, malformed = 0, logins = 0, snapshots = 0, judged = 0;
};

void run(uint64_t seed, const std::string& spoken, totals& sum) {
  world w{{"lines.a", "udp://239.1.1.1:1"},
          {"lines.b", "udp://239.1.1.2:1"},
          {"lines.replay.0", "tcp://192.0.2.1:1"},
          {"lines.replay.1", "tcp://192.0.2.2:1"},
          {"lines.recovery", "tcp://192.0.2.3:1"},
          {"protocol", spoken},
          {"hold_messages", "1024"},
          {"gap_limit", "500"},
          {"late_start_limit", "2000"},
          {"rest", "1s"},
          {"connect_retry", "50ms"}};
  std::mt19937_64 random{seed};
  const auto below = [&](uint64_t limit) { return random() % limit; };
  const auto all = spoken == "gtp" ? gtp_samples() : mitch_samples();
  uint64_t next = 1;
  const auto mutated = [&](bytes data) {
    if (below(3) == 0)
      for (uint64_t n = 1 + below(4); n > 0; --n) data[below(data.size())] = static_cast<uint8_t>(random());
    if (below(20) == 0) data.resize(below(data.size() + 1));
    return data;
  };
  for (int i = 0; i < 1'500; ++i) {
    std::vector<bytes> messages;
    for (uint64_t n = below(6); n > 0; --n) messages.push_back(all[below(all.size())]);
    uint64_t sequence = next;
    if (below(20) == 0) sequence += below(40);
    if (below(20) == 0) sequence -= std::min(sequence - 1, below(40));
    if (below(300) == 0) sequence = random() >> below(64);
    if (below(200) == 0) next = 1;
    next = std::max(next, std::min(sequence + messages.size(), next + 100));
    const uint32_t lines[] = {world::a_line, world::b_line, 2, 999};
    w.packet(lines[below(200) == 0 ? 2 + below(2) : below(2)], mutated(unit(sequence, messages)));
    for (const std::string name : {"replay", "recovery"}) {
      if (!w.service(name) || below(4) != 0) continue;
      const auto line = *w.service(name);
      const auto answers = spoken == "gtp" ? gtp_answers(next) : mitch_answers(next);
      const auto refusals = spoken == "gtp" ? gtp_refusals() : mitch_refusals();
      bytes stream;
      if (below(2)) {
        w.venue->on_line(line, TP_LINE_UP, {}, w.host.now_ns);
        stream = spoken == "gtp" ? g::login_response('A') : login_response('A');
      }
      for (uint64_t n = below(8); n > 0; --n) stream = stream + answers[below(answers.size())];
      if (below(200) == 0) stream = refusals[below(refusals.size())] + stream;
      if (!stream.empty() && below(4) == 0) stream = mutated(stream);
      if (!stream.empty()) w.answer(name, stream);
      if (below(10) == 0) w.down(name, below(2) ? TP_LINE_CLOSED : TP_LINE_FAILED);
    }
    if (below(50) == 0) w.venue->resynchronise(0, below(2) ? TP_ALL : static_cast<uint32_t>(below(4)), w.host.now_ns);
    w.pass(below(2) * ms);
    if (below(500) == 0) w.pass(5 * second);
    w.host.events.clear();
    w.host.channels.clear();
    w.host.sent.clear();
    w.host.streams.clear();
    w.host.logs.clear();
    w.host.retired.clear();
    if (w.host.texts.size() > 5'000) w.host.texts.clear(); // the recording host never forgets and searches in line
    if (w.host.lines.size() > 100) w.host.lines.erase(w.host.lines.begin(), w.host.lines.end() - 50);
  }
  sum.malformed += w.counted("malformed");
  sum.gaps += w.counted("gaps.seen");
  sum.orders += w.counted("messages.F") + w.counted("messages.A");
  sum.logins += w.counted("replay.logins") + w.counted("recovery.logins");
  sum.snapshots += w.counted("recovery.snapshots");
  sum.judged += w.counted("recovery.snapshots") + w.counted("recovery.stale") + w.counted("recovery.unneeded");
}

struct Mutation : ::testing::TestWithParam<const char*> {};

TEST_P(Mutation, NothingFromOutsideCrashesHangsOrBreaksTheInstance) {
  totals sum;
  for (uint64_t seed = 1; seed <= 30; ++seed) run(seed, GetParam(), sum);
  // It was worth the while: all parts were at work.
  EXPECT_GT(sum.malformed, 500u);
  EXPECT_GT(sum.gaps, 100u);
  EXPECT_GT(sum.orders, 1'000u);
  EXPECT_GT(sum.logins, 100u);
  EXPECT_GT(sum.judged, 100u);
  EXPECT_GT(sum.snapshots, 0u); // few join, since the flow is lost all the time
}

// Whatever lies behind a datagram, cut anywhere or not, the events are the same.
TEST_P(Mutation, NothingDependsOnTheBytesBehindADatagram) {
  const bool is_gtp = std::string{"gtp"} == GetParam();
  const auto samples = is_gtp ? gtp_samples() : mitch_samples();
  const auto run_with = [&](uint8_t padding) {
    world w{{"lines.a", "udp://239.1.1.1:1"}, {"protocol", GetParam()}};
    w.padding = padding;
    uint64_t next = 1;
    for (const auto& m : samples) w.a(unit(next++, {m}));
    for (const auto& m : samples)
      for (size_t size = is_gtp ? 3 : 2; size <= m.size(); ++size) {
        auto cut = bytes(m.begin(), m.begin() + static_cast<long>(size));
        cut[0] = static_cast<uint8_t>(size);
        w.a(unit(next++, {cut}));
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
  EXPECT_GT(words.size(), 200u);
  EXPECT_EQ(words, run_with(0x00));
  EXPECT_EQ(words, run_with('A'));
}

INSTANTIATE_TEST_SUITE_P(Protocols, Mutation, ::testing::Values("mitch", "gtp"));

} // namespace
} // namespace tickplant::lse::testing
