// Several files as one configuration.
#include "files.hpp"

#include <gmock/gmock.h>

using namespace tickplant::config;
using namespace tickplant::config::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

namespace {

TEST(Include, MergesFilesFoldersAndTheirIncludes) {
  const scratch folder;
  const auto file = folder.write("server.yaml", "include: [venues, more/limits.yaml]\n" + listener);
  const auto b = folder.write("venues/b.yaml", "venues: {b: {plugin: p, key_file: keys.txt}}\n");
  const auto a = folder.write("venues/a.yaml", "venues: {a: {plugin: p}}\n");
  const auto keys = folder.write("venues/keys.txt", "k");
  folder.write("venues/.hidden.yaml", "not: [valid");
  folder.write("venues/notes.txt", "not: [valid");
  const auto limits = folder.write("more/limits.yaml", "include: deeper.yaml\nlimits: {max_symbols: 3}\n");
  const auto deeper = folder.write(
    "more/deeper.yaml", "limits: {max_depth: 4}\nlisteners: [{name: two, bind: '127.0.0.1:2', routes: {/: hft}}]\n");
  const auto options = load({file, {}, {}});
  EXPECT_EQ(options.limits.max_symbols, 3u);
  EXPECT_EQ(options.limits.max_depth, 4u);
  ASSERT_EQ(options.venues.size(), 2u);
  EXPECT_EQ(options.venues[0].name, "a");
  EXPECT_EQ(options.venues[1].settings[0].value, keys); // from the folder of its own file
  ASSERT_EQ(options.listeners.size(), 2u);
  EXPECT_EQ(options.listeners[1].name, "two");
  EXPECT_THAT(options.files, UnorderedElementsAre(file, folder.path("venues"), a, b, limits, deeper, keys));
}

TEST(Include, NamesBothPlacesOfWhatIsGivenTwice) {
  const scratch folder;
  const auto file =
    folder.write("server.yaml", "include: other.yaml\nlimits: {max_symbols: 1}\nvenues: {a: {plugin: p}}\n" + listener);
  const auto other = folder.write("other.yaml", "limits: {max_symbols: 2}\nvenues: {a: {plugin: q}}\n");
  const auto text = faults_of({file, {}, {}});
  EXPECT_THAT(text, HasSubstr(other + ":1:10: limits.max_symbols: stands in two files, first at " + file + ":2:10"));
  EXPECT_THAT(text, HasSubstr(other + ":2:10: venues.a: stands in two files, first at " + file + ":3:10"));
}

TEST(Include, RefusesCyclesDepthAndWhatIsNotThere) {
  const scratch folder;
  const auto file = folder.write("server.yaml", "include: a.yaml\n" + listener);
  folder.write("a.yaml", "include: b.yaml\n");
  folder.write("b.yaml", "include: [server.yaml, nowhere.yaml, /dev/zero, {x: y}]\n");
  const auto text = faults_of({file, {}, {}});
  EXPECT_THAT(text, HasSubstr(folder.path("b.yaml") + ":1:11: include: '" + file + "' includes itself"));
  EXPECT_THAT(text, HasSubstr("nowhere.yaml' does not exist"));
  EXPECT_THAT(text, HasSubstr("'/dev/zero' cannot be read"));
  EXPECT_THAT(text, HasSubstr("the name of a file or folder is wanted"));
  for (int i = 0; i < 12; ++i)
    folder.write("deep" + std::to_string(i) + ".yaml", "include: deep" + std::to_string(i + 1) + ".yaml\n");
  const auto deep = folder.write("deep.yaml", "include: deep0.yaml\n" + listener);
  EXPECT_THAT(faults_of({deep, {}, {}}), HasSubstr("nested deeper than 8"));
}

TEST(Include, TellsTheFaultsOfAllFilesAtOnce) {
  const scratch folder;
  const auto file = folder.write("server.yaml", "include: [a.yaml, b.yaml, a.yaml]\nlog: {level: loud}\n" + listener);
  folder.write("a.yaml", "limits: {max_symbols: x}\n");
  folder.write("b.yaml", "venues: [\n");
  const auto text = faults_of({file, {}, {}});
  EXPECT_THAT(text, HasSubstr(folder.path("a.yaml") + ":1:23: limits.max_symbols"));
  EXPECT_THAT(text, HasSubstr(folder.path("b.yaml") + ":"));
  EXPECT_THAT(text, HasSubstr("not YAML"));
  EXPECT_THAT(text, HasSubstr(file + ":2:14: log.level"));
  EXPECT_THAT(text, HasSubstr("a.yaml' is included twice"));
}

TEST(Include, FollowsTheLinksOfConfigMaps) {
  const scratch folder;
  folder.write("data1/limits.yaml", "limits: {max_symbols: 9}\n");
  std::filesystem::create_directory_symlink("data1", folder.path("..data"));
  std::filesystem::create_directory(folder.path("map"));
  std::filesystem::create_symlink("../..data/limits.yaml", folder.path("map/limits.yaml"));
  const auto file = folder.write("server.yaml", "include: map\n" + listener);
  const auto options = load({file, {}, {}});
  EXPECT_EQ(options.limits.max_symbols, 9u);
  // Named as given, so that the watcher sees the link change.
  EXPECT_THAT(options.files, ElementsAre(file, folder.path("map"), folder.path("map/limits.yaml")));
}

TEST(Document, RefusesASecondDocument) {
  EXPECT_THROW(static_cast<void>(parse_server(listener + "---\n" + listener, "x.yaml")), config_fault);
}

TEST(Document, TellsAllDoubleKeys) {
  try {
    parse_server("limits: {clients: 1, clients: 2}\nlog: {rate: 1, rate: 2}\n" + listener, "x.yaml");
    FAIL();
  } catch (const config_fault& broken) {
    EXPECT_EQ(broken.faults.size(), 2u) << broken.what();
  }
}

} // namespace
