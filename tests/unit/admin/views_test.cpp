// The JSON of the admin API: names and types that programs read.
#include "runtime/admin/views.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace tickplant::admin;
using nlohmann::json;

namespace {

json parsed(const std::string& text) {
  return json::parse(text);
}

TEST(Views, ShowTheTreeWithItsChildren) {
  tree_row root{"node", "tp.supervisor", state::running, 0, {}, 3, {}, 0};
  root.children.push_back({"hub-0", "tp.hub", state::restarting, 2, "error(runtime_error)", std::nullopt, {}, 0});
  root.children.push_back({"connections-0", "tp.connections", state::no_answer, 0, {}, 0, {}, 12});
  const auto shown = parsed(to_json(root));
  EXPECT_EQ(shown["state"], "running");
  EXPECT_EQ(shown["mailbox"], 3);
  ASSERT_EQ(shown["children"].size(), 2u);
  EXPECT_EQ(shown["children"][0]["id"], "hub-0");
  EXPECT_EQ(shown["children"][0]["state"], "restarting");
  EXPECT_EQ(shown["children"][0]["restarts"], 2);
  EXPECT_EQ(shown["children"][0]["last_error"], "error(runtime_error)");
  EXPECT_TRUE(shown["children"][0]["mailbox"].is_null()) << "not known is not 0";
  EXPECT_EQ(shown["children"][1]["state"], "no answer");
  EXPECT_EQ(shown["children"][1]["left_out"], 12);
  EXPECT_FALSE(shown.contains("left_out"));
}

TEST(Views, ShowVenuesWithLinesAndGaps) {
  venue_row venue;
  venue.name = "NASDAQ";
  venue.plugin = "nasdaq 0.1.0";
  venue.state = "running";
  venue.instruments = 8'000;
  venue.events = UINT64_MAX;
  venue.gaps_seen = 3;
  venue.gaps_filled = 2;
  venue.breaker = {"open", 1'700'000'000'000'000'000, 1'700'000'030'000'000'000, 2};
  venue.lines_in_use = "backup";
  venue.recovery.stale = 4;
  venue.refusals = {{"bad_price", 5}};
  venue.lines.push_back({1, "a", "udp://127.0.0.1:26400", "up", {}, 1'700'000'000'123'000'000, 10, 20, 0, 0, 4, 0});
  venue.counters = {{"gaps.seen", 3}};
  const auto shown = parsed(to_json(std::vector<venue_row>{venue}))["venues"][0];
  EXPECT_EQ(shown["events"], UINT64_MAX);
  EXPECT_EQ(shown["gaps"]["seen"], 3);
  EXPECT_EQ(shown["gaps"]["filled"], 2);
  EXPECT_EQ(shown["breaker"]["state"], "open");
  EXPECT_EQ(shown["breaker"]["next_trial"], "2023-11-14T22:13:50.000Z");
  EXPECT_EQ(shown["breaker"]["openings"], 2);
  EXPECT_EQ(shown["lines_in_use"], "backup");
  EXPECT_EQ(shown["recovery"]["stale"], 4);
  EXPECT_EQ(shown["refused_by_reason"]["bad_price"], 5);
  EXPECT_EQ(shown["lines"][0]["state"], "up");
  EXPECT_EQ(shown["lines"][0]["since"], "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(shown["lines"][0]["kernel_drops"], 4);
  EXPECT_EQ(shown["counters"]["gaps.seen"], 3);
}

TEST(Views, SayThatAVenueDidNotAnswer) {
  venue_row venue;
  venue.name = "NASDAQ";
  venue.state = "no answer";
  venue.is_answered = false;
  const auto shown = parsed(to_json(venue));
  EXPECT_EQ(shown["no answer"], true);
  EXPECT_FALSE(shown.contains("events")) << "what is not known is not shown as 0";
}

TEST(Views, ShowClients) {
  client_list list;
  list.total = 5;
  list.unanswered = {"network loop 1"};
  client_row row;
  row.id = "0-1";
  row.peer = "127.0.0.1:5000";
  row.pending_bytes = 4'096;
  row.held_bytes = 12;
  row.slow_since = 1'700'000'000'000'000'000;
  row.is_tls = true;
  list.rows.push_back(row);
  const auto shown = parsed(to_json(list));
  EXPECT_EQ(shown["total"], 5);
  EXPECT_EQ(shown["shown"], 1);
  EXPECT_EQ(shown["no answer"], json::array({"network loop 1"}));
  EXPECT_EQ(shown["clients"][0]["slow_since"], "2023-11-14T22:13:20.000Z");
  EXPECT_TRUE(shown["clients"][0]["since"].is_null());
  EXPECT_EQ(shown["clients"][0]["tls"], true);
  EXPECT_EQ(shown["clients"][0]["pending_bytes"], 4'096);
  EXPECT_EQ(shown["clients"][0]["held_bytes"], 12);
  EXPECT_EQ(shown["clients"][0]["compressed"], false);
}

TEST(Views, ShowSubscriptionsPluginsConfigurationAndHealth) {
  const auto subscriptions =
    parsed(to_json(subscription_list{"AAPL", {{"NASDAQ:AAPL", 3, {{0, 1}, {100, 2}}, "ok"}}, {}}));
  EXPECT_EQ(subscriptions["subscriptions"][0]["clients"], 3);
  EXPECT_EQ(subscriptions["subscriptions"][0]["frequencies"][1]["period_ms"], 100);
  const auto plugins =
    parsed(to_json(std::vector<plugin_row>{{"venue", "nasdaq", "0.1", "b1", "1.2", "/p/nasdaq.so", "ab"}}));
  EXPECT_EQ(plugins["plugins"][0]["sha256"], "ab");
  config_view config;
  config.text = "node: {name: x}\n";
  config.files = {"/etc/a.yaml"};
  config.reload = {4, 2, 1, 1, 0, "refused", "a.yaml:1:2: no"};
  const auto shown = parsed(to_json(config));
  EXPECT_EQ(shown["config"], "node: {name: x}\n");
  EXPECT_EQ(shown["reload"]["attempts"], 4);
  EXPECT_TRUE(shown["reload"]["last"].is_null());
  const auto refused = parsed(to_json(reload_outcome{"refused", {}, "a.yaml:1:2: no"}));
  EXPECT_EQ(refused["error"], "a.yaml:1:2: no");
  EXPECT_FALSE(parsed(to_json(reload_outcome{"applied", "nothing", {}})).contains("error"));
  const auto health =
    parsed(to_json(health_view{"demo", "0.1", false, true, "leaving", 0, {{"NASDAQ", "running", true, true}}}));
  EXPECT_EQ(health["ready"], false);
  EXPECT_EQ(health["why not"], "leaving");
  EXPECT_EQ(health["venues"][0]["required"], true);
}

TEST(Views, SurviveTextThatIsNotUtf8) {
  venue_row venue;
  venue.last_error = "bad \xff byte and a \"quote\"\n";
  const auto shown = parsed(to_json(venue));
  EXPECT_EQ(shown["last_error"], "bad \xEF\xBF\xBD byte and a \"quote\"\n");
}

} // namespace
