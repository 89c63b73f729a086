#include "files.hpp"
#include "runtime/config/plan.hpp"

#include <gmock/gmock.h>

using namespace tickplant::config;
using namespace tickplant::config::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

const std::string base = R"(venues:
  a: {plugin: p, symbols: [X], rest: one}
  b: {plugin: p}
  c: {plugin: p}
listeners:
  - {name: one, bind: "127.0.0.1:1", routes: {/ws: hft}}
  - {name: two, bind: "127.0.0.1:2", routes: {/ws: hft}}
auth: {staff: {plugin: api_key, secret: s}}
compression: {small: {plugin: deflate, level: 1}}
tiers: {gold: {symbols: ["*"]}}
consolidation: {cross_listings: {gold: {legs: ["LSE:VOD", "NASDAQ:VOD", "NYSE:VOD"]}}}
)";

server_options with(std::vector<std::pair<std::string, std::string>> sets) {
  static const scratch folder;
  return load({folder.write("base.yaml", base), std::move(sets), {}});
}

reload_plan plan_with(std::vector<std::pair<std::string, std::string>> sets) {
  return plan_reload(with({}), with(std::move(sets)));
}

TEST(Plan, OfTheSameIsEmpty) {
  const auto plan = plan_with({});
  EXPECT_TRUE(plan.empty()) << to_text(plan);
  EXPECT_EQ(to_text(plan), "no change\n");
  EXPECT_TRUE(plan_reload(parse_server(base, "x.yaml"), parse_server("\n\n" + base, "y.yaml")).empty());
}

TEST(Plan, RestartsAVenueOnlyForItsPluginOrSettings) {
  EXPECT_THAT(plan_with({{"venues.a.rest", "two"}}).venues_restarted, ElementsAre("a"));
  EXPECT_THAT(plan_with({{"venues.a.new", "x"}}).venues_restarted, ElementsAre("a"));
  EXPECT_THAT(plan_with({{"venues.b.plugin", "q"}}).venues_restarted, ElementsAre("b"));
  const auto relisted = plan_with({{"venues.a.symbols", "[X, Y]"}});
  EXPECT_THAT(relisted.venues_relisted, ElementsAre("a"));
  EXPECT_THAT(relisted.venues_restarted, IsEmpty());
  ASSERT_EQ(relisted.changes.size(), 1u);
  EXPECT_EQ(relisted.changes[0].after, "[X, Y]");
  EXPECT_EQ(relisted.changes[0].effect, reload_class::component) << "its venue starts anew";
  const auto both = plan_with({{"venues.a.symbols", "[X, Y]"}, {"venues.a.rest", "two"}});
  EXPECT_THAT(both.venues_restarted, ElementsAre("a"));
  EXPECT_THAT(both.venues_relisted, IsEmpty());
  const auto required = plan_with({{"venues.a.required", "true"}});
  EXPECT_EQ(required.changes.size(), 1u);
  EXPECT_THAT(required.venues_restarted, IsEmpty());
}

TEST(Plan, KnowsVenuesThatComeAndGo) {
  const auto old = parse_server(base, "x.yaml");
  auto next = old;
  next.venues.erase(next.venues.begin());
  auto& added = next.venues.emplace_back();
  added.name = "d";
  added.plugin = "p";
  const auto plan = plan_reload(old, next);
  EXPECT_THAT(plan.venues_added, ElementsAre("d"));
  EXPECT_THAT(plan.venues_removed, ElementsAre("a"));
  EXPECT_THAT(plan.venues_restarted, IsEmpty());
  EXPECT_THAT(plan.refused, IsEmpty());
}

TEST(Plan, RefusesAnotherOrderOfVenues) {
  const auto old = parse_server(base, "x.yaml");
  auto next = old;
  std::swap(next.venues[0], next.venues[1]);
  EXPECT_THAT(plan_reload(old, next).refused, ElementsAre(HasSubstr("venues cannot change from \"[a, b, c]\" to")));
}

TEST(Plan, OpensAListenerAnewOnlyForItsAddress) {
  EXPECT_THAT(plan_with({{"listeners.0.bind", "127.0.0.1:9"}}).listeners_rebound, ElementsAre("one"));
  const auto plan = plan_with({{"listeners.1.origins", "[http://a]"}, {"listeners.1.auth", "staff"}});
  EXPECT_THAT(plan.listeners_changed, ElementsAre("two"));
  EXPECT_THAT(plan.listeners_rebound, IsEmpty());
  ASSERT_EQ(plan.changes.size(), 2u);
  EXPECT_EQ(plan.changes[0].path, "listeners.two.auth");
  EXPECT_EQ(plan.changes[0].effect, reload_class::new_connections);
  EXPECT_EQ(plan.changes[1].effect, reload_class::live);
  const auto renamed = plan_with({{"listeners.0.name", "three"}});
  EXPECT_THAT(renamed.listeners_added, ElementsAre("three"));
  EXPECT_THAT(renamed.listeners_removed, ElementsAre("one"));
}

TEST(Plan, NamesPoliciesAndTiers) {
  EXPECT_THAT(plan_with({{"auth.staff.secret", "t"}}).auth_changed, ElementsAre("staff"));
  EXPECT_THAT(plan_with({{"auth.other.plugin", "jwt"}}).auth_changed, ElementsAre("other"));
  EXPECT_THAT(plan_with({{"compression.small.level", "2"}}).compression_changed, ElementsAre("small"));
  EXPECT_THAT(plan_with({{"tiers.gold.depth", "5"}}).tiers_changed, ElementsAre("gold"));
  EXPECT_THAT(plan_with({{"tiers.new.depth", "5"}}).tiers_changed, ElementsAre("new"));
}

TEST(Plan, MarksSections) {
  EXPECT_TRUE(plan_with({{"limits.max_symbols", "5"}}).limits);
  EXPECT_TRUE(plan_with({{"log.levels.venue", "debug"}}).log);
  EXPECT_TRUE(plan_with({{"telemetry.sample", "1/10"}}).telemetry);
  EXPECT_TRUE(plan_with({{"admin.token", "x"}}).admin);
  const auto plan = plan_with({{"limits.max_symbols", "5"}});
  EXPECT_FALSE(plan.log || plan.telemetry || plan.admin);
}

TEST(Plan, RefusesWhatNeedsARestartWithBothValues) {
  const auto plan = plan_with({{"loops.network", "2"}, {"limits.auth_workers", "4"}, {"limits.clients", "5"}});
  EXPECT_THAT(
    plan.refused,
    ElementsAre(
      "loops.network cannot change from 0 to 2 while tickplantd runs: restart it, or take the change back",
      "limits.auth_workers cannot change from 2 to 4 while tickplantd runs: restart it, or take the change back"));
  EXPECT_THAT(to_text(plan), HasSubstr("refused: loops.network"));
  // Every key of this class, and no other.
  for (const auto& k : declaration()) {
    if (k.path.find('*') != std::string::npos || k.bound.type == value_type::secret_file) continue;
    EXPECT_EQ(plan_with({{k.path, k.example}}).refused.empty(), k.effect != reload_class::process) << k.path;
  }
}

// Every key of listeners, venues, policies and tiers, when it changes, is a change with the key's class.
TEST(Plan, SeesEveryDeclaredKey) {
  for (const auto& k : declaration()) {
    if (k.path == "listeners.*.name" || k.path.find(".tls.") != std::string::npos || !k.bound.show) continue;
    const auto parts = split_path(k.path);
    const std::string name = parts[0] == "listeners"     ? "0"
                             : parts[0] == "venues"      ? "b"
                             : parts[0] == "auth"        ? "staff"
                             : parts[0] == "compression" ? "small"
                                                         : "gold";
    std::string path;
    for (const auto& part : parts) path = joined(path, part == "*" ? name : part);
    const auto value = k.path == "listeners.*.routes" ? "{/other: hft}"
                       : k.path.ends_with(".plugin")  ? "another"
                                                      : k.example;
    const auto plan = plan_with({{path, value}});
    ASSERT_EQ(plan.changes.size(), 1u) << k.path << '\n' << to_text(plan);
    EXPECT_EQ(plan.changes[0].effect, k.effect) << k.path;
  }
}

TEST(Plan, SeesOtherContentsOfFiles) {
  const scratch folder;
  folder.write("keys.txt", "a");
  folder.write("server.pem", "a");
  const auto file = folder.write("server.yaml", R"(auth: {staff: {plugin: api_key, keys_file: keys.txt}}
listeners:
  - {name: public, bind: "127.0.0.1:1", routes: {/ws: hft}, tls: {certificate: server.pem, key: server.pem}}
)");
  const auto now = load({file, {}, {}});
  folder.write("keys.txt", "b");
  const auto keys = plan_reload(now, load({file, {}, {}}));
  EXPECT_THAT(keys.auth_changed, ElementsAre("staff"));
  EXPECT_THAT(keys.listeners_changed, IsEmpty());
  folder.write("keys.txt", "a");
  folder.write("server.pem", "b");
  const auto certificate = plan_reload(now, load({file, {}, {}}));
  EXPECT_THAT(certificate.auth_changed, IsEmpty());
  EXPECT_THAT(certificate.listeners_changed, ElementsAre("public"));
  EXPECT_THAT(to_text(certificate), HasSubstr("listeners.public.tls"));
}

} // namespace
