// The admin API over a real loop and socket: late answers, the token, and an end in the middle of a question.
#include "actors/admin.hpp"
#include "actors/atoms.hpp"
#include "actors/server.hpp"
#include "runtime/telemetry/log.hpp"
#include "runtime/tools/ctl/http_caller.hpp"

#include <caf/actor_registry.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <gmock/gmock.h>

#include <future>

using namespace tickplant;
using namespace tickplant::actors;
using testing::HasSubstr;

namespace {

struct AdminPort : testing::Test {
  system_config config;
  caf::actor_system system{config};
  net_loop loop{system}, other{system};
  admin_setup setup;
  admin_actor admin;
  std::string base;

  AdminPort() {
    telemetry::set_log_level(telemetry::level::off);
    setup.address = "127.0.0.1";
    setup.services.access = [] { return admin::access_rules{"s3cret", false}; };
    setup.services.health = [] { return admin::health_view{"demo", "0.1", true, false, {}, 0, {}}; };
  }
  void begin() {
    loop.start("tp.admin");
    other.start("tp.other");
    admin = spawn_on(loop, admin_server, setup);
    caf::scoped_actor self{system};
    self->request(admin, caf::infinite, atom::status_v)
      .receive([this](uint16_t port) { base = "http://127.0.0.1:" + std::to_string(port); },
               [](const caf::error& why) { ADD_FAILURE() << to_string(why); });
  }
  void end() {
    if (!admin) return;
    caf::anon_send_exit(admin, caf::exit_reason::user_shutdown);
    admin = nullptr;
    system.await_all_actors_done();
    loop.stop();
    other.stop();
  }
  ~AdminPort() override { end(); }

  ctl::http_reply ask(std::string_view method, const std::string& target, std::string token = "s3cret") {
    return ctl::make_caller(base, std::move(token), std::chrono::seconds{60})(method, target);
  }
};

TEST_F(AdminPort, AnswersOverHttp) {
  begin();
  EXPECT_EQ(ask("GET", "/health/live", "").body, "live\n");
  EXPECT_EQ(ask("GET", "/health/ready", "").status, 200);
  const auto metrics = ask("GET", "/metrics", "");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_THAT(metrics.body, AllOf(HasSubstr("tickplant_health_ready 1"), HasSubstr("caf_system_running_actors")));
  EXPECT_THAT(ask("GET", "/admin/health").body, HasSubstr("\"node\": \"demo\""));
  EXPECT_EQ(ask("GET", "/admin/tree").status, 503) << "there is no node here";
  EXPECT_EQ(ask("POST", "/admin/drain").status, 501);
}

TEST_F(AdminPort, RefusesOverHttp) {
  begin();
  EXPECT_EQ(ask("GET", "/admin/health", "").status, 401);
  EXPECT_EQ(ask("GET", "/admin/health", "wrong").status, 401);
  EXPECT_EQ(ask("GET", "/nothing").status, 404);
  EXPECT_EQ(ask("DELETE", "/admin/tree").status, 405);
  EXPECT_EQ(ask("POST", "/admin/kill?actor=x").status, 403);
}

TEST_F(AdminPort, LooksIntoOtherLoops) {
  network_view view;
  view.name = "net-0";
  view.loop = &other;
  view.clients = [this](bool, uint32_t) {
    EXPECT_TRUE(other.here());
    admin::client_list list;
    list.total = 3;
    return list;
  };
  view.counts = [] { return network_counts{}; };
  setup.networks = {view};
  begin();
  EXPECT_THAT(ask("GET", "/admin/clients").body, HasSubstr("\"total\": 3"));
}

TEST_F(AdminPort, SurvivesAViewThatThrows) {
  network_view view;
  view.name = "net-0";
  view.loop = &other;
  view.clients = [](bool, uint32_t) -> admin::client_list { throw std::runtime_error("no"); };
  setup.networks = {view};
  begin();
  EXPECT_THAT(ask("GET", "/admin/clients").body, HasSubstr("net-0"));
}

TEST_F(AdminPort, EndsWhileSomebodyWaits) {
  std::promise<void> asked;
  admin_services::reload_done later;
  setup.services.reload = [&](bool, admin_services::reload_done done) {
    later = std::move(done);
    asked.set_value();
  };
  begin();
  auto waiting = std::async(std::launch::async, [this] {
    try {
      return ask("POST", "/admin/config/reload").status;
    } catch (const ctl::unreachable&) {
      return 0;
    }
  });
  asked.get_future().wait();
  end();
  EXPECT_EQ(waiting.get(), 0);
  later({"applied", {}, {}}); // nobody is left to be told
}

TEST_F(AdminPort, ThatIsTakenEndsTheActorWithItsReason) {
  begin();
  auto second = setup;
  second.port = static_cast<uint16_t>(std::stoi(base.substr(base.rfind(':') + 1)));
  std::promise<std::string> why;
  auto late = spawn_on(loop, admin_server, second);
  caf::actor_cast<caf::strong_actor_ptr>(late)->get()->attach_functor(
    [&](const caf::error& e) { why.set_value(to_string(e)); });
  late = nullptr;
  EXPECT_THAT(why.get_future().get(), HasSubstr("127.0.0.1"));
}

} // namespace
