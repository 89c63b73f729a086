// The admin actor over the whole tree, stepped by hand: what it shows, and that a part which does not answer never
// hides the rest.
#include "actors/admin.hpp"
#include "actors/atoms.hpp"
#include "tests/support/spine_world.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace std::chrono_literals;
using namespace tickplant;
using namespace tickplant::tests;
using nlohmann::json;
using testing::HasSubstr;

namespace {

/// A loop that takes calls and never runs them.
class silent_loop final : public actors::actor_loop {
public:
  explicit silent_loop(caf::actor_system& system) : actor_loop(system, {}) {}
  void after(caf::timespan, std::function<void()>) override {}
  void post(std::function<void()> call) override { calls.push_back(std::move(call)); }
  uint64_t wall_ns() const override { return 0; }
  uint64_t monotonic_ns() const override { return 0; }
  std::vector<std::function<void()>> calls;

private:
  void wake() override {}
};

struct Admin : spine_world {
  actors::admin_setup setup;
  actors::admin_actor admin;
  std::unique_ptr<silent_loop> silent;
  std::vector<std::string> done;
  admin::reload_outcome outcome{"applied", "nothing to do", {}};
  actors::admin_services::reload_done pending;

  Admin() {
    setup.networks = {actors::view_of(
      *gateway, nullptr, [](uint32_t) { return std::string{"public"}; },
      [](fanout::client_key, admin::client_row& row) { row.subject = "alice"; })};
    setup.feeds = {actors::view_of(*feed)};
    setup.services.node = [this] { return caf::actor_cast<caf::strong_actor_ptr>(node); };
    setup.services.health = [] {
      return admin::health_view{"demo", "0.1", false, false, "starting", 0, {{"SCRIPT", {}, true, false}}};
    };
    setup.services.reload = [this](bool is_dry_run, actors::admin_services::reload_done to) {
      done.push_back(is_dry_run ? "dry run" : "reload");
      if (outcome.result.empty())
        pending = std::move(to); // never says what came of it
      else
        to(outcome);
    };
    setup.services.drain = [this]() -> std::string {
      done.push_back("drain");
      return done.size() > 1 ? "it drains already" : "";
    };
    setup.services.set_log_level = [](const std::string& component, const std::string& level) -> std::string {
      return level == "debug" && component == "venue" ? "" : "unknown level '" + level + "'";
    };
    setup.services.config = [] { return admin::config_view{"node: {}\n", {}, {2, 1, 1, 0, 0, "refused", "why"}}; };
  }

  void begin() {
    start({supervision::strategy::one_for_one, {5, 10s}, {100ms, 1s, 0.0}});
    admin = spawn_on(*loop, actors::admin_server, setup);
    keep(caf::actor_cast<caf::actor>(admin));
    run();
  }
  void TearDown() override {
    admin = nullptr;
    pending = nullptr;
    spine_world::TearDown();
    silent.reset();
  }

  admin::answer ask(admin::command wanted, caf::timespan time = caf::timespan{0}) {
    auto got = std::make_shared<std::optional<admin::answer>>();
    caf::anon_send(admin, actors::admin_query{std::move(wanted), "test", [got](admin::answer a) {
                                                EXPECT_FALSE(*got) << "answered twice";
                                                *got = std::move(a);
                                              }});
    run();
    if (time.count() > 0) advance(time);
    EXPECT_TRUE(*got) << "no answer";
    return got->value_or(admin::answer{});
  }
  json show(admin::verb what, std::string name = {}) {
    admin::command wanted;
    wanted.what = what;
    wanted.name = std::move(name);
    const auto a = ask(wanted);
    EXPECT_EQ(a.status, 200) << a.body;
    return json::parse(a.body, nullptr, false);
  }
  static json child(const json& of, const std::string& path) {
    const auto slash = path.find('/');
    for (const auto& c : of["children"])
      if (c["id"] == path.substr(0, slash)) return slash == std::string::npos ? c : child(c, path.substr(slash + 1));
    ADD_FAILURE() << "no " << path << " in " << of.dump();
    return {};
  }
  static admin::command command(admin::verb what, std::string name = {}) {
    admin::command c;
    c.what = what;
    c.name = std::move(name);
    return c;
  }
};

TEST_F(Admin, ShowsTheTreeDownToItsLeaves) {
  begin();
  connect(0);
  const auto tree = show(admin::verb::tree);
  EXPECT_EQ(tree["id"], "node");
  EXPECT_EQ(child(tree, "venues/SCRIPT/adapter")["kind"], "tp.venue_adapter");
  EXPECT_EQ(child(tree, "venues/SCRIPT/books/AAPL")["state"], "running");
  EXPECT_EQ(child(tree, "gateway/hub-0")["kind"], "tp.hub");
  EXPECT_EQ(child(tree, "gateway/hub-0")["mailbox"], 0);
  EXPECT_EQ(child(tree, "gateway/connections-0")["children"].size(), 1u);
  EXPECT_TRUE(tree["mailbox"].is_null()) << "the root is on the scheduler: not known";
}

TEST_F(Admin, CountsWhatWaitsInAMailbox) {
  begin();
  const auto hub = caf::actor_cast<actors::hub_actor>(find("gateway/hub-0"));
  // Behind the walk's last look at the hub, ahead of its own turn: the loop takes calls first.
  auto got = std::make_shared<std::string>();
  caf::anon_send(admin,
                 actors::admin_query{command(admin::verb::tree), "test", [got](admin::answer a) { *got = a.body; }});
  size_t most = 0;
  for (int i = 0; i < 1'000 && got->empty(); ++i) {
    for (int n = 0; n < 40; ++n) caf::anon_send(hub, actors::directory_news{});
    loop->step();
    while (scheduler().try_run_once()) {
    }
  }
  ASSERT_FALSE(got->empty());
  most = child(json::parse(*got), "gateway/hub-0")["mailbox"].get<size_t>();
  EXPECT_GE(most, 40u);
  run();
  EXPECT_EQ(child(show(admin::verb::tree), "gateway/hub-0")["mailbox"], 0) << "counting has not put the hub to sleep";
}

TEST_F(Admin, ShowsADeadChildUntilItIsBack) {
  begin();
  kill("venues/SCRIPT/adapter");
  auto adapter = child(show(admin::verb::tree), "venues/SCRIPT/adapter");
  EXPECT_EQ(adapter["state"], "restarting");
  EXPECT_THAT(adapter["last_error"].get<std::string>(), HasSubstr("kill"));
  const auto venue = show(admin::verb::venues, "SCRIPT");
  EXPECT_EQ(venue["state"], "restarting");
  EXPECT_EQ(venue["no answer"], true);
  advance(200ms);
  adapter = child(show(admin::verb::tree), "venues/SCRIPT/adapter");
  EXPECT_EQ(adapter["state"], "running");
  EXPECT_EQ(adapter["restarts"], 1);
  EXPECT_EQ(show(admin::verb::venues)["venues"][0]["restarts"], 1);
}

TEST_F(Admin, LimitsTheRowsOfATree) {
  begin();
  auto wanted = command(admin::verb::tree);
  wanted.limit = 1;
  const auto tree = json::parse(ask(wanted).body);
  EXPECT_EQ(tree["children"].size(), 1u);
  EXPECT_EQ(tree["left_out"], 2);
}

TEST_F(Admin, ShowsVenues) {
  begin();
  place("AAPL", TP_BID, 9'900);
  const auto venue = show(admin::verb::venues)["venues"][0];
  EXPECT_EQ(venue["name"], "SCRIPT");
  EXPECT_EQ(venue["state"], "running");
  EXPECT_EQ(venue["instruments"], 2);
  EXPECT_EQ(venue["books"], (json{{"live", 2}, {"awaiting", 0}, {"stale", 0}}));
  EXPECT_GE(venue["events"].get<int>(), 1);
  const auto lost = ask(command(admin::verb::venues, "NOPE"));
  EXPECT_EQ(lost.status, 404);
  EXPECT_THAT(lost.body, HasSubstr("there is: SCRIPT"));
}

TEST_F(Admin, ShowsClientsAndTheirSubscriptions) {
  begin();
  connect(0);
  connect(1);
  say(0, "+AAPL,MSFT");
  say(1, "+AAPL");
  advance(200ms);
  const auto clients = show(admin::verb::clients);
  EXPECT_EQ(clients["total"], 2);
  EXPECT_EQ(clients["clients"][0]["symbols"], 2);
  EXPECT_EQ(clients["clients"][0]["subject"], "alice");
  const auto rows = show(admin::verb::subscriptions, "AAPL");
  EXPECT_EQ(rows["subscriptions"][0]["symbol"], "SCRIPT:AAPL");
  EXPECT_EQ(rows["subscriptions"][0]["clients"], 2);
  EXPECT_EQ(rows["subscriptions"][0]["frequencies"][0]["subscriptions"], 2);
  EXPECT_EQ(ask(command(admin::verb::subscriptions, "NOPE")).status, 404);
}

TEST_F(Admin, AnswersWithoutALoopThatDoesNot) {
  silent = std::make_unique<silent_loop>(*system);
  auto view = setup.networks.front();
  view.name = "net-1";
  view.loop = silent.get();
  setup.networks.push_back(view);
  begin();
  connect(0);
  const auto answer = ask(command(admin::verb::clients), 3s);
  const auto shown = json::parse(answer.body);
  EXPECT_EQ(shown["total"], 1);
  EXPECT_EQ(shown["no answer"], json::array({"net-1"}));
  const auto metrics = ask(command(admin::verb::metrics), 3s);
  EXPECT_THAT(metrics.body, HasSubstr("tickplant_hub_clients{loop=\"net-0\"} 1"));
  EXPECT_THAT(metrics.body, Not(HasSubstr("tickplant_hub_clients{loop=\"net-1\"}")));
  silent->calls.clear();
}

TEST_F(Admin, KillsWhatAPathNames) {
  begin();
  const auto before = find("venues/SCRIPT/adapter");
  EXPECT_EQ(ask(command(admin::verb::kill, "venues/SCRIPT/adapter")).status, 200);
  advance(300ms);
  EXPECT_NE(find("venues/SCRIPT/adapter"), before);
  EXPECT_EQ(child(show(admin::verb::tree), "venues/SCRIPT/adapter")["restarts"], 1) << "its supervisor saw it";
  const auto lost = ask(command(admin::verb::kill, "venues/SCRIPT/nobody"));
  EXPECT_EQ(lost.status, 404);
  EXPECT_THAT(lost.body, AllOf(HasSubstr("venues/SCRIPT has no child 'nobody'"), HasSubstr("adapter")));
  EXPECT_EQ(ask(command(admin::verb::kill, "venues/SCRIPT/adapter/x")).status, 404);
  kill("venues/SCRIPT/adapter");
  EXPECT_THAT(ask(command(admin::verb::kill, "venues/SCRIPT/adapter")).body, HasSubstr("waits for its restart"));
  EXPECT_TRUE(node_end.empty());
}

TEST_F(Admin, PassesReloadsOnAndTellsWhatCameOfThem) {
  begin();
  auto dry = command(admin::verb::reload);
  dry.is_dry_run = true;
  outcome = {"planned", "restart venue nasdaq", {}};
  EXPECT_THAT(ask(dry).body, HasSubstr("restart venue nasdaq"));
  EXPECT_EQ(ask(command(admin::verb::config_diff)).status, 200);
  outcome = {"refused", {}, "a.yaml:1:2: no"};
  const auto refused = ask(command(admin::verb::reload));
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr("a.yaml:1:2: no"));
  outcome = {"rolled back", {}, "listener cannot bind"};
  EXPECT_EQ(ask(command(admin::verb::reload)).status, 500);
  outcome = {};
  EXPECT_EQ(ask(command(admin::verb::reload), 10s).status, 504);
  if (pending) pending({"applied", {}, {}}); // too late: nobody is told twice
  run();
  EXPECT_THAT(done, testing::ElementsAre("dry run", "dry run", "reload", "reload", "reload"));
  EXPECT_EQ(ask(command(admin::verb::rollback)).status, 501);
}

TEST_F(Admin, DrainsAndSetsLevels) {
  begin();
  EXPECT_EQ(ask(command(admin::verb::drain)).status, 200);
  const auto again = ask(command(admin::verb::drain));
  EXPECT_EQ(again.status, 409);
  EXPECT_THAT(again.body, HasSubstr("it drains already"));
  auto level = command(admin::verb::set_log, "venue");
  level.level = "debug";
  EXPECT_EQ(ask(level).status, 200);
  level.level = "loud";
  EXPECT_EQ(ask(level).status, 409);
}

TEST_F(Admin, TellsHealth) {
  begin();
  const auto health = show(admin::verb::health);
  EXPECT_EQ(health["venues"][0]["state"], "running");
  const auto ready = ask(command(admin::verb::ready));
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.body, "starting\n");
  EXPECT_EQ(ask(command(admin::verb::live)).status, 200);
}

TEST_F(Admin, PrintsMetricsOfEveryPart) {
  setup.services.add_metrics = [](telemetry::metrics_text& text) {
    text.add(telemetry::metric::auth_checked, {{"policy", "keys"}}, uint64_t{3});
  };
  begin();
  connect(0);
  kill("venues/SCRIPT/adapter");
  advance(300ms);
  std::string text;
  actors::ask_metrics(admin, [&](std::string got) { text = std::move(got); });
  run();
  for (const auto* line :
       {"tickplant_venue_restarts_total{venue=\"SCRIPT\"} 1",
        "tickplant_venue_state{venue=\"SCRIPT\",state=\"running\"} 1", "tickplant_hub_clients{loop=\"net-0\"} 1",
        "tickplant_feed_books{loop=\"feed-0\",state=\"live\"} 2",
        "tickplant_venue_books{venue=\"SCRIPT\",state=\"stale\"} 0", "tickplant_auth_checked_total{policy=\"keys\"} 3",
        "tickplant_config_reloads_refused_total 1", "tickplant_config_is_current 0", "tickplant_health_ready 0",
        "tickplant_supervision_restarts_total{kind=\"adapter\"} 1", "tickplant_process_resident_memory_bytes ",
        "caf_system_running_actors "})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST_F(Admin, SurvivesTheEndOfTheTree) {
  begin();
  setup.services.node = {};
  caf::anon_send_exit(node, caf::exit_reason::user_shutdown);
  advance(10s);
  node = nullptr;
  EXPECT_EQ(ask(command(admin::verb::tree)).status, 503);
  EXPECT_EQ(ask(command(admin::verb::clients)).status, 200);
}

} // namespace
