// What people see of the admin API.
#include "runtime/tools/ctl/tables.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace tickplant::ctl;
using nlohmann::json;
using testing::HasSubstr;

namespace {

TEST(Tables, AlignTextLeftAndNumbersRight) {
  EXPECT_EQ(table({"NAME", "COUNT"}, {{"a", "5"}, {"longer", "12345"}, {"b", "-"}}), "NAME    COUNT\n"
                                                                                     "a           5\n"
                                                                                     "longer  12345\n"
                                                                                     "b           -\n");
}

TEST(Tables, CountCharactersAndNotBytes) {
  EXPECT_EQ(table({"A", "B"}, {{"é", "x"}, {"ab", "y"}}), "A   B\né   x\nab  y\n");
}

TEST(Tables, IndentTheTree) {
  const auto tree =
    json::parse(R"({"id":"node","state":"running","restarts":0,"last_error":"","mailbox":null,"children":[
    {"id":"gateway","state":"running","restarts":2,"last_error":"error x","mailbox":null,"children":[
      {"id":"hub-0","state":"restarting","restarts":3,"last_error":"kill","mailbox":7,"children":[]}],"left_out":9}]
})");
  EXPECT_EQ(show_tree(tree), "ACTOR         STATE       RESTARTS  MAILBOX  LAST ERROR\n"
                             "node          running            0        -  -\n"
                             "  gateway     running            2        -  error x\n"
                             "    hub-0     restarting         3        7  kill\n"
                             "    (9 more)\n");
}

TEST(Tables, ShowStatus) {
  const auto shown = show_status(json::parse(
    R"({"node":"demo","version":"1","ready":false,"draining":true,"why not":"starting","started":null,"venues":[{"name":"NASDAQ","state":"running","required":true,"ready":false}]})"));
  EXPECT_THAT(shown, HasSubstr("not ready: starting (draining)"));
  EXPECT_THAT(shown, HasSubstr("NASDAQ  running  yes       no\n"));
}

TEST(Tables, ShowVenuesAsAListAndAlone) {
  const auto venue = json::parse(
    R"({"name":"NASDAQ","plugin":"nasdaq 1","state":"running","last_error":"","restarts":1,"instruments":3,"books":{"awaiting":0,"live":2,"stale":1},"live_orders":0,"events":9,"refused":0,"resynchronisations":0,"gaps":{"seen":2,"filled":1,"lost":0},"recovery":{"open":0,"filled":1,"snapshot":0,"stale":6},"breaker":{"state":"open","since":null,"next_trial":"T1","openings":1},"lines_in_use":"backup","refused_by_reason":{"bad_price":7,"bad_side":0},"lines":[{"name":"a","address":"udp://1","state":"up","units":5,"bytes":50,"kernel_drops":0,"why":""}],"counters":{"messages.A":4}})");
  EXPECT_THAT(show_venues(json{{"venues", json::array({venue})}}),
              AllOf(HasSubstr("NASDAQ  running  open until T1  backup         1            3  2 of 3           9"),
                    HasSubstr("STALE")));
  const auto alone = show_venues(venue);
  EXPECT_THAT(alone, AllOf(HasSubstr("gaps seen"), HasSubstr("books stale"), HasSubstr("a     udp://1  up"),
                           HasSubstr("messages.A"), HasSubstr("recovery stale"), HasSubstr("refused bad_price"),
                           HasSubstr("breaker openings"), Not(HasSubstr("bad_side"))));
  EXPECT_THAT(show_venues(json::parse(R"({"name":"X","state":"no answer","no answer":true})")), HasSubstr("no answer"));
}

TEST(Tables, ShowClientsAndWhoDidNotAnswer) {
  const auto shown = show_clients(json::parse(
    R"({"total":3,"shown":1,"no answer":["net-1"],"clients":[{"id":"0-1","peer":"127.0.0.1:5","subject":"","symbols":4}]})"));
  EXPECT_THAT(shown, AllOf(HasSubstr("0-1"), HasSubstr("3 clients, 1 shown\n"), HasSubstr("no answer from: net-1\n")));
}

TEST(Tables, KeepControlCharactersFromTheTerminal) {
  const auto shown = show_clients(json{{"clients", json::array({{{"id", "x\x1b[31m\r\n"}, {"peer", "\x7f"}}})}});
  EXPECT_THAT(shown, Not(HasSubstr("\x1b")));
  EXPECT_EQ(std::count(shown.begin(), shown.end(), '\n'), 3) << "heads, a row, the sum";
  EXPECT_THAT(show_outcome(json{{"result", "planned"}, {"plan", "a\nb\x1b"}}), HasSubstr("a\nb \nplanned\n"));
}

TEST(Tables, SurviveWhatIsNotThere) {
  for (const auto* text :
       {"null", "{}", "[]", "3", R"("x")", R"({"venues":3,"children":"x","clients":{},"plugins":[1]})"}) {
    const auto odd = json::parse(text);
    for (auto* show : {show_status, show_tree, show_venues, show_clients, show_subscriptions, show_plugins, show_config,
                       show_outcome})
      EXPECT_NO_THROW(show(odd)) << text;
  }
}

} // namespace
