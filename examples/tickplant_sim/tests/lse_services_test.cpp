#include "tickplant_sim/lse/london_clock.hpp"
#include "tickplant_sim/tests/lse_services.hpp"

namespace tickplant::sim::lse {
namespace {

using namespace std::chrono_literals;

class LseServices : public testing::TestWithParam<protocol> {};
INSTANTIATE_TEST_SUITE_P(Protocols, LseServices, testing::Values(protocol::mitch, protocol::gtp));

TEST_P(LseServices, LetKnownCompIdsIn) {
  services at{GetParam()};
  auto client = at.connect(service_kind::replay);
  at.log_in(*client);
  EXPECT_EQ(at.login_status(*client), 'A');
  EXPECT_FALSE(client->is_over());
}

TEST_P(LseServices, TellMitchClientsNothingAndGtpClientsWhyTheyAreUnknown) {
  services at{GetParam()};
  auto client = at.connect(service_kind::recovery);
  at.log_in(*client, "NOBODY");
  EXPECT_EQ(at.login_status(*client), GetParam() == protocol::gtp ? 'f' : '?');
  EXPECT_TRUE(client->is_over());
}

TEST(LseMitchServices, RefuseAWrongPasswordAndALockedCompId) {
  service_rules rules;
  rules.accounts[1].locked = true;
  services at{protocol::mitch, rules};
  auto wrong = at.connect(service_kind::replay), locked = at.connect(service_kind::replay);
  at.log_in(*wrong, "TICK01", "guess");
  at.log_in(*locked, "TICK02");
  EXPECT_EQ(at.login_status(*wrong), 'e');
  EXPECT_EQ(at.login_status(*locked), 'a');
  EXPECT_TRUE(wrong->is_over() && locked->is_over());
}

TEST_P(LseServices, AllowOneConnectionPerCompIdAndEndASecondLogin) {
  services at{GetParam()};
  auto first = at.connect(service_kind::replay), second = at.connect(service_kind::replay);
  at.log_in(*first);
  EXPECT_EQ(at.login_status(*first), 'A');
  at.now += 1s;
  at.log_in(*second);
  EXPECT_EQ(at.login_status(*second), 'd');
  EXPECT_TRUE(second->is_over());
  EXPECT_FALSE(first->is_over());
  // The other service is open to it in MITCH, but not in GTP.
  auto other = at.connect(service_kind::recovery);
  at.now += 1s;
  at.log_in(*other);
  EXPECT_EQ(at.login_status(*other), GetParam() == protocol::gtp ? 'd' : 'A');
  at.log_in(*first);
  EXPECT_TRUE(first->is_over());
  EXPECT_EQ(at.counts.second_logins, 1u);
  auto third = at.connect(service_kind::replay);
  at.now += 1s;
  at.log_in(*third);
  EXPECT_EQ(at.login_status(*third), 'A');
}

TEST_P(LseServices, IgnoreWhatComesBeforeTheLoginIsAnswered) {
  services at{GetParam()};
  auto client = at.connect(service_kind::replay);
  const auto ask = [&] {
    if (at.name == protocol::gtp)
      at.say(*client, [](gtp_encoder& e) { e.replay_request(1, 2, 3); });
    else
      at.say(*client, [](mitch_encoder& e) { e.replay_request('A', 1, 2); });
  };
  ask();
  at.log_in(*client);
  ask();
  EXPECT_EQ(at.login_status(*client), 'A');
  EXPECT_EQ(at.counts.ignored, 2u);
  ask();
  EXPECT_GE(at.hear(*client).size(), 3u);
}

TEST_P(LseServices, EndConnectionsThatKeepSilent) {
  services at{GetParam()};
  auto mute = at.connect(service_kind::replay), idle = at.connect(service_kind::replay);
  at.log_in(*idle);
  EXPECT_EQ(at.login_status(*idle), 'A');
  at.now += 4'999ms;
  at.hear_bytes(*mute);
  at.hear_bytes(*idle);
  EXPECT_FALSE(mute->is_over() || idle->is_over());
  at.now += 1ms;
  at.hear_bytes(*mute);
  at.hear_bytes(*idle);
  EXPECT_TRUE(mute->is_over() && idle->is_over());
  EXPECT_EQ(at.counts.timeouts, 2u);
}

TEST_P(LseServices, RefuseLoginsAndRequestsBeyondTheDaysLimits) {
  service_rules rules;
  rules.logins_a_day = 2;
  rules.replays_a_day = 1;
  services at{GetParam(), rules};
  const auto ask = [&](conversation& client) {
    if (at.name == protocol::gtp)
      at.say(client, [](gtp_encoder& e) { e.replay_request(1, 1, 9); });
    else
      at.say(client, [](mitch_encoder& e) { e.replay_request('A', 1, 1); });
  };
  std::string logins, requests;
  for (int i = 0; i < 4; ++i) {
    if (i == 3) at.desk.begin_day();
    auto client = at.connect(service_kind::replay);
    at.now += 10s;
    at.log_in(*client);
    logins += at.login_status(*client);
    if (client->is_over()) continue;
    ask(*client);
    const auto heard = at.hear(*client);
    ASSERT_GE(heard.size(), 1u);
    requests += static_cast<char>(heard[0].bytes[at.name == protocol::gtp ? 11 : 9]);
  }
  EXPECT_EQ(logins, "AAbA");
  EXPECT_EQ(requests, "ADA");
  EXPECT_EQ(at.counts.beyond_limits, 2u);
}

TEST_P(LseServices, LetQuickLoginsWaitLongerAndLonger) {
  services at{GetParam()};
  std::vector<std::chrono::milliseconds> waits;
  for (int i = 0; i < 4; ++i) {
    auto client = at.connect(service_kind::replay);
    at.log_in(*client);
    auto waited = 0ms;
    while (at.hear_bytes(*client).empty() && waited < 10s) {
      waited += 1ms;
      at.now += 1ms;
    }
    waits.push_back(waited);
  }
  EXPECT_EQ(waits, (std::vector<std::chrono::milliseconds>{0ms, 100ms, 200ms, 400ms}));
}

TEST_P(LseServices, CloseOnBytesThatAreNoUnits) {
  services at{GetParam()};
  auto short_unit = at.connect(service_kind::replay), long_unit = at.connect(service_kind::replay),
       broken = at.connect(service_kind::replay);
  short_unit->receive(byte_buffer{3, 0, 1, 'A', 0, 0, 0, 0}, at.now);
  long_unit->receive(byte_buffer{0xFF, 0xFF, 1, 'A', 0, 0, 0, 0}, at.now);
  broken->receive(byte_buffer{10, 0, 1, 'A', 0, 0, 0, 0, 200, 200}, at.now);
  EXPECT_TRUE(short_unit->is_over() && long_unit->is_over() && broken->is_over());
  EXPECT_EQ(at.counts.malformed, 3u);
}

TEST_P(LseServices, TakeRequestsInPieces) {
  services at{GetParam()};
  auto client = at.connect(service_kind::replay);
  message_buffer login;
  if (at.name == protocol::gtp)
    gtp_encoder{login}.login_request("TICK02");
  else
    mitch_encoder{login}.login_request("TICK02", "mit_1234");
  byte_buffer bytes;
  append_admin_units(login, ' ', bytes);
  for (const auto byte : bytes) {
    EXPECT_TRUE(at.hear_bytes(*client).empty());
    client->receive(std::span{&byte, 1}, at.now);
  }
  EXPECT_EQ(at.login_status(*client), 'A');
}

TEST_P(LseServices, RefuseAndDelayAtTheirRates) {
  service_fault_rates rates;
  rates.refuse = 0.25;
  rates.delay = 40ms;
  service_rules rules;
  rules.logins_a_day = rules.recoveries_a_day = 1'000'000;
  services at{GetParam(), rules, rates};
  int refused_logins = 0, refused = 0, asked = 0, delayed = 0;
  for (int i = 0; i < 400; ++i) {
    auto client = at.connect(service_kind::recovery);
    at.now += 1s;
    at.log_in(*client);
    delayed += at.hear_bytes(*client).empty() ? 1 : 0;
    at.now += 100ms;
    if (at.login_status(*client) != 'A') {
      EXPECT_TRUE(client->is_over());
      ++refused_logins;
      continue;
    }
    ++asked;
    if (at.name == protocol::gtp)
      at.say(*client, [](gtp_encoder& e) {
        gtp::recovery_request request;
        request.instrument = 10'101;
        e.recovery_request(request);
      });
    else
      at.say(*client, [](mitch_encoder& e) { e.snapshot_request(0, {}, 10'101); });
    at.now += 100ms;
    const auto heard = at.hear(*client);
    ASSERT_FALSE(heard.empty());
    const char status = static_cast<char>(heard[0].bytes[at.name == protocol::gtp ? 11 : 10]);
    refused += status == (at.name == protocol::gtp ? 'e' : 'U') ? 1 : 0;
  }
  EXPECT_EQ(delayed, 400);
  EXPECT_NEAR(refused_logins, 100, 40);
  EXPECT_NEAR(refused, asked / 4, 40);
  EXPECT_EQ(at.faults.counts().refused, static_cast<std::uint64_t>(refused + refused_logins));
}

TEST_P(LseServices, CutConnectionsInMidMessage) {
  service_fault_rates rates;
  rates.cut = 1;
  services at{GetParam(), {}, rates};
  auto client = at.connect(service_kind::replay);
  at.log_in(*client);
  const auto whole = unit_header_bytes + (at.name == protocol::gtp ? 4u : 3u);
  const auto bytes = at.hear_bytes(*client);
  EXPECT_GE(bytes.size(), 1u);
  EXPECT_LT(bytes.size(), whole);
  EXPECT_TRUE(client->is_over());
  EXPECT_EQ(at.faults.counts().cut, 1u);
}

TEST_P(LseServices, HaveNoFaultsWhileTheyAreSwitchedOff) {
  service_fault_rates rates;
  rates.refuse = rates.cut = rates.stale = 1;
  run_state state;
  state.faults_on = false;
  services at{GetParam(), {}, rates, state};
  auto client = at.connect(service_kind::recovery);
  at.log_in(*client);
  EXPECT_EQ(at.login_status(*client), 'A');
}

TEST(LondonClock, HasSummerTime) {
  // 2025-03-30 and 2025-10-26 at 01:00 UTC.
  EXPECT_EQ(london_offset_s(1'743'296'399), 0);
  EXPECT_EQ(london_offset_s(1'743'296'400), 3600);
  EXPECT_EQ(london_offset_s(1'761'440'399), 3600);
  EXPECT_EQ(london_offset_s(1'761'440'400), 0);
  EXPECT_EQ(london_day_ns(1'754'550'000'123'456'789), 8 * 3'600'000'000'000ull + 123'456'789);
  EXPECT_EQ(london_day_ns(1'000'000'000, -3600), 82'801'000'000'000ull);
}

} // namespace
} // namespace tickplant::sim::lse
