// The view inside: tickplantctl against a server that runs, what it shows and what it changes.
#include "support/control.hpp"
#include "support/feed_loops.hpp"
#include "support/http_client.hpp"
#include "support/market_view.hpp"
#include "support/metrics_page.hpp"
#include "support/reloading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

namespace tickplant::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int good = 0, refused = 1, usage = 2, not_reachable = 3, not_ready = 4;

settings_text with_admin(const std::string& more_of_admin = {}) {
  settings_text made;
  made.with_binance = false;
  made.public_more = "    auth: visitors\n    metrics: true\n";
  made.more = "auth: {visitors: {plugin: anonymous, subject: visitor}}\nreload: {watch: false}\n"
              "admin: {bind: \"127.0.0.1:0\"" +
              more_of_admin + "}\n";
  return made;
}

/// A plant whose files are not watched: a change is for tickplantctl to apply.
struct overseen {
  explicit overseen(const settings_text& first = with_admin(), const std::vector<std::string>& words = {})
    : world(first), ctl(admin_port(world.whole().server()), words) {
    wait_ready();
  }
  /// Also by the admin API, which learns of it a little later than the listener.
  void wait_ready() {
    if (!eventually([&] { return http_get(admin(), "/health/ready").status == 200; }))
      throw std::runtime_error("the server is not ready:\n" + world.story());
  }
  uint16_t port() { return world.whole().port(); }
  uint16_t admin() { return admin_port(world.whole().server()); }

  reloading world;
  control ctl;
};

TEST(Control, TellsByItsCodeHowTheServerIs) {
  const control nobody{taken_tcp_port{}.number()};
  EXPECT_EQ(nobody({"status"}).code, not_reachable);
  EXPECT_EQ(nobody({"statuss"}).code, usage);

  plant whole{plant::venues::nasdaq};
  whole.start_server("admin: {bind: \"127.0.0.1:0\"}\n");
  const control ctl{admin_port(whole.server())};
  program_outcome early;
  // The loops tell the admin API of themselves now and then.
  EXPECT_TRUE(eventually([&] {
    early = ctl({"status"});
    return early.output.find("NASDAQ has not told its symbols yet") != std::string::npos;
  }))
    << early.output;
  EXPECT_EQ(early.code, not_ready);
  EXPECT_EQ(http_get(admin_port(whole.server()), "/health/ready").status, 503u);
  whole.start_simulator();
  whole.wait_ready();
  EXPECT_TRUE(eventually([&] { return ctl({"status"}).code == good; })) << ctl({"status"}).output << whole.story();
  const auto venues = ctl.ask({"venues"});
  ASSERT_EQ(venues.at("venues").size(), 1u) << venues;
  EXPECT_EQ(venues["venues"][0].at("name"), "NASDAQ");
  EXPECT_GT(venues["venues"][0].at("instruments").get<uint64_t>(), 0u);
  EXPECT_EQ(ctl({"venues", "LUNAR"}).code, refused);
  const auto plugins = ctl.ask({"plugins"});
  EXPECT_THAT(plugins.dump(), HasSubstr("\"name\":\"nasdaq\""));
  EXPECT_EQ(plugins.at("plugins").at(0).at("sha256").get<std::string>().size(), 64u);
}

class ControlledVenue : public WithFeedLoops {};

TEST_P(ControlledVenue, IsKilledWhereThatIsAllowedAndComesBack) {
  auto settings = with_admin();
  settings.feed_loops = GetParam();
  overseen world{settings};
  const auto client = connect(world.world.whole());
  client->send(subscribe({"AAPL"}));
  market_view view;
  ASSERT_TRUE(view.follow_entries(*client, {"AAPL"})) << world.world.story();
  const auto adapter = [&] {
    const auto tree = world.ctl.ask({"tree"});
    const auto* row = find_actor(tree, "venues/NASDAQ/adapter");
    return row ? *row : json{{"state", "not there"}, {"restarts", -1}};
  };
  EXPECT_EQ(adapter().at("state"), "running");
  EXPECT_EQ(adapter().at("restarts"), 0);

  const auto denied = world.ctl({"kill", "venues/NASDAQ/adapter"});
  EXPECT_EQ(denied.code, refused);
  EXPECT_THAT(denied.output, HasSubstr("admin.allow_kill"));
  EXPECT_EQ(adapter().at("restarts"), 0);

  settings.more = with_admin(", allow_kill: true").more;
  world.world.file().rename_over(world.world.text(settings));
  const auto allowed = world.ctl({"config", "reload"});
  ASSERT_EQ(allowed.code, good) << allowed.output;
  EXPECT_EQ(world.ctl({"kill", "venues/LUNAR/adapter"}).code, refused);
  ASSERT_EQ(world.ctl({"kill", "venues/NASDAQ/adapter"}).code, good);
  EXPECT_TRUE(eventually([&] {
    const auto now = adapter();
    return now.at("restarts") == 1 && now.at("state") == "running";
  }))
    << adapter() << world.world.story();
  EXPECT_FALSE(adapter().at("last_error").get<std::string>().empty());
  const auto was_interrupted = [&] {
    const auto& told = view.statuses("AAPL");
    return std::find(told.begin(), told.end(), "stale") != told.end();
  };
  ASSERT_TRUE(view.follow(*client, [&] { return was_interrupted() && view.status("AAPL") == "ok"; }))
    << world.world.story();
  EXPECT_TRUE(view.follow_entries(*client, {"AAPL"}, 2)) << world.world.story();
  EXPECT_TRUE(client->is_open());
}

INSTANTIATE_TEST_SUITE_P(Loops, ControlledVenue, both_feed_loops, feed_loops_name);

TEST(Control, ShowsWhoIsThereAndWhatHeLooksAt) {
  overseen world;
  EXPECT_EQ(world.ctl.ask({"clients"}).at("total"), 0);
  const auto client = connect(world.world.whole());
  client->send(subscribe({"AAPL", "MSFT"}, {{"frequency", 250}}));
  ASSERT_TRUE(client->wait_for_type("MARKET_DATA")) << world.world.story();
  const auto clients = world.ctl.ask({"clients"});
  ASSERT_EQ(clients.at("clients").size(), 1u) << clients;
  const auto& row = clients["clients"][0];
  EXPECT_EQ(row.at("subject"), "visitor");
  EXPECT_EQ(row.at("listener"), "public");
  EXPECT_EQ(row.at("dialect"), "hft");
  EXPECT_EQ(row.at("symbols"), 2);
  EXPECT_EQ(row.at("compressed"), false);
  EXPECT_EQ(world.ctl.ask({"clients", "--slow"}).at("total"), 0);
  EXPECT_THAT(world.ctl({"clients"}).output, HasSubstr("visitor"));
  const auto looked_at = world.ctl.ask({"subscriptions", "NASDAQ:AAPL"}).at("subscriptions");
  ASSERT_EQ(looked_at.size(), 1u) << looked_at;
  EXPECT_EQ(looked_at[0].at("clients"), 1);
  EXPECT_EQ(looked_at[0].at("frequencies"), json({{{"period_ms", 250}, {"subscriptions", 1}}}));
}

TEST(Control, NeedsTheTokenAndNeverShowsIt) {
  const scratch_folder folder;
  const std::string token = "a-token-of-the-tests";
  const auto file = folder.write("token", token + "\n");
  namespace fs = std::filesystem;
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  overseen world{with_admin(", token_file: \"" + file + '"'), {"--token-file", file}};
  const control stranger{world.admin()};
  EXPECT_EQ(stranger({"status"}).code, refused);
  EXPECT_EQ(stranger({"--token", "another", "tree"}).code, refused);
  EXPECT_EQ(http_get(world.admin(), "/admin/tree").status, 401u);
  EXPECT_EQ(http_get(world.admin(), "/health/live").status, 200u);
  EXPECT_EQ(world.ctl({"status"}).code, good);

  const auto shown = world.ctl({"config", "show"});
  EXPECT_EQ(shown.code, good);
  EXPECT_THAT(shown.output, HasSubstr("admin.token: ***"));
  EXPECT_THAT(shown.output, Not(HasSubstr(token)));
  EXPECT_THAT(world.ctl({"--json", "config", "show"}).output, Not(HasSubstr(token)));
  EXPECT_THAT(world.world.story(), Not(HasSubstr(token)));
}

TEST(Control, ShowsAppliesAndTakesBackAChange) {
  auto now = with_admin();
  now.max_symbols = 3;
  overseen world{now};
  const auto most = [&] { return granted_symbols(world.port()).size(); };
  ASSERT_EQ(most(), 3u);
  EXPECT_EQ(world.ctl({"config", "rollback"}).code, refused) << "there is nothing to go back to";

  now.max_symbols = 5;
  world.world.file().rename_over(world.world.text(now));
  const auto diff = world.ctl({"config", "diff"});
  EXPECT_EQ(diff.code, good);
  EXPECT_THAT(diff.output, HasSubstr("limits.max_symbols"));
  EXPECT_EQ(world.ctl({"config", "reload", "--dry-run"}).code, good);
  EXPECT_EQ(most(), 3u) << "a look has changed something";
  const auto applied = world.ctl.ask({"config", "reload"});
  EXPECT_EQ(applied.at("result"), "applied");
  EXPECT_EQ(most(), 5u);

  world.world.file().rename_over("limits: {max_symbols: many}\n");
  const auto broken = world.ctl({"config", "reload"});
  EXPECT_EQ(broken.code, refused);
  EXPECT_THAT(broken.output, HasSubstr(world.world.file().path() + ":1:"));
  EXPECT_EQ(most(), 5u);
  EXPECT_EQ(world.ctl({"config", "check", world.world.file().path()}).code, refused);

  const auto back = world.ctl({"config", "rollback"});
  EXPECT_EQ(back.code, good) << back.output;
  EXPECT_EQ(most(), 3u);
  const auto reloads = world.ctl.ask({"config", "show"}).at("reload");
  EXPECT_EQ(reloads.at("refused").get<int>(), 2) << reloads; // the broken one, and the way back to nowhere
}

TEST(Control, DrainSendsClientsAwayAndTakesNoNewOnes) {
  overseen world;
  const auto client = connect(world.world.whole());
  client->send(subscribe({"AAPL"}));
  ASSERT_TRUE(client->wait_for_type("MARKET_DATA")) << world.world.story();
  ASSERT_EQ(world.ctl({"drain"}).code, good);
  EXPECT_TRUE(client->wait_for_type("SHUTDOWN")) << world.world.story();
  const auto closed = client->wait_closed();
  ASSERT_TRUE(closed) << world.world.story();
  EXPECT_EQ(closed->code, 4200);
  EXPECT_TRUE(eventually([&] { return http_get(world.admin(), "/health/ready").status == 503; }));
  EXPECT_NE(http_get(world.port(), "/health/ready").status, 200u);
  EXPECT_THROW((ws_client{world.port()}), std::runtime_error);
  const auto status = world.ctl({"status"});
  EXPECT_EQ(status.code, not_ready);
  EXPECT_THAT(status.output, HasSubstr("draining"));
  EXPECT_TRUE(world.world.whole().server().is_running());
}

TEST(Metrics, OfEitherPortAreWellFormedAndCountClients) {
  overseen world;
  for (const auto port : {world.admin(), world.port()}) {
    const auto before = metrics_page{http_get(port, "/metrics").body};
    EXPECT_EQ(before.sum("tickplant_client_open_connections"), 0);
  }
  const auto client = connect(world.world.whole());
  client->send(subscribe({"AAPL"}));
  ASSERT_TRUE(client->wait_for_type("MARKET_DATA")) << world.world.story();
  for (const auto port : {world.admin(), world.port()}) {
    const auto answer = http_get(port, "/metrics");
    ASSERT_EQ(answer.status, 200u);
    EXPECT_THAT(answer.fields.at("content-type"), HasSubstr("text/plain"));
    const metrics_page page{answer.body};
    EXPECT_THAT(page.faults, ::testing::IsEmpty());
    EXPECT_EQ(page.sum("tickplant_client_open_connections"), 1);
    EXPECT_EQ(page.sum("tickplant_hub_clients"), 1);
    EXPECT_EQ(page.sum("tickplant_health_ready"), 1);
    EXPECT_GT(page.sum("tickplant_venue_events_total"), 0);
    EXPECT_GT(page.sum("tickplant_hub_frames_total"), 0);
    EXPECT_THAT(answer.body, HasSubstr("caf_"));
    EXPECT_THAT(answer.body, Not(HasSubstr("AAPL"))) << "labels are to be bounded";
  }
}

TEST(Logs, InJsonAreOneObjectALine) {
  auto wanted = with_admin();
  wanted.log = "rate: 100000, format: json, level: debug";
  wanted.public_more += "    origins: [\"https://good.example\"]\n";
  reloading world{wanted};
  connect_options foreign;
  foreign.fields["Origin"] = "https://evil.example/\"quoted\\\t\"";
  EXPECT_THROW((ws_client{world.whole().port(), foreign}), handshake_refused);
  auto& server = world.whole().server();
  EXPECT_TRUE(server.wait_for_line("code=4002")) << world.story();
  EXPECT_EQ(server.stop(), 0);
  std::istringstream lines{server.output()};
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto body = json::parse(line, nullptr, false);
    ASSERT_TRUE(body.is_object()) << line;
    for (const auto* key : {"ts", "level", "component", "msg"}) EXPECT_TRUE(body.contains(key)) << line;
  }
  EXPECT_GT(count, 5);
}

} // namespace
} // namespace tickplant::testing
