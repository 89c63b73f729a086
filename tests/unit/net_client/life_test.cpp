#include "tests/unit/net_client/client_harness.hpp"

#include <filesystem>
#include <random>
#include <set>

namespace tickplant::net {
namespace {

using namespace testing;
using wire::testing::frame;
using wire::testing::text;

class Life : public client_harness {
protected:
  static size_t open_descriptors() {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) count += entry.exists() ? 1u : 0u;
    return count;
  }
};

TEST_F(Life, AThousandClientsComeAndGoWithoutALeak) {
  serve();
  settle();
  const size_t before = open_descriptors();
  std::set<uint32_t> indexes;
  for (int round = 0; round != 4; ++round) {
    std::vector<test_client*> mine;
    for (int i = 0; i != 250; ++i) {
      mine.push_back(&connect());
      mine.back()->send(upgrade_head());
    }
    EXPECT_TRUE(until([&] { return set->counters().open == 250; }));
    for (const client_ref ref : events.opened) indexes.insert(ref.index);
    for (size_t i = 0; i != mine.size(); ++i) {
      if (i % 3 == 0) mine[i]->send(frame(0x88, close_payload(1000)));
      if (i % 3 == 1) mine[i]->hang_up();
      if (i % 3 == 2) set->abort(events.opened[static_cast<size_t>(round) * 250 + i]);
    }
    EXPECT_TRUE(until([&] { return set->counters().records == 0; }));
    clients.clear();
  }
  EXPECT_EQ(events.closed.size(), 1'000u);
  EXPECT_EQ(set->counters().adopted, 1'000u);
  EXPECT_LE(indexes.size(), 256u) << "indexes are used again";
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(Life, ClientsThatDieInOneAnothersCallbacksAreReportedOnce) {
  serve();
  std::vector<client_ref> all;
  std::vector<test_client*> mine;
  for (int i = 0; i != 40; ++i) {
    client_ref ref;
    mine.push_back(&open_client(ref));
    all.push_back(ref);
  }
  // The first message kills everybody, while all the others' input waits in the same batch.
  events.message = [&](client_ref, const std::string&) {
    for (const client_ref ref : all) set->abort(ref);
  };
  events.close = [&](client_ref) {
    for (const client_ref ref : all) set->abort(ref), set->close(ref, 1000, "");
  };
  for (auto* one : mine) one->send(text("x"));
  EXPECT_TRUE(until([&] { return events.closed.size() == 40; }));
  settle();
  EXPECT_EQ(events.closed.size(), 40u);
  EXPECT_EQ(events.messages.size(), 1u);
}

TEST_F(Life, DestructionWithClientsInEveryPhaseClosesAll) {
  serve();
  settle();
  const size_t before = open_descriptors();
  client_ref ref, blocked, paused;
  open_client(ref);
  auto& slow = open_client(blocked);
  slow.reads = false;
  while (!set->is_blocked(blocked)) set->write(blocked, text_frame(std::string(10'000, 'x')));
  auto& held = open_client(paused);
  set->pause_reading(paused);
  held.send(text("1") + text("2"));
  connect().send("GET / HT");
  auto& closing = open_client();
  set->close(events.opened.back(), 1000, "");
  closing.send(frame(0x01, "fragment"));
  settle();
  set.reset();
  clients.clear();
  settle();
  EXPECT_EQ(open_descriptors(), before - 1) << "the set's own descriptor is gone too";
}

TEST_F(Life, RandomBytesNeverDoMoreThanCloseTheirClient) {
  auto options = patient();
  options.close_wait_ns = 20'000'000;
  serve(options);
  client_ref witness_ref;
  auto& witness = open_client(witness_ref);
  std::mt19937 random{99};
  const auto below = [&](size_t limit) { return std::uniform_int_distribution<size_t>{0, limit - 1}(random); };
  for (int round = 0; round != 300; ++round) {
    auto& client = connect();
    std::string bytes =
      upgrade_head() + text("a") + frame(0x01, "b") + frame(0x89, "c") + frame(0x80, "d") + frame(0x88, "\x03\xE8");
    for (size_t i = below(6); i != 0; --i) bytes[below(bytes.size())] = static_cast<char>(below(256));
    for (size_t at = 0; at < bytes.size();) {
      const size_t size = std::min(bytes.size() - at, 1 + below(200));
      client.send(std::string_view{bytes}.substr(at, size));
      at += size;
      if (below(3) == 0) settle();
    }
    settle();
    client.hang_up();
  }
  EXPECT_TRUE(until([&] { return set->counters().records == 1; }));
  EXPECT_EQ(set->counters().open, 1u);
  EXPECT_EQ(set->reply_text(witness_ref, "still here"), write_result::sent);
  EXPECT_EQ(next_frame(witness), (server_frame{1, "still here"}));
}

TEST_F(Life, ASocketPairServesAsWell) {
  serve();
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  EXPECT_TRUE(set->adopt(pair[0], peer_address{}, 3));
  clients.emplace_back().descriptor = pair[1];
  clients.back().send(upgrade_head());
  EXPECT_TRUE(until([&] { return events.opened.size() == 1; }));
  EXPECT_EQ(events.last_peer.text(), "unknown");
}

} // namespace
} // namespace tickplant::net
