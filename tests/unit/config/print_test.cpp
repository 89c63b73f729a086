#include "files.hpp"
#include "runtime/config/plan.hpp"
#include "runtime/config/print.hpp"

#include <gmock/gmock.h>

#include <sstream>

using namespace tickplant::config;
using namespace tickplant::config::testing;
using ::testing::HasSubstr;

namespace {

TEST(Print, DefaultsLoadAndAreTheDefaults) {
  const scratch folder;
  const auto file = folder.write("defaults.yaml", print_defaults());
  const auto options = load({file, {}, {}});
  ASSERT_EQ(options.listeners.size(), 1u);
  server_options plain;
  plain.listeners = options.listeners;
  plain.files = options.files;
  EXPECT_TRUE(options == plain) << to_text(plan_reload(plain, options));
}

TEST(Print, DefaultsOfNamedSectionsLoadWhenTheyAreUncommented) {
  std::istringstream in{print_defaults()};
  std::string text;
  // The sections themselves begin with "# venues:" and stay comments of one level.
  for (std::string line; std::getline(in, line); text += line + '\n')
    if (line.starts_with("# ") && !line.starts_with("# Every key")) line.erase(0, 2);
  for (size_t at = 0; (at = text.find("NAME:", at)) != std::string::npos;) text.replace(at, 5, "name:");
  const auto options = parse_server(text, "x.yaml");
  ASSERT_EQ(options.venues.size(), 1u);
  ASSERT_EQ(options.tiers.size(), 1u);
  tier_options plain;
  plain.name = "name";
  EXPECT_TRUE(options.tiers[0] == plain);
}

TEST(Print, DefaultsNameEveryKeyWithItsMeaning) {
  const auto text = print_defaults();
  for (const auto& k : declaration()) {
    EXPECT_THAT(text, HasSubstr(k.about)) << k.path;
    if (k.path.ends_with("**")) continue;
    EXPECT_THAT(text, HasSubstr(split_path(k.path).back() + ": ")) << k.path;
  }
}

TEST(Print, ExplainsKeysPatternsAndSections) {
  for (const auto* path : {"listeners.0.bind", "listeners.*.bind", "listeners.public.bind"}) {
    const auto text = explain(path);
    ASSERT_TRUE(text) << path;
    EXPECT_THAT(*text, HasSubstr("listeners.*.bind\n"));
    EXPECT_THAT(*text, HasSubstr("127.0.0.1:8081"));
    EXPECT_THAT(*text, HasSubstr("component"));
  }
  EXPECT_THAT(explain("limits.stall").value_or(""), HasSubstr("TICKPLANT_LIMITS__STALL"));
  EXPECT_THAT(explain("limits").value_or(""), HasSubstr("limits.stall: "));
  EXPECT_FALSE(explain("limits.stal"));
  EXPECT_FALSE(explain(""));
  for (const auto& k : declaration()) EXPECT_THAT(explain(k.path).value_or(""), HasSubstr(k.about)) << k.path;
}

TEST(Print, ConfigurationHasThePlaceOfEachValueAndLoadsAgain) {
  const scratch folder;
  const auto file =
    folder.write("server.yaml", "include: limits.yaml\nlog: {levels: {'venue A': debug}}\n"
                                "venues: {a: {plugin: p, lines: {a: 'x: \"y\"'}, empty: {}, none: }}\n" +
                                  listener);
  const auto limits = folder.write("limits.yaml", "limits: {max_symbols: 7}\n");
  const load_request request{file, {{"listeners.0.stamps", "true"}}, {{"TICKPLANT_LOG__RATE", "3"}}};
  const auto text = print_config(load_tree(request));
  EXPECT_THAT(text, HasSubstr("max_symbols: 7  # " + limits + ":1:23\n"));
  EXPECT_THAT(text, HasSubstr("rate: 3  # environment: TICKPLANT_LOG__RATE\n"));
  EXPECT_THAT(text, HasSubstr("stamps: true  # --set listeners.0.stamps\n"));
  auto again = load({folder.write("again.yaml", text), {}, {}});
  const auto first = load(request);
  again.files = first.files;
  EXPECT_TRUE(again == first) << text;
}

TEST(Print, EffectiveSettingsSayWhatIsNoDefault) {
  const auto all = effective_settings(parse_server(listener + "limits: {max_symbols: 7}\n", "x.yaml"));
  size_t changed = 0;
  for (const auto& one : all)
    if (one.path == "limits.max_symbols" && one.value == "7" && !one.is_default) ++changed;
  EXPECT_EQ(changed, 1u);
  EXPECT_GT(all.size(), 40u);
}

} // namespace
