// A client as docs/protocol/lines.md tells to write it: it subscribes by a wildcard, keeps books and trades by their
// sequences, is cut off without a word, comes back, resumes, and has missed nothing, or knows what.
#include "support/control.hpp"
#include "support/feed_loops.hpp"
#include "support/line_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tickplant::testing {
namespace {

using nlohmann::json;

constexpr size_t depth = 5;
const json options{{"dataTypes", {"TRADES", "ORDER_BOOK"}}, {"frequency", 0}, {"depth", depth}};

/// On the synthetic venue alone; `settings` are of the venue, `more` of the top level.
void start(plant& at, const std::string& settings, const std::string& more = {}) {
  at.start_server_from(at.folder().write(
    "resume.yaml", "venues:\n  synthetic:\n    plugin: synthetic\n    required: true\n    walk_scale: 0.05\n" +
                     settings + "listeners: [{name: public, bind: \"127.0.0.1:0\", routes: {/ws: hft}}]\n" + more));
  at.wait_ready();
}

/// Subscribes and waits until each of so many lines has had a few entries.
void subscribe_to_all(line_client& client, const plant& at, size_t lines) {
  client.connect_again();
  json wanted = options;
  wanted["type"] = "SUBSCRIBE";
  wanted["symbols"] = {"SYNTHETIC:*"};
  client.send(wanted);
  ASSERT_TRUE(client.follow([&] { return client.lines_with(5) == lines; })) << at.story();
}

/// The books that were kept by changes are the server's own, and nothing went unsaid.
void expect_right(line_client& client, const plant& at, size_t books) {
  client.is_comparing = true;
  client.counts.clear();
  for (int tries = 0; tries < 100 && client.compared.size() < books; ++tries) {
    const auto seen = client.counts["SYNTHETIC:S000/BOOK"];
    client.send({{"type", "SNAPSHOT"}, {"symbols", {"SYNTHETIC:*"}}, {"dataTypes", {"ORDER_BOOK"}}, {"depth", depth}});
    ASSERT_TRUE(client.follow([&] { return client.counts["SYNTHETIC:S000/BOOK"] > seen + 1; })) << at.story();
  }
  EXPECT_EQ(client.compared.size(), books);
  EXPECT_TRUE(client.faults.empty()) << client.faults.size() << " faults, the first: " << client.faults.front();
}

class ResumedClientOnItsLoop : public WithFeedLoops {
protected:
  static std::string loops() { return "loops: {network: 1, feed: " + std::to_string(GetParam()) + "}\n"; }
};

TEST_P(ResumedClientOnItsLoop, MissesNothingOverACut) {
  plant at;
  start(at, "    instruments: 4\n    hz: 20\n", loops());
  line_client client{at};
  subscribe_to_all(client, at, 8); // four instruments, TRADES and BOOK
  EXPECT_EQ(client.ack.at("results").at(0).at("matched"), 4) << client.ack;
  for (int cut = 0; cut < 3; ++cut) {
    client.counts.clear();
    client.resumed.clear();
    client.connect_again();
    client.resume_all({{"frequency", 0}, {"depth", depth}});
    ASSERT_TRUE(client.follow([&] { return client.lines_with(5) == 8; })) << at.story();
    EXPECT_EQ(client.resumed.size(), 8u);
  }
  EXPECT_TRUE(client.failed.empty()) << client.failed.begin()->first << ": " << client.failed.begin()->second;
  EXPECT_TRUE(client.gaps.empty());
  expect_right(client, at, 4);
}

TEST(ResumedClient, IsToldWhyItCannotGoOn) {
  plant at;
  start(at, "    instruments: 1\n");
  const std::string stream = "SYNTHETIC:S000/BOOK";
  line_client client{at};
  subscribe_to_all(client, at, 2);
  const auto last = client.places[stream];
  const auto resume = [&](uint64_t epoch, uint64_t sequence) {
    client.connect_again();
    client.failed.clear();
    client.snapshots.clear();
    client.places = {{stream, {epoch, sequence}}};
    client.resume_all({{"frequency", 0}, {"depth", depth}});
    EXPECT_TRUE(client.follow([&] { return !client.snapshots.empty(); })) << at.story();
    return client.failed[stream];
  };
  EXPECT_EQ(resume(last.epoch - 1, last.sequence), "epoch");
  EXPECT_EQ(resume(last.epoch, last.sequence + 1'000'000), "ahead");
}

// docs/decisions/0013: each network loop has rings of its own, so that whoever comes back to another one may be told
// that it cannot go on; it is told, though, and begins anew with snapshots.
TEST(ResumedClient, MissesNothingSilentlyWhereItComesBackToAnotherLoop) {
  plant at;
  start(at, "    instruments: 3\n    hz: 20\n", "loops: {network: 2}\n");
  line_client client{at}, stays{at};
  subscribe_to_all(client, at, 6);
  connect(at); // connections are dealt out to the loops in turn: the one that stays is on the client's first
  subscribe_to_all(stays, at, 6);
  std::set<std::string> reasons;
  size_t went_on = 0, began_anew = 0;
  for (int cut = 0; cut < 6; ++cut) {
    client.disconnect();
    stays.counts.clear(); // each line goes on meanwhile
    ASSERT_TRUE(stays.follow([&] { return stays.lines_with(3) == 6; })) << at.story();
    if (cut % 2 == 1) connect(at); // not always to the other one
    client.counts.clear();
    client.resumed.clear();
    client.failed.clear();
    client.snapshots.clear();
    client.connect_again();
    client.resume_all({{"frequency", 0}, {"depth", depth}});
    ASSERT_TRUE(client.follow([&] { return client.lines_with(3) == 6; })) << at.story();
    EXPECT_EQ(client.resumed.size() + client.failed.size(), 6u) << "each line is told about";
    for (const auto& [stream, why] : client.failed) {
      reasons.insert(why);
      if (!stream.ends_with("/BOOK")) continue;
      EXPECT_EQ(std::count(client.snapshots.begin(), client.snapshots.end(), stream), 1) << stream;
    }
    went_on += client.resumed.size();
    began_anew += client.failed.size();
  }
  EXPECT_GT(began_anew, 0u) << "it never came to another loop";
  EXPECT_GT(went_on, 0u) << "it never came back to a loop";
  for (const auto& why : reasons) EXPECT_TRUE(why == "too old" || why == "unknown") << why;
  expect_right(client, at, 3);
  EXPECT_TRUE(stays.faults.empty()) << stays.faults.front();
}

TEST_P(ResumedClientOnItsLoop, KnowsWhatItMissedWhenAHubDied) {
  plant at;
  start(at, "    instruments: 3\n    hz: 50\n", loops() + "admin: {bind: \"127.0.0.1:0\", allow_kill: true}\n");
  const control ctl{admin_port(at.server())};
  line_client client{at};
  subscribe_to_all(client, at, 6);
  for (int death = 0; death < 2; ++death) {
    client.counts.clear();
    client.gaps.clear();
    const auto killed = ctl({"kill", "gateway/hub-0"});
    ASSERT_EQ(killed.code, 0) << killed.output;
    ASSERT_TRUE(client.follow([&] { return client.gaps.size() == 6; })) << at.story();
    client.counts.clear();
    ASSERT_TRUE(client.follow([&] { return client.lines_with(5) == 6; })) << at.story();
    for (const auto& [stream, count] : client.gaps) EXPECT_EQ(count, 1u) << stream;
  }
  for (const auto& [stream, count] : client.missed) EXPECT_GT(count, 0u) << stream;
  expect_right(client, at, 3);
  EXPECT_TRUE(client.socket().is_open());
}

INSTANTIATE_TEST_SUITE_P(Loops, ResumedClientOnItsLoop, both_feed_loops, feed_loops_name);

} // namespace
} // namespace tickplant::testing
