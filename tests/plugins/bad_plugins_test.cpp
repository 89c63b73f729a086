// One plugin for each fault: the message has to name the file, what was found and what was wanted.
#include "runtime/plugin/file_check.hpp"
#include "runtime/plugin/registry.hpp"
#include "runtime/plugin/venue_host.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <sys/stat.h>

namespace tickplant::plugin {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string path_of(const std::string& name) {
  return std::string{TP_BAD_PLUGINS} + '/' + name + ".so";
}

std::string fault_of(const std::string& path, const registry::load_options& options = {}) {
  registry plugins{{}};
  try {
    static_cast<void>(plugins.venue(path, options));
  } catch (const plugin_fault& fault) {
    return fault.what();
  }
  return "loaded";
}

struct refused_case {
  const char* name;
  std::vector<std::string> says;
};

class BadPlugin : public testing::TestWithParam<refused_case> {};

TEST_P(BadPlugin, IsRefusedWithFileFoundAndWanted) {
  const auto path = path_of(GetParam().name);
  const std::string message = fault_of(path);
  EXPECT_THAT(message, HasSubstr(GetParam().name + std::string{".so"}));
  for (const auto& words : GetParam().says) EXPECT_THAT(message, HasSubstr(words));
}

INSTANTIATE_TEST_SUITE_P(
  EachFault, BadPlugin,
  testing::Values(refused_case{"no_entry", {"has no symbol tp_plugin_entry"}},
                  refused_case{"null_manifest", {"the manifest is null", "ABI 1.3"}},
                  refused_case{"wrong_major", {"ABI version is 2.3, wanted 1.3"}},
                  refused_case{"newer_minor", {"ABI version is 1.7, wanted 1.3 or an older minor version"}},
                  refused_case{"short_manifest", {"struct_size of the manifest is 24, wanted at least 80"}},
                  refused_case{"short_table",
                               {"struct_size of the table of functions is 64, wanted at least 120",
                                "destroy lies beyond the table's struct_size"}},
                  refused_case{"missing_function", {"on_units is null, wanted a function"}},
                  refused_case{"wrong_kind", {"kind is 2 (dialect), wanted 1 (venue)"}},
                  refused_case{"wrong_event_size", {"event_size is 48, wanted 64"}},
                  refused_case{"empty_name", {"name is '', wanted 1 to 64 characters of a-z, 0-9, _ and -"}},
                  refused_case{"odd_name", {"name is 'Bad Plugin!', wanted"}},
                  refused_case{"many_faults", {"ABI version is 1.9", "name is 'No'", "on_units is null"}},
                  refused_case{"throws_on_entry", {"tp_plugin_entry threw an exception"}},
                  refused_case{"unresolved_symbol", {"cannot be loaded", "tp_test_nobody_has_this_function"}}),
  [](const auto& each) { return std::string{each.param.name}; });

TEST(PluginFile, TheGoodOneOfTheSameKindLoads) {
  EXPECT_EQ(fault_of(path_of("good")), "loaded");
}

TEST(PluginFile, MustBeASharedObject) {
  const std::string path = testing::TempDir() + "/text.so";
  std::ofstream{path} << "not a shared object\n";
  ::chmod(path.c_str(), 0644);
  EXPECT_THAT(fault_of(path), AllOf(HasSubstr("text.so"), HasSubstr("cannot be loaded")));
}

TEST(PluginFile, MustBeARegularFile) {
  EXPECT_THAT(fault_of(testing::TempDir() + "/"), HasSubstr("is not a regular file"));
  EXPECT_THAT(fault_of("/nonexistent/x.so"), HasSubstr("cannot be found"));
}

TEST(PluginFile, MustNotBeWritableByEverybody) {
  const std::string path = testing::TempDir() + "/open.so";
  std::filesystem::copy_file(path_of("good"), path, std::filesystem::copy_options::overwrite_existing);
  ::chmod(path.c_str(), 0666);
  EXPECT_THAT(fault_of(path), AllOf(HasSubstr("open.so"), HasSubstr("may be written by everybody")));
}

TEST(PluginFile, MustHaveTheConfiguredDigest) {
  const std::string digest = check_file(path_of("good")).sha256;
  ASSERT_EQ(digest.size(), 64u);
  EXPECT_EQ(fault_of(path_of("good"), {digest, false}), "loaded");
  const std::string other(64, 'a');
  EXPECT_THAT(fault_of(path_of("good"), {other, false}),
              AllOf(HasSubstr("has the SHA-256 " + digest), HasSubstr("wanted " + other)));
}

TEST(PluginFile, DigestIsThatOfItsBytes) {
  const std::string path = testing::TempDir() + "/abc";
  std::ofstream{path} << "abc";
  ::chmod(path.c_str(), 0644);
  EXPECT_EQ(check_file(path).sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-2, B.1
}

class nowhere final : public venue_io {
public:
  int32_t line_open(const tp_line_spec&) override { return TP_E_DOWN; }
  void line_close(uint32_t) override {}
  int32_t send(uint32_t, uint32_t, std::span<const uint8_t>) override { return TP_E_DOWN; }
  int32_t http_get(const tp_http_request&) override { return TP_E_DOWN; }
  void set_timer(uint32_t, uint64_t) override {}
};

class nobody final : public book::feed_owner {
public:
  std::optional<model::instrument_id> instrument_defined(const model::instrument&) override { return std::nullopt; }
  void instrument_retired(model::instrument_id) override {}
  void directory_complete(uint32_t) override {}
  void resynchronise_wanted(uint32_t, uint32_t, std::string_view) override {}
  void engine_failed(model::instrument_id, std::string_view) override {}
  void stream_changed(const tp_stream&) override {}
};

struct instance {
  explicit instance(const std::string& path) : host(plugins.venue(path), feed, io, {}) {}
  registry plugins{{}};
  nowhere io;
  nobody owner;
  book::engine_table engines;
  book::dirty_list dirty;
  book::feed feed{book::feed_options{}, engines, dirty, owner};
  venue_host host;
};

TEST(BadInstance, CreateThatSetsNoSelfIsBroken) {
  instance bad{path_of("null_self")};
  EXPECT_FALSE(bad.host.create());
  EXPECT_THAT(bad.host.why_broken(), HasSubstr("set no instance"));
}

TEST(BadInstance, CreateThatFailsTellsItsComplaints) {
  instance bad{path_of("create_fails")};
  EXPECT_FALSE(bad.host.create());
  EXPECT_EQ(bad.host.complaints(), (std::vector<complaint>{{"lines.a", "is missing"}}));
  EXPECT_THAT(bad.host.why_broken(), HasSubstr("create answered -1 (argument)"));
}

TEST(BadInstance, AnExceptionThatLeavesThePluginBreaksTheInstanceAlone) {
  instance bad{path_of("throws")};
  ASSERT_TRUE(bad.host.create());
  ASSERT_TRUE(bad.host.start(1));
  const tp_unit unit{};
  bad.host.on_units({&unit, 1});
  EXPECT_TRUE(bad.host.is_broken());
  EXPECT_THAT(bad.host.why_broken(),
              AllOf(HasSubstr("on_units answered -8 (internal)"), HasSubstr("out of the plugin")));
  bad.host.on_units({&unit, 1}); // is not called again
}

TEST(BadInstance, AnExceptionOfValidateIsAComplaint) {
  registry plugins{{}};
  const auto plugin = plugins.venue(path_of("throws"));
  EXPECT_TRUE(venue_host::validate(plugin, {}).empty());
  const auto complaints = venue_host::validate(plugin, {{"a", "b"}});
  ASSERT_EQ(complaints.size(), 1u);
  EXPECT_THAT(complaints[0].problem, HasSubstr("exception of unknown type"));
}

} // namespace
} // namespace tickplant::plugin
