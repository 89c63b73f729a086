// The admin API's addresses (protocol.md 7.7): who may ask for what, and what is said to those who ask wrongly.
#include "runtime/admin/routes.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace tickplant::admin;
using testing::HasSubstr;

namespace {

struct Routes : testing::Test {
  access_rules who;
  std::string authorization;

  std::variant<command, answer> ask(std::string_view method, std::string_view target) {
    tickplant::net::http_request request;
    request.method = method;
    request.target = target;
    const auto mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
    if (!authorization.empty()) request.fields.push_back({"authorization", authorization});
    return judge(request, who);
  }
  command fine(std::string_view method, std::string_view target) {
    const auto judged = ask(method, target);
    if (const auto* c = std::get_if<command>(&judged)) return *c;
    ADD_FAILURE() << method << ' ' << target << " was refused: " << std::get<answer>(judged).body;
    return {};
  }
  answer wrong(std::string_view method, std::string_view target) {
    const auto judged = ask(method, target);
    if (const auto* a = std::get_if<answer>(&judged)) {
      const auto body = nlohmann::json::parse(a->body);
      EXPECT_FALSE(body.at("error").get<std::string>().empty());
      EXPECT_FALSE(body.at("what to do").get<std::string>().empty());
      return *a;
    }
    ADD_FAILURE() << method << ' ' << target << " was taken";
    return {};
  }
};

TEST_F(Routes, KnowEveryAddress) {
  who.allow_kill = true;
  const std::vector<std::tuple<const char*, const char*, verb>> all{
    {"GET", "/admin/tree", verb::tree},
    {"GET", "/admin/venues", verb::venues},
    {"GET", "/admin/venues/NASDAQ", verb::venues},
    {"GET", "/admin/clients", verb::clients},
    {"GET", "/admin/subscriptions?symbol=AAPL", verb::subscriptions},
    {"GET", "/admin/plugins", verb::plugins},
    {"GET", "/admin/config", verb::config},
    {"GET", "/admin/config/diff", verb::config_diff},
    {"GET", "/admin/health", verb::health},
    {"POST", "/admin/config/reload", verb::reload},
    {"POST", "/admin/config/rollback", verb::rollback},
    {"POST", "/admin/drain", verb::drain},
    {"POST", "/admin/log?level=debug", verb::set_log},
    {"POST", "/admin/kill?actor=gateway/hub-0", verb::kill},
    {"POST", "/admin/venue/retry?venue=NASDAQ", verb::retry},
    {"POST", "/admin/venue/lines?venue=NASDAQ&group=backup", verb::use_lines},
    {"GET", "/health/live", verb::live},
    {"GET", "/health/ready", verb::ready},
    {"GET", "/metrics", verb::metrics},
    {"HEAD", "/metrics", verb::metrics},
  };
  for (const auto& [method, target, what] : all) EXPECT_EQ(fine(method, target).what, what) << target;
}

TEST_F(Routes, ReadTheirWords) {
  who.allow_kill = true;
  EXPECT_EQ(fine("GET", "/admin/venues").name, "");
  EXPECT_EQ(fine("GET", "/admin/venues/NASDAQ").name, "NASDAQ");
  EXPECT_EQ(fine("GET", "/admin/subscriptions?symbol=NASDAQ%3AAAPL").name, "NASDAQ:AAPL");
  EXPECT_EQ(fine("POST", "/admin/kill?actor=venues%2FNASDAQ/adapter").name, "venues/NASDAQ/adapter");
  const auto log = fine("POST", "/admin/log?component=venue+NASDAQ&level=debug");
  EXPECT_EQ(log.name, "venue NASDAQ");
  EXPECT_EQ(log.level, "debug");
  EXPECT_TRUE(fine("GET", "/admin/clients?slow=1").only_slow);
  EXPECT_FALSE(fine("GET", "/admin/clients?slow=0").only_slow);
  EXPECT_TRUE(fine("POST", "/admin/config/reload?dry_run=true").is_dry_run);
  EXPECT_FALSE(fine("POST", "/admin/config/reload").is_dry_run);
  EXPECT_EQ(fine("GET", "/admin/clients").limit, usual_limit);
  EXPECT_EQ(fine("GET", "/admin/clients?limit=7").limit, 7u);
  EXPECT_EQ(fine("GET", "/admin/clients?limit=10000").limit, largest_limit);
}

TEST_F(Routes, RefuseWordsThatAreWrong) {
  who.allow_kill = true;
  // A reload that was meant as a dry run must not happen.
  EXPECT_EQ(wrong("POST", "/admin/config/reload?dryrun=1").status, 400);
  EXPECT_EQ(wrong("POST", "/admin/config/reload?dry_run").status, 400);
  EXPECT_EQ(wrong("POST", "/admin/config/reload?dry_run=").status, 400);
  EXPECT_EQ(wrong("POST", "/admin/config/reload?dry_run=yes").status, 400);
  EXPECT_EQ(wrong("POST", "/admin/drain?now=1").status, 400);
  for (const auto* limit : {"0", "-1", "10001", "1x", "99999999999999999999", "%31"})
    EXPECT_EQ(wrong("GET", "/admin/clients?limit=" + std::string{limit}).status, 400) << limit;
  EXPECT_EQ(wrong("GET", "/admin/subscriptions").status, 400);
  EXPECT_EQ(wrong("GET", "/admin/subscriptions?symbol=%zz").status, 400);
  EXPECT_EQ(wrong("GET", "/admin/subscriptions?symbol=a%0ab").status, 400);
  EXPECT_EQ(wrong("POST", "/admin/kill").status, 400);
  EXPECT_EQ(wrong("POST", "/admin/log?component=node").status, 400);
  EXPECT_EQ(wrong("GET", "/admin/venues/%00").status, 400);
}

TEST_F(Routes, TellWhatThereIs) {
  const auto lost = wrong("GET", "/admin/actors");
  EXPECT_EQ(lost.status, 404);
  EXPECT_THAT(lost.body,
              AllOf(HasSubstr("GET /admin/tree"), HasSubstr("POST /admin/config/reload"), HasSubstr("GET /metrics")));
  EXPECT_EQ(wrong("GET", "/").status, 404);
  EXPECT_EQ(wrong("GET", "/admin/venues/").status, 404);
  EXPECT_EQ(wrong("GET", "/admin/tree/").status, 404);
}

TEST_F(Routes, TellTheMethodThatFits) {
  const auto read = wrong("GET", "/admin/config/reload");
  EXPECT_EQ(read.status, 405);
  EXPECT_THAT(read.fields, testing::Contains(testing::Pair("Allow", "POST")));
  EXPECT_THAT(wrong("POST", "/admin/tree").fields, testing::Contains(testing::Pair("Allow", "GET")));
  EXPECT_EQ(wrong("DELETE", "/metrics").status, 405);
}

TEST_F(Routes, KillOnlyWhereItIsAllowed) {
  EXPECT_EQ(wrong("POST", "/admin/kill?actor=gateway/hub-0").status, 403);
  who.allow_kill = true;
  EXPECT_EQ(fine("POST", "/admin/kill?actor=gateway/hub-0").name, "gateway/hub-0");
}

TEST_F(Routes, WantTheTokenForTheAdminPartAlone) {
  who.token = "s3cret-token";
  EXPECT_EQ(fine("GET", "/health/ready").what, verb::ready);
  EXPECT_EQ(fine("GET", "/metrics").what, verb::metrics);
  for (const auto* bad : {"", "Bearer", "Bearer ", "Bearer s3cret-toke", "Bearer s3cret-token2", "Bearer S3cret-token",
                          "Basic s3cret-token", "s3cret-token", "Bearer  s3cret-token"}) {
    authorization = bad;
    const auto refused = wrong("GET", "/admin/tree");
    EXPECT_EQ(refused.status, 401) << bad;
    EXPECT_THAT(refused.fields, testing::Contains(testing::Pair("WWW-Authenticate", "Bearer")));
    EXPECT_EQ(wrong("GET", "/admin/nothing").status, 401) << "no telling what there is";
  }
  for (const auto* good : {"Bearer s3cret-token", "bearer s3cret-token", "BEARER s3cret-token"}) {
    authorization = good;
    EXPECT_EQ(fine("GET", "/admin/tree").what, verb::tree) << good;
  }
}

TEST(ConstantTime, ComparesAllOfIt) {
  EXPECT_TRUE(is_equal_in_constant_time("", ""));
  EXPECT_TRUE(is_equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(is_equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(is_equal_in_constant_time("abcabc", "abc")) << "a repetition is no match";
  EXPECT_FALSE(is_equal_in_constant_time("", "abc"));
  EXPECT_FALSE(is_equal_in_constant_time("abc", ""));
}

} // namespace
