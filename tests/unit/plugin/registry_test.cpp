#include "runtime/plugin/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace tickplant::plugin {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

/// Two folders of plugins below a fresh one.
struct Registry : testing::Test {
  Registry()
    : root(fs::path{testing::TempDir()} /
           ("registry_" + std::string{testing::UnitTest::GetInstance()->current_test_info()->name()})) {
    fs::remove_all(root);
    fs::create_directories(root / "one");
    fs::create_directories(root / "two");
  }
  ~Registry() override { fs::remove_all(root); }

  static fs::path good() { return fs::path{TP_TEST_PLUGINS} / "good.so"; }
  std::string fault_of(registry& plugins, const std::string& name, const registry::load_options& options = {}) const {
    try {
      static_cast<void>(plugins.venue(name, options));
    } catch (const plugin_fault& fault) {
      return fault.what();
    }
    return "loaded";
  }
  std::vector<std::string> folders() const { return {(root / "one").string(), (root / "two").string()}; }

  fs::path root;
};

TEST_F(Registry, FindsAPluginByNameInItsFolders) {
  fs::copy_file(good(), root / "two/good.so");
  registry plugins{folders()};
  const auto plugin = plugins.venue("good");
  EXPECT_EQ(plugin.name(), "good");
  EXPECT_EQ(plugin.info().version, "1.0");
  EXPECT_EQ(plugin.info().file.sha256.size(), 64u);
  EXPECT_EQ(plugins.loaded().size(), 1u);
}

TEST_F(Registry, GivesTheSamePluginForTheSameFile) {
  fs::copy_file(good(), root / "one/good.so");
  fs::create_symlink(root / "one/good.so", root / "two/good.so");
  registry plugins{folders()};
  EXPECT_EQ(fault_of(plugins, "good"), "loaded"); // the link is the same file
  EXPECT_EQ(fault_of(plugins, (root / "two/good.so").string()), "loaded");
  EXPECT_EQ(plugins.loaded().size(), 1u);
}

TEST_F(Registry, TwoFilesOfOneNameAreAnError) {
  fs::copy_file(good(), root / "one/good.so");
  fs::copy_file(good(), root / "two/good.so");
  registry plugins{folders()};
  EXPECT_THAT(fault_of(plugins, "good"), AllOf(HasSubstr("one/good.so"), HasSubstr("two/good.so")));
  EXPECT_EQ(fault_of(plugins, (root / "one/good.so").string()), "loaded");
  EXPECT_THAT(fault_of(plugins, (root / "two/good.so").string()),
              AllOf(HasSubstr("the name 'good' belongs to"), HasSubstr("one/good.so")));
}

TEST_F(Registry, AVersionedCopyMayTakeTheNameOver) {
  fs::copy_file(good(), root / "one/good.so");
  fs::copy_file(good(), root / "one/good-2.so");
  registry plugins{folders()};
  const auto old = plugins.venue("good");
  const auto fresh = plugins.venue((root / "one/good-2.so").string(), {"", true});
  EXPECT_NE(old.ops().create, fresh.ops().create); // both are mapped
  EXPECT_EQ(plugins.loaded().size(), 1u);
}

TEST_F(Registry, AFileWhoseNameIsNotItsPluginsIsRefusedByName) {
  fs::copy_file(good(), root / "one/other.so");
  registry plugins{folders()};
  EXPECT_THAT(fault_of(plugins, "other"), HasSubstr("name is 'good', wanted 'other'"));
}

TEST_F(Registry, TellsWhereItLooked) {
  registry plugins{folders()};
  EXPECT_THAT(fault_of(plugins, "missing"),
              AllOf(HasSubstr("no file missing.so in"), HasSubstr("/one"), HasSubstr("/two")));
  EXPECT_THAT(fault_of(plugins, "../etc"), HasSubstr("cannot be found")); // a path, not a name
  EXPECT_THAT(fault_of(plugins, "Bad"), HasSubstr("not a plugin's name"));
}

} // namespace
} // namespace tickplant::plugin
