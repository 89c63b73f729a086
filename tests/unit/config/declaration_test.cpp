// The table itself: every key of it is read, has its default from the options, and is the only way in.
#include "files.hpp"
#include "runtime/config/declaration.hpp"

#include <gmock/gmock.h>

#include <set>

using namespace tickplant::config;
using namespace tickplant::config::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

// The path of a key in the file below.
std::string concrete(const key& k) {
  std::string path;
  for (const auto& part : split_path(k.path))
    path = joined(path, part == "**" ? "some.setting" : part != "*" ? part : path == "listeners" ? "0" : "one");
  return path;
}

TEST(DeclaredKeys, ChangeTheOptionsWhenTheyAreSet) {
  const scratch folder;
  folder.write("file.pem", "some text\n");
  const auto other_file = folder.write("other.pem", "another text\n");
  const auto file = folder.write("server.yaml", R"(listeners:
  - {name: initial, bind: "127.0.0.1:8081", routes: {/: hft}, tls: {certificate: file.pem, key: file.pem}}
venues: {one: {plugin: p}}
auth: {one: {plugin: p}}
compression: {one: {plugin: p}}
tiers: {one: {}}
consolidation: {cross_listings: {one: {legs: ["LSE:VOD", "NASDAQ:VOD", "NYSE:VOD"]}}}
)");
  const auto before = load({file, {}, {}});
  for (const auto& k : declaration()) {
    const bool is_file = k.bound.type == value_type::file || k.bound.type == value_type::secret_file;
    const auto value = is_file ? other_file : k.example;
    auto after = load({file, {{concrete(k), value}}, {}});
    after.files = before.files; // what was read is no setting
    EXPECT_FALSE(before == after) << k.path << " = " << value;
  }
}

TEST(DeclaredKeys, AreComplete) {
  for (const auto& k : declaration()) {
    EXPECT_FALSE(k.about.empty()) << k.path;
    EXPECT_EQ(k.about.back(), '.') << k.path;
    EXPECT_FALSE(k.bound.wanted.empty()) << k.path;
    EXPECT_TRUE(k.bound.put) << k.path;
    const bool is_shown = k.bound.type != value_type::settings && k.bound.type != value_type::secret_file;
    EXPECT_EQ(static_cast<bool>(k.bound.show), is_shown) << k.path;
    EXPECT_NE(k.example, k.bound.fallback) << k.path;
    EXPECT_EQ(find_key(concrete(k)), &k) << k.path;
    EXPECT_EQ(find_key(k.path), &k) << k.path;
  }
}

TEST(DeclaredKeys, AreRefusedWithTheirPathsWhenTheyAreOfTheWrongType) {
  const scratch folder;
  const auto file = folder.write("server.yaml", listener + "venues: {one: {plugin: p}}\nauth: {one: {plugin: p}}\n"
                                                           "compression: {one: {plugin: p}}\ntiers: {one: {}}\n");
  for (const auto& k : declaration()) {
    if (k.bound.type == value_type::settings) continue; // anything may be the plugin's
    const bool is_list = k.bound.type == value_type::texts || k.bound.type == value_type::paths;
    const bool is_mapping = k.bound.type == value_type::mapping;
    // Below a single value nothing can stand; a list of lists is none of texts.
    const auto path = is_list || is_mapping ? concrete(k) : concrete(k) + ".below";
    EXPECT_THAT(faults_of({file,
                           {{path, is_list      ? "[[x]]"
                                   : is_mapping ? "[x]"
                                                : "x"}},
                           {}}),
                HasSubstr(concrete(k)))
      << k.path;
  }
}

TEST(Declaration, HasEachPathOnce) {
  std::set<std::string> paths;
  for (const auto& k : declaration()) EXPECT_TRUE(paths.insert(k.path).second) << k.path;
}

TEST(Declaration, FindsKeysByConcretePaths) {
  EXPECT_EQ(find_key("listeners.0.bind")->path, "listeners.*.bind");
  EXPECT_EQ(find_key("listeners.public.tls.key")->path, "listeners.*.tls.key");
  EXPECT_EQ(find_key("venues.nasdaq.lines.a")->path, "venues.*.**");
  EXPECT_EQ(find_key("venues.nasdaq.symbols.0")->path, "venues.*.symbols");
  EXPECT_EQ(find_key("log.levels.venue")->path, "log.levels");
  EXPECT_EQ(find_key("limits"), nullptr);
  EXPECT_EQ(find_key("limits.max_symbol"), nullptr);
  EXPECT_EQ(find_key(""), nullptr);
  EXPECT_EQ(pattern_of("listeners.3"), "listeners.*");
}

TEST(Declaration, KnowsWhatIsNear) {
  EXPECT_THAT(nearest_keys("limits.max_symbol"), ::testing::Contains("limits.max_symbols"));
  EXPECT_THAT(nearest_keys("max_dept"), ::testing::Contains("limits.max_depth"));
  EXPECT_THAT(nearest_keys("listenrs.0.bind"), ElementsAre("listeners.*.bind"));
  EXPECT_TRUE(nearest_keys("something.else.altogether").empty());
  EXPECT_TRUE(nearest_keys(std::string(100'000, 'a')).empty());
}

TEST(Declaration, KnowsSecrets) {
  for (const auto* path : {"admin.token", "auth.jwt.keys.a.secret", "venues.x.api_key", "auth.a.secrets_token.0"})
    EXPECT_TRUE(is_secret_path(path)) << path;
  for (const auto* path : {"admin.token_file", "auth.jwt.keys.a.secret_file", "listeners.0.tls.key", "venues.x.key",
                           "auth.a.tokens", "listeners.0.query_token"})
    EXPECT_FALSE(is_secret_path(path)) << path;
}

} // namespace
