// S0-15: a venue that keeps failing is suspended, tried, and comes back; nothing else notices. Its second group of
// lines, and what becomes of its gaps. The whole tree, stepped by hand.
#include "actors/admin.hpp"
#include "actors/atoms.hpp"
#include "runtime/telemetry/log.hpp"
#include "tests/support/spine_world.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace std::chrono_literals;
using namespace tickplant;
using namespace tickplant::tests;
using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

namespace {

struct VenueHealth : spine_world {
  actors::admin_actor admin;

  VenueHealth() {
    care.breaker = {3, 60s, 10s, 60s, 5s, 0.0};
    care.lines = {30s, 0s};
  }

  void begin() {
    start({supervision::strategy::one_for_one, {5, 10s}, {100ms, 1s, 0.0}});
    actors::admin_setup setup;
    setup.services.node = [this] { return caf::actor_cast<caf::strong_actor_ptr>(node); };
    admin = spawn_on(*loop, actors::admin_server, setup);
    keep(caf::actor_cast<caf::actor>(admin));
    run();
    quote_both();
    connect(0);
    say(0, "+AAPL,MSFT");
    advance(200ms);
    got(0);
  }
  void TearDown() override {
    admin = nullptr;
    spine_world::TearDown();
  }

  admin::answer ask(admin::verb what, std::string name = {}, std::string group = {}) {
    auto got = std::make_shared<admin::answer>();
    admin::command wanted;
    wanted.what = what;
    wanted.name = std::move(name);
    wanted.group = std::move(group);
    caf::anon_send(admin,
                   actors::admin_query{std::move(wanted), "test", [got](admin::answer a) { *got = std::move(a); }});
    run();
    return *got;
  }
  json venue() { return json::parse(ask(admin::verb::venues, "SCRIPT").body, nullptr, false); }
  double metric(const std::string& series) {
    const auto text = '\n' + ask(admin::verb::metrics).body;
    const auto at = text.find('\n' + series + ' ');
    return at == std::string::npos ? -1 : std::stod(text.substr(at + series.size() + 2));
  }
  void kill_adapter() {
    kill("venues/SCRIPT/adapter");
    advance(1s);
  }
  /// Three deaths open it.
  void open_breaker() {
    for (int i = 0; i < 3; ++i) kill_adapter();
  }
  std::string reason(uint32_t id = 0) { return gateway->hub_now()->state_of(model::instrument_id{id})->reason; }
  tp_stream lost(uint32_t state, uint64_t from = 0, uint64_t to = 0, uint32_t instrument = TP_ALL) {
    return {sizeof(tp_stream), 0, instrument, state, from, to, sdk::to_tp("a hole")};
  }
};

TEST_F(VenueHealth, SuspendsAVenueThatKeepsDyingTriesItAndCloses) {
  begin();
  const auto supervisor = find("venues/SCRIPT");
  kill_adapter();
  kill_adapter();
  EXPECT_EQ(venue()["breaker"]["state"], "closed");
  kill_adapter();
  EXPECT_TRUE(worlds.empty());
  auto row = venue();
  EXPECT_EQ(row["state"], "suspended");
  EXPECT_EQ(row["breaker"]["state"], "open");
  EXPECT_EQ(row["breaker"]["openings"], 1);
  EXPECT_TRUE(row["breaker"]["next_trial"].is_string());
  EXPECT_EQ(metric("tickplant_venue_breaker_state{venue=\"SCRIPT\",state=\"open\"}"), 1);
  EXPECT_EQ(metric("tickplant_venue_breaker_openings_total{venue=\"SCRIPT\"}"), 1);
  advance(8s);
  EXPECT_TRUE(worlds.empty()) << "left alone";
  advance(2s);
  EXPECT_EQ(worlds.size(), 1u) << "the trial";
  EXPECT_EQ(venue()["breaker"]["state"], "half-open");
  advance(10s);
  EXPECT_EQ(venue()["breaker"]["state"], "closed");
  EXPECT_EQ(find("venues/SCRIPT"), supervisor) << "nothing has escalated";
  EXPECT_TRUE(node_end.empty());
  EXPECT_TRUE(is_connected(0));
  got(0);
  place("AAPL", TP_BID, 9950);
  advance(100ms);
  EXPECT_THAT(got(0), Contains(HasSubstr("AAPL=100.25")));
}

TEST_F(VenueHealth, TellsClientsWhyTheirStreamsAreStale) {
  begin();
  open_breaker();
  EXPECT_THAT(got(0), Contains("status AAPL2 MSFT2"));
  EXPECT_THAT(reason(), StartsWith("venue SCRIPT is suspended until 20"));
  const auto trusted = [&] { return gateway->hub_now()->state_of(model::instrument_id{0})->state; };
  EXPECT_EQ(trusted(), book::trust::stale);
  kill("venues/SCRIPT/books/AAPL"); // its successor is no better off
  advance(1s);
  EXPECT_THAT(reason(), StartsWith("venue SCRIPT is suspended until 20"));
  advance(20s);
  EXPECT_EQ(trusted(), book::trust::ok);
  EXPECT_EQ(reason(), "");
}

TEST_F(VenueHealth, SuspendsLongerAfterAFailedTrial) {
  begin();
  open_breaker();
  script_exchange::get().breaks_at_start = true;
  advance(10s);
  EXPECT_EQ(venue()["breaker"]["openings"], 2) << "the trial has failed";
  script_exchange::get().breaks_at_start = false;
  advance(17s);
  EXPECT_TRUE(worlds.empty()) << "20 s this time";
  advance(4s);
  EXPECT_EQ(worlds.size(), 1u);
}

TEST_F(VenueHealth, IsTriedAtOnceByAnOperator) {
  begin();
  EXPECT_EQ(ask(admin::verb::retry, "SCRIPT").status, 409) << "it runs";
  EXPECT_EQ(ask(admin::verb::retry, "NOPE").status, 404);
  open_breaker();
  const auto answer = ask(admin::verb::retry, "SCRIPT");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(venue()["breaker"]["state"], "closed");
  advance(1ms);
  EXPECT_EQ(worlds.size(), 1u);
  advance(200ms);
  EXPECT_THAT(got(0), Contains("status AAPL1 MSFT1"));
}

TEST_F(VenueHealth, SurvivesTwentyDeathsOfEveryPartWithoutEscalation) {
  begin();
  for (int i = 0; i < 20; ++i)
    for (const auto* part : {"venues/SCRIPT/adapter", "venues/SCRIPT/books", "venues/SCRIPT"}) {
      if (const auto victim = find(part)) kill(victim);
      advance(200ms);
    }
  EXPECT_TRUE(node_end.empty()) << node_end;
  EXPECT_TRUE(is_connected(0));
  EXPECT_EQ(venue()["state"], "suspended");
  advance(5min);
  got(0);
  place("AAPL", TP_BID, 9950);
  advance(200ms);
  EXPECT_THAT(got(0), Contains(HasSubstr("AAPL=100.25"))) << "and comes back";
}

TEST_F(VenueHealth, CountsAVenueWithoutALineThatIsUpAsFailed) {
  script_exchange::get().opens_a_line = true;
  care.breaker.period = 5min;
  begin();
  set_line(1, TP_LINE_UP);
  advance(5min);
  EXPECT_EQ(script_exchange::get().instances, 1u);
  set_line(1, TP_LINE_FAILED);
  advance(28s);
  EXPECT_EQ(script_exchange::get().instances, 1u);
  advance(4s);
  EXPECT_EQ(script_exchange::get().instances, 2u) << "started anew";
  advance(70s); // the next two never come up
  EXPECT_EQ(venue()["breaker"]["openings"], 1);
}

TEST_F(VenueHealth, CountsALossThatNoRecoveryEndsAsFailed) {
  care.recovery_limit = 20s;
  begin();
  script_exchange::get().answers_nothing = true;
  stream(lost(TP_STREAM_LOST, 5, 9));
  EXPECT_EQ(metric("tickplant_venue_open_gaps{venue=\"SCRIPT\"}"), 1);
  advance(18s);
  EXPECT_EQ(script_exchange::get().instances, 1u);
  advance(4s);
  EXPECT_EQ(script_exchange::get().instances, 2u);
  EXPECT_EQ(metric("tickplant_venue_gap_outcomes_total{venue=\"SCRIPT\",outcome=\"stale\"}"), 1);
  EXPECT_EQ(metric("tickplant_venue_open_gaps{venue=\"SCRIPT\"}"), 0) << "its successor has none";
}

// ---- two groups of lines ----

struct VenueLines : VenueHealth {
  VenueLines() {
    care.groups = {true, 2, supervision::way_back::by_operator, 60s};
    care.breaker.failures = 5;
  }
  std::vector<std::string> lines() { return script_exchange::get().lines; }
};

TEST_F(VenueLines, TakesTheBackupAfterFailuresInARow) {
  begin();
  EXPECT_EQ(venue()["lines_in_use"], "primary");
  kill_adapter();
  kill_adapter();
  EXPECT_THAT(lines(), ElementsAre("primary", "primary", "backup"));
  EXPECT_EQ(venue()["lines_in_use"], "backup");
  EXPECT_EQ(metric("tickplant_venue_lines_in_use{venue=\"SCRIPT\",group=\"backup\"}"), 1);
  EXPECT_EQ(metric("tickplant_venue_line_switches_total{venue=\"SCRIPT\"}"), 1);
  place("AAPL", TP_BID, 9950);
  advance(200ms);
  EXPECT_THAT(got(0), Contains(HasSubstr("AAPL=100.25")));
}

TEST_F(VenueLines, ForgetsFailuresAfterATimeOfHealth) {
  begin();
  kill_adapter();
  advance(10s);
  kill_adapter();
  EXPECT_THAT(lines(), ElementsAre("primary", "primary", "primary"));
}

TEST_F(VenueLines, GoesBackAtTheNextRestartIfItIsToldTo) {
  care.groups.back = supervision::way_back::restart;
  begin();
  kill_adapter();
  kill_adapter();
  kill_adapter();
  EXPECT_THAT(lines(), ElementsAre("primary", "primary", "backup", "primary"));
}

TEST_F(VenueLines, GoesBackAfterATimeOfHealthWithoutAFailure) {
  care.groups.back = supervision::way_back::after;
  begin();
  kill_adapter();
  kill_adapter();
  advance(50s);
  EXPECT_EQ(venue()["lines_in_use"], "backup");
  advance(15s);
  EXPECT_THAT(lines(), ElementsAre("primary", "primary", "backup", "primary"));
  EXPECT_TRUE(is_connected(0));
}

TEST_F(VenueLines, ChangesByAnOperator) {
  begin();
  EXPECT_EQ(ask(admin::verb::use_lines, "SCRIPT", "primary").status, 409) << "in use already";
  EXPECT_EQ(ask(admin::verb::use_lines, "SCRIPT", "other").status, 409);
  EXPECT_EQ(ask(admin::verb::use_lines, "SCRIPT", "backup").status, 200);
  advance(1s);
  EXPECT_THAT(lines(), ElementsAre("primary", "backup"));
  EXPECT_EQ(ask(admin::verb::use_lines, "SCRIPT", "primary").status, 200);
  advance(1s);
  EXPECT_THAT(lines(), ElementsAre("primary", "backup", "primary"));
  EXPECT_EQ(venue()["breaker"]["openings"], 0) << "no failures";
}

TEST_F(VenueLines, TakesTheBackupWhenTheBreakerOpens) {
  care.groups.failures = 100;
  care.breaker.failures = 3;
  begin();
  open_breaker();
  EXPECT_EQ(ask(admin::verb::use_lines, "SCRIPT", "backup").status, 409) << "nobody is there to be told";
  advance(12s);
  EXPECT_THAT(lines(), ElementsAre("primary", "primary", "primary", "backup"));
}

// ---- gaps ----

TEST_F(VenueHealth, EndsAGapThatWasFilled) {
  begin();
  stream(lost(TP_STREAM_GAP, 5, 9));
  EXPECT_EQ(metric("tickplant_venue_open_gaps{venue=\"SCRIPT\"}"), 1);
  stream(lost(TP_STREAM_LIVE));
  EXPECT_EQ(metric("tickplant_venue_open_gaps{venue=\"SCRIPT\"}"), 0);
  EXPECT_EQ(metric("tickplant_venue_gap_outcomes_total{venue=\"SCRIPT\",outcome=\"filled\"}"), 1);
  EXPECT_EQ(metric("tickplant_venue_gap_duration_seconds_count{venue=\"SCRIPT\"}"), 1);
  EXPECT_EQ(venue()["last_error"], "") << "it is no error";
}

TEST_F(VenueHealth, EndsAGapBySnapshotAndTellsTheReasonMeanwhile) {
  begin();
  script_exchange::get().has_snapshots = false;
  stream(lost(TP_STREAM_LOST, 5, 9));
  EXPECT_THAT(got(0), Contains("status AAPL2 MSFT2"));
  EXPECT_EQ(reason(), "a hole");
  EXPECT_EQ(metric("tickplant_venue_open_gaps{venue=\"SCRIPT\"}"), 1);
  script_exchange::get().has_snapshots = true;
  advance(10s);
  EXPECT_EQ(metric("tickplant_venue_open_gaps{venue=\"SCRIPT\"}"), 0);
  EXPECT_EQ(metric("tickplant_venue_gap_outcomes_total{venue=\"SCRIPT\",outcome=\"snapshot\"}"), 1);
  EXPECT_EQ(venue()["recovery"]["limited"], 1);
}

TEST_F(VenueHealth, ResynchronisesOnlyTheInstrumentsThatAreTouched) {
  begin();
  stream(lost(TP_STREAM_LOST, 5, 9, 1));
  const auto seen = got(0);
  EXPECT_THAT(seen, Not(Contains(HasSubstr("AAPL"))));
  EXPECT_EQ(venue()["last_error"], "channel 0 instrument 1 (MSFT) lost 5..9: a hole");
  advance(1s);
  EXPECT_EQ(metric("tickplant_venue_gap_outcomes_total{venue=\"SCRIPT\",outcome=\"snapshot\"}"), 1);
  EXPECT_EQ(script_exchange::get().asked, 1u);
}

TEST_F(VenueHealth, EndsTheLossOfAChannelByTheSnapshotsOfItsSingleBooks) {
  care.recovery_limit = 20s;
  care.recovery.timeout_ns = 5'000'000'000;
  begin();
  script_exchange::get().answers_one_by_one = true;
  stream(lost(TP_STREAM_LOST, 5, 9));
  advance(1s);
  EXPECT_EQ(metric("tickplant_venue_gap_outcomes_total{venue=\"SCRIPT\",outcome=\"snapshot\"}"), 1);
  EXPECT_EQ(venue()["recovery"]["running"], 0) << "nothing is asked for any more";
  advance(40s);
  EXPECT_EQ(script_exchange::get().asked, 1u) << "nor again, when the time of the request is over";
  EXPECT_EQ(script_exchange::get().instances, 1u) << "nor is the channel taken for lost";
}

TEST_F(VenueHealth, AsksAgainForASnapshotThatNeverEnds) {
  care.recovery.timeout_ns = 5'000'000'000;
  care.recovery_limit = 0s;
  begin();
  script_exchange::get().answers_nothing = true;
  stream(lost(TP_STREAM_LOST, 5, 9));
  EXPECT_EQ(script_exchange::get().asked, 1u);
  advance(7s);
  EXPECT_EQ(script_exchange::get().asked, 2u);
  EXPECT_EQ(venue()["recovery"]["timeouts"], 1);
  script_exchange::get().answers_nothing = false;
  advance(12s);
  EXPECT_EQ(script_exchange::get().asked, 3u) << "twice as long";
  EXPECT_EQ(metric("tickplant_venue_gap_outcomes_total{venue=\"SCRIPT\",outcome=\"snapshot\"}"), 1);
}

TEST_F(VenueHealth, CountsWhatBooksRefuseByReason) {
  begin();
  EXPECT_EQ(metric("tickplant_venue_refused_events_total{venue=\"SCRIPT\",reason=\"bad_price\"}"), 0);
  place("AAPL", TP_BID, -5);
  EXPECT_EQ(metric("tickplant_venue_refused_events_total{venue=\"SCRIPT\",reason=\"bad_price\"}"), 1);
}

TEST_F(VenueHealth, LogsAReasonForRefusalsOnceAndAgainAtTenTimesAsMany) {
  begin();
  const auto told_after = [&](int orders) {
    testing::internal::CaptureStderr();
    telemetry::set_log_level(telemetry::level::warning);
    for (int i = 0; i < orders; ++i) place("AAPL", TP_BID, -5);
    advance(2s);
    telemetry::set_log_level(telemetry::level::off);
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_THAT(told_after(1), HasSubstr("venue SCRIPT: books have refused events: bad_price 1"));
  EXPECT_THAT(told_after(8), Not(HasSubstr("refused")));
  EXPECT_THAT(told_after(1), HasSubstr("bad_price 10"));
}

} // namespace
