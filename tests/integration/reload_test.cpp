// New configurations under the eyes of clients: what changes, what is refused, and that nobody else notices.
#include "support/feed_loops.hpp"
#include "support/http_client.hpp"
#include "support/http_sink.hpp"
#include "support/market_view.hpp"
#include "support/reloading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace tickplant::testing {
namespace {

using way = config_file::way;
using ::testing::ElementsAre;
using ::testing::PrintToString;

const std::vector<std::string> both_venues{"AAPL", "MSFT", "BTCUSDT", "ETHUSDT"};
constexpr size_t many = TP_IS_SANITIZED ? 200 : 1000, few = 5;
constexpr uint64_t some_updates = 8; // two of each symbol and more

const std::string side_listener = "  - {name: side, bind: \"127.0.0.1:0\", routes: {/ws: hft}, auth: visitors}\n";
std::string visitors(const std::string& symbols) {
  return "auth: {visitors: {plugin: anonymous, tier: small}}\ntiers: {small: {symbols: " + symbols + "}}\n";
}

/// The text without everything from the last `mark` on.
std::string cut_before(const std::string& text, const std::string& mark) {
  return text.substr(0, text.rfind(mark));
}

std::string replaced(std::string text, const std::string& old, const std::string& by) {
  return text.replace(text.find(old), old.size(), by);
}

/// The text with other words between the first pair of quotes that begins within `mark`.
std::string with_quoted(std::string text, const std::string& mark, const std::string& by) {
  const auto begin = text.find('"', text.find(mark)) + 1;
  return text.replace(begin, text.find('"', begin) - begin, by);
}

class Reload : public WithFeedLoops {
protected:
  static settings_text settings(int max_symbols = 100) {
    settings_text made;
    made.feed_loops = GetParam();
    made.max_symbols = max_symbols;
    return made;
  }
};

/// Twenty reloads in turn, good ones and bad ones, and the clients that watch.
class Twenty : public Reload {
protected:
  // Each good text has a limit of its own, which shows whose settings are in force.
  void good(const std::string& name, way how, const std::function<void()>& shows = {}) {
    SCOPED_TRACE("good: " + name);
    now_.max_symbols = now_.max_symbols == 8 ? 4 : now_.max_symbols + 1;
    ASSERT_EQ(world_.apply(now_, how), "");
    ASSERT_NO_FATAL_FAILURE(look());
    if (shows) shows();
    ++done_;
  }

  void bad(const std::string& name, way how, const std::string& text, const std::vector<std::string>& words) {
    SCOPED_TRACE("bad: " + name);
    ASSERT_EQ(world_.refuse(text, how, words), "");
    ASSERT_NO_FATAL_FAILURE(look());
    ++done_;
  }

  /// What a bad text is made of: other settings than those in force, which must not show.
  std::string other(const std::function<void(settings_text&)>& change = {}) {
    auto made = now_;
    made.max_symbols = 3;
    if (change) change(made);
    return world_.text(made);
  }

  std::string place() { return world_.file().path() + ":"; }
  uint16_t port() { return world_.whole().port(); }
  child_process& server() { return world_.whole().server(); }

  void look() {
    ASSERT_EQ(granted_symbols(port()).size(), static_cast<size_t>(now_.max_symbols)) << world_.story();
    ASSERT_EQ(clients_.fault_after(some_updates), "") << world_.story();
  }

  settings_text now_ = settings(8);
  reloading world_{now_};
  watchful_swarm clients_{world_.whole().port(), many, both_venues};
  http_sink collector_;
  const taken_tcp_port taken_;
  int done_ = 0;
};

// Issue 3: 20 reloads in a row under 1,000 clients at 10 Hz.
TEST_P(Twenty, ReloadsGoodAndBadInTurnAreNotNoticedByTheClients) {
  using text = settings_text;
  uint16_t side = 0;
  size_t blocked = 0;

  good("a limit", way::in_place);
  bad("truncated in a quoted text", way::in_place, cut_before(other(), "0.1:0\""), {place(), "not YAML"});
  now_.log = "rate: 100000, format: json";
  good("the log's format", way::rename,
       [&] { EXPECT_EQ(server().newest_line("reload (file change): applied").substr(0, 1), "{"); });
  bad("wrong type", way::rename, replaced(other(), "max_symbols: 3", "max_symbols: many"),
      {place(), "limits.max_symbols"});
  now_.log = "rate: 100000";
  now_.more_listeners = side_listener;
  now_.more = visitors("[AAPL]");
  good("a listener, a policy and a tier", way::rename, [&] {
    side = world_.added_port("side");
    EXPECT_THAT(granted_symbols(side), ElementsAre("AAPL"));
  });
  bad("unknown key", way::in_place, replaced(other(), "max_symbols:", "max_symbol:"),
      {place(), "limits.max_symbol: unknown key, did you mean 'max_symbols'"});
  now_.more = visitors("[AAPL, MSFT]");
  good("a tier's symbols", way::link_swap, [&] { EXPECT_THAT(granted_symbols(side), ElementsAre("AAPL", "MSFT")); });
  bad("half-written", way::in_place, cut_before(other(), "}\n"), {place(), "not YAML"});
  now_.more += "telemetry: {otlp: \"" + collector_.url() + "\", sample: 1/10}\n";
  good("the other half, with traces", way::in_place,
       [&] { EXPECT_TRUE(eventually([&] { return collector_.requests() > 0; })) << world_.story(); });
  bad("a link to a broken file", way::link_swap, other([](text& t) { t.log = "level: loud"; }), {place(), "log.level"});
  now_.public_more = "    origins: [\"https://good.example\"]\n";
  good("an origin", way::link_swap, [&] {
    EXPECT_EQ(handshake_status(port(), {"Origin: https://evil.example"}), 403u);
    EXPECT_EQ(handshake_status(port(), {"Origin: https://good.example"}), 101u);
    blocked = server().count_lines("Blocked connection");
    EXPECT_EQ(blocked, 1u);
  });
  const auto taken = "127.0.0.1:" + std::to_string(taken_.number());
  bad("a port in use", way::rename,
      other([&](text& t) { t.more_listeners += "  - {name: more, bind: \"" + taken + "\", routes: {/ws: hft}}\n"; }),
      {place(), taken});
  now_.log = "rate: 100000, levels: {gateway: error}";
  good("the level of a log component", way::rename,
       [&] { EXPECT_EQ(handshake_status(port(), {"Origin: https://evil.example"}), 403u); });
  bad("a plugin that is not there", way::rename,
      replaced(other(), "listeners:", "  moon: {plugin: lunar_exchange}\nlisteners:"), {place(), "lunar_exchange"});
  EXPECT_EQ(server().count_lines("Blocked connection"), blocked) << "warnings of the gateway are off";
  now_.more_listeners.clear();
  good("the listener goes", way::rename,
       [&] { EXPECT_TRUE(eventually([&] { return handshake_status(side) == 0; })) << "it still serves"; });
  bad("an empty file", way::in_place, "", {world_.file().path(), "listeners"});
  now_.more = visitors("[AAPL, MSFT]") + "telemetry: {otlp: \"" + collector_.url() + "\", sample: 0}\n";
  good("sampling off", way::in_place);
  bad("what only a restart changes", way::rename, replaced(other(), "network: 1", "network: 2"), {"loops.network"});
  now_ = settings(8);
  good("everything as at first", way::rename,
       [&] { EXPECT_EQ(handshake_status(port(), {"Origin: https://evil.example"}), 101u); });
  bad("what the plugin refuses", way::rename, with_quoted(other(), "a: \"udp", "udp://nowhere"),
      {place(), "venues.nasdaq.lines.a"});

  EXPECT_EQ(done_, 20);
  EXPECT_EQ(clients_.fault_after(some_updates), "");
}

/// A client of Binance's symbols that has all their data, with everything it has been told.
struct follower {
  explicit follower(reloading& world) : client(connect(world.whole())) {
    client->send(subscribe(binance_symbols));
    if (!view.follow_entries(*client, binance_symbols)) throw std::runtime_error("no data\n" + world.story());
  }
  std::unique_ptr<ws_client> client;
  market_view view;
};

/// The code with which SUBSCRIBE of a symbol is answered, 0 when it is granted or may yet come.
int code_of(ws_client& client, const std::string& symbol) {
  client.send(subscribe({symbol}, {{"requestId", symbol}}));
  // When nothing is granted the ERROR is all the answer; one without requestId tells of what was asked for earlier.
  const auto answer = client.wait_for([&](const nlohmann::json& body) {
    return body.value("requestId", "") == symbol && (body.contains("results") || body.value("type", "") == "ERROR");
  });
  if (!answer) return -1;
  const auto& body = answer->body;
  return (body.contains("results") ? body["results"].at(0) : body).value("code", 0);
}

TEST_P(Reload, RemovedVenueEndsItsStreamsAndComesBackWhenAdded) {
  auto now = settings();
  reloading world{now};
  watchful_swarm others{world.whole().port(), few, {"AAPL", "MSFT"}};
  follower mine{world};

  now.with_binance = false;
  ASSERT_EQ(world.apply(now), "");
  ASSERT_TRUE(mine.view.follow(*mine.client, [&] { return mine.view.all_have_status(binance_symbols, "closed"); }))
    << PrintToString(mine.view.statuses("BTCUSDT")) << world.story();
  EXPECT_EQ(code_of(*mine.client, "BTCUSDT"), 4306) << world.story();
  EXPECT_TRUE(eventually([&] { return http_get(world.whole().port(), "/health/ready").status == 200; }))
    << "it waits for a venue that is not wanted";
  ASSERT_EQ(others.fault_after(some_updates), "") << world.story();

  now.with_binance = true;
  ASSERT_EQ(world.apply(now), "");
  world.whole().wait_ready();
  ASSERT_TRUE(eventually([&] { return code_of(*mine.client, "BTCUSDT") == 0; })) << world.story();
  ASSERT_TRUE(mine.view.follow_entries(*mine.client, {"BTCUSDT"}, 3)) << world.story();
  EXPECT_EQ(others.fault_after(some_updates), "") << world.story();
}

TEST_P(Reload, ChangedVenueIsRestartedAlone) {
  auto now = settings();
  reloading world{now};
  watchful_swarm others{world.whole().port(), few, {"AAPL", "MSFT"}};
  follower mine{world};

  now.binance_more = "    silence: 30s\n";
  ASSERT_EQ(world.apply(now), "");
  const auto was_interrupted = [&] {
    const auto& told = mine.view.statuses("BTCUSDT");
    return std::any_of(told.begin(), told.end(), [](const auto& s) { return s == "stale" || s == "recovering"; });
  };
  ASSERT_TRUE(mine.view.follow(*mine.client, was_interrupted)) << world.story();
  ASSERT_TRUE(mine.view.follow(*mine.client, [&] { return mine.view.all_have_status(binance_symbols, "ok"); }))
    << world.story();
  ASSERT_TRUE(mine.view.follow_entries(*mine.client, binance_symbols, 3)) << world.story();
  EXPECT_EQ(others.fault_after(some_updates), "") << world.story();
}

TEST_P(Reload, SymbolThatIsTakenOffTheListEndsAlone) {
  auto now = settings();
  reloading world{now};
  watchful_swarm others{world.whole().port(), few, {"AAPL", "MSFT"}};
  follower mine{world};

  now.binance_more = "    symbols: [BTCUSDT]\n";
  ASSERT_EQ(world.apply(now), "");
  ASSERT_TRUE(mine.view.follow(*mine.client, [&] { return mine.view.status("ETHUSDT") == "closed"; }))
    << PrintToString(mine.view.statuses("ETHUSDT")) << world.story();
  EXPECT_EQ(code_of(*mine.client, "ETHUSDT"), 4306);
  ASSERT_TRUE(mine.view.follow_entries(*mine.client, {"BTCUSDT"}, 3)) << world.story();
  EXPECT_EQ(others.fault_after(some_updates), "") << world.story();
}

TEST_P(Reload, AddedListenerServesAndIsDrainedWhenRemoved) {
  auto now = settings();
  reloading world{now};
  watchful_swarm others{world.whole().port(), few, both_venues};
  for (size_t round = 0; round < 2; ++round) {
    now.more_listeners = "  - {name: side, bind: \"127.0.0.1:0\", routes: {/ws: hft}}\n";
    ASSERT_EQ(world.apply(now), "");
    const auto side = world.added_port("side", round);
    ws_client mine{side};
    mine.send(subscribe(both_venues));
    market_view view;
    ASSERT_TRUE(view.follow_entries(mine, both_venues)) << world.story();

    now.more_listeners.clear();
    ASSERT_EQ(world.apply(now), "");
    const auto closed = mine.wait_closed();
    ASSERT_TRUE(closed) << "it was not sent away\n" << world.story();
    EXPECT_EQ(closed->code, 4200);
    EXPECT_TRUE(eventually([&] { return handshake_status(side) == 0; })) << "it still serves";
    ASSERT_EQ(others.fault_after(some_updates), "") << world.story();
  }
}

TEST_P(Reload, WhatNeedsARestartOfTheProcessIsRefusedAsAWhole) {
  auto now = settings(5);
  reloading world{now};
  watchful_swarm others{world.whole().port(), few, both_venues};
  now.max_symbols = 7;
  const auto two_changes = replaced(world.text(now), "network: 1", "network: 3");
  ASSERT_EQ(world.refuse(two_changes, way::rename, {"loops.network", "restart"}), "");
  EXPECT_EQ(granted_symbols(world.whole().port()).size(), 5u);
  EXPECT_EQ(others.fault_after(some_updates), "");
}

TEST_P(Reload, ByTheSignalAloneWhenFilesAreNotWatched) {
  auto now = settings(5);
  now.more = "reload: {watch: false}\n";
  reloading world{now};
  watchful_swarm others{world.whole().port(), few, both_venues};
  now.max_symbols = 6;
  ASSERT_EQ(world.apply_by_signal(now), "");
  EXPECT_EQ(granted_symbols(world.whole().port()).size(), 6u);
  ASSERT_EQ(world.refuse_by_signal("listeners: [\n", {world.file().path() + ":", "not YAML"}), "");
  EXPECT_EQ(granted_symbols(world.whole().port()).size(), 6u);
  EXPECT_EQ(world.whole().server().count_lines("reload (file change)"), 0u);
  EXPECT_EQ(others.fault_after(some_updates), "");
}

INSTANTIATE_TEST_SUITE_P(Loops, Twenty, both_feed_loops, feed_loops_name);
INSTANTIATE_TEST_SUITE_P(Loops, Reload, both_feed_loops, feed_loops_name);

} // namespace
} // namespace tickplant::testing
