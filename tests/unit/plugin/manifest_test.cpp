#include "runtime/plugin/manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace tickplant::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

tp_venue_ops whole_table() {
  tp_venue_ops ops{};
  ops.struct_size = sizeof ops;
  ops.validate = [](const tp_config*, const tp_venue_host*, tp_ctx*) -> int32_t { return TP_OK; };
  ops.create = [](const tp_config*, const tp_venue_host*, tp_ctx*, void**) -> int32_t { return TP_OK; };
  ops.start = [](void*, uint64_t) -> int32_t { return TP_OK; };
  ops.on_units = [](void*, const tp_unit*, size_t) -> int32_t { return TP_OK; };
  ops.on_line = [](void*, uint32_t, uint32_t, tp_str, uint64_t) -> int32_t { return TP_OK; };
  ops.on_timer = [](void*, uint32_t, uint64_t) -> int32_t { return TP_OK; };
  ops.stop = [](void*, uint64_t) -> int32_t { return TP_OK; };
  ops.destroy = [](void*) {};
  return ops;
}

tp_plugin manifest_of(const tp_venue_ops& ops) {
  return {sizeof(tp_plugin), TP_ABI_MAJOR, TP_ABI_MINOR, TP_KIND_VENUE, sizeof(tp_event), 0,
          {"ok", 2},         {"1", 1},     {"x", 1},     &ops};
}

TEST(Manifest, AWholeOneHasNoFaultsAlsoWithoutTheOptionalFunctions) {
  const auto ops = whole_table();
  const auto manifest = manifest_of(ops);
  EXPECT_THAT(faults_of(&manifest, TP_KIND_VENUE), IsEmpty());
}

TEST(Manifest, ALaterAndLongerTableOfTheSameMajorIsTaken) {
  struct longer {
    tp_venue_ops known;
    void* later[4];
  } table{whole_table(), {}};
  table.known.struct_size = sizeof table;
  auto manifest = manifest_of(table.known);
  manifest.struct_size = sizeof manifest + 16;
  EXPECT_THAT(faults_of(&manifest, TP_KIND_VENUE), IsEmpty());
  EXPECT_EQ(widened(&table.known).struct_size, sizeof table);
}

TEST(Manifest, WhatLiesBeyondATablesSizeIsAbsent) {
  auto ops = whole_table();
  ops.struct_size = offsetof(tp_venue_ops, on_line);
  const auto known = widened(&ops);
  EXPECT_NE(known.on_units, nullptr);
  EXPECT_EQ(known.on_line, nullptr);
  EXPECT_EQ(known.destroy, nullptr);
}

TEST(Manifest, AnotherMajorVersionIsTheOnlyThingSaid) {
  const auto ops = whole_table();
  auto manifest = manifest_of(ops);
  manifest.abi_major = 3;
  manifest.ops = nullptr;
  EXPECT_THAT(faults_of(&manifest, TP_KIND_VENUE), ElementsAre("ABI version is 3.3, wanted 1.3"));
}

TEST(Manifest, AllOtherFaultsAreSaidTogether) {
  auto ops = whole_table();
  ops.start = nullptr;
  ops.counter_count = 3;
  auto manifest = manifest_of(ops);
  manifest.event_size = 1;
  manifest.name = {"X", 1};
  manifest.version = {nullptr, 4};
  EXPECT_THAT(faults_of(&manifest, TP_KIND_VENUE),
              ElementsAre(HasSubstr("name is 'X'"), HasSubstr("version has a size but no text"),
                          HasSubstr("event_size is 1, wanted 64"), HasSubstr("start is null"),
                          HasSubstr("counters is null")));
}

TEST(Manifest, OfAnotherKindIsNotReadAsOurs) {
  const auto ops = whole_table();
  const auto manifest = manifest_of(ops);
  EXPECT_THAT(faults_of(&manifest, TP_KIND_DIALECT), ElementsAre("kind is 1 (venue), wanted 2 (dialect)"));
}

// A dialect of version 1.1 knows elements without legs: it reads no further than it knows.
TEST(Manifest, ADialectMayBeOfAnOlderVersion) {
  const auto event_size_faults = [](uint32_t size) {
    tp_plugin manifest{};
    manifest.struct_size = sizeof manifest;
    manifest.abi_major = TP_ABI_MAJOR;
    manifest.abi_minor = 1;
    manifest.kind = TP_KIND_DIALECT;
    manifest.event_size = size;
    manifest.name = {"old", 3};
    tp_dialect_ops ops{};
    manifest.ops = &ops;
    const auto faults = faults_of(&manifest, TP_KIND_DIALECT);
    return std::count_if(faults.begin(), faults.end(),
                         [](const std::string& fault) { return fault.starts_with("event_size"); });
  };
  EXPECT_EQ(event_size_faults(256), 0);
  EXPECT_EQ(event_size_faults(sizeof(tp_element)), 0);
  EXPECT_EQ(event_size_faults(255), 1);
  EXPECT_EQ(event_size_faults(sizeof(tp_element) + 8), 1);
}

TEST(Manifest, NamesAreLowerCaseWords) {
  for (const auto* name : {"a", "nasdaq", "tick-1_x"}) EXPECT_TRUE(is_plugin_name(name)) << name;
  for (const auto* name : {"", "A", "a b", "a/b", "..", "a.so", "\xC3\xA4"}) EXPECT_FALSE(is_plugin_name(name)) << name;
  EXPECT_FALSE(is_plugin_name(std::string(65, 'a')));
}

} // namespace
} // namespace tickplant::plugin
