// S4-04: who is not on the list is refused.
#include "runtime/policy/origin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tickplant::policy {
namespace {

using enum origin_decision;

origin_list list_of(const std::vector<std::string>& entries) {
  std::vector<origin_fault> faults;
  auto list = origin_list::compile(entries, faults);
  EXPECT_TRUE(faults.empty()) << faults.front().problem;
  return list;
}

struct origin_case {
  std::vector<std::string> list;
  std::optional<std::string> origin;
  origin_decision wanted;
};

const std::vector<std::string> one{"https://app.example.com"};
const std::vector<std::string> wild{"https://*.example.com"};
const std::vector<std::string> local{"http://localhost:*", "http://[::1]:3000"};

class OriginS4_04 : public testing::TestWithParam<origin_case> {};

TEST_P(OriginS4_04, IsDecided) {
  const auto& [list, origin, wanted] = GetParam();
  const auto decision = list_of(list).decide(origin ? std::optional<std::string_view>{*origin} : std::nullopt);
  EXPECT_EQ(decision, wanted) << origin.value_or("(none)") << ": " << text_of(decision);
}

INSTANTIATE_TEST_SUITE_P(
  Exact, OriginS4_04,
  testing::Values(
    origin_case{one, "https://app.example.com", allowed}, origin_case{one, "HTTPS://App.Example.COM", allowed},
    origin_case{one, "https://app.example.com:443", allowed},
    origin_case{{"https://app.example.com:443"}, "https://app.example.com", allowed},
    origin_case{{"http://a:80"}, "http://a", allowed}, origin_case{one, "http://app.example.com", not_listed},
    origin_case{one, "https://app.example.com:8443", not_listed},
    origin_case{one, "https://app.example.com:80", not_listed}, origin_case{one, "https://example.com", not_listed},
    origin_case{one, "https://app.example.com.evil.net", not_listed},
    origin_case{one, "https://app.example.com.", malformed},
    origin_case{{"http://127.0.0.1:3000"}, "http://127.0.0.1:3000", allowed},
    origin_case{{"chrome-extension://abcdef"}, "chrome-extension://abcdef", allowed},
    origin_case{{"https://xn--bcher-kva.example"}, "https://xn--bcher-kva.example", allowed}));

INSTANTIATE_TEST_SUITE_P(
  Wildcards, OriginS4_04,
  testing::Values(
    origin_case{wild, "https://a.example.com", allowed}, origin_case{wild, "https://a.b.example.com", allowed},
    origin_case{wild, "https://A.EXAMPLE.com:443", allowed}, origin_case{wild, "https://example.com", not_listed},
    origin_case{wild, "https://evilexample.com", not_listed}, origin_case{wild, "https://.example.com", malformed},
    origin_case{wild, "https://a.example.com:444", not_listed}, origin_case{wild, "http://a.example.com", not_listed},
    origin_case{wild, "https://a.example.com.evil.net", not_listed},
    origin_case{{"https://*.example.com:*"}, "https://a.example.com:444", allowed},
    origin_case{local, "http://localhost:5173", allowed}, origin_case{local, "http://localhost", allowed},
    origin_case{local, "https://localhost:5173", not_listed},
    origin_case{local, "http://localhost.evil.net:1", not_listed}, origin_case{{"*"}, "https://x.y", allowed},
    origin_case{{"*"}, "null", not_listed}, origin_case{{"*"}, "rubbish", malformed}));

INSTANTIATE_TEST_SUITE_P(
  AddressesAndNone, OriginS4_04,
  testing::Values(origin_case{local, "http://[::1]:3000", allowed},
                  origin_case{local, "http://[0:0:0:0:0:0:0:1]:3000", allowed},
                  origin_case{local, "http://[::1]", not_listed}, origin_case{local, "http://[::2]:3000", not_listed},
                  origin_case{local, "http://[::1:3000", malformed}, origin_case{local, "http://::1:3000", malformed},
                  origin_case{one, "null", not_listed}, origin_case{{"null"}, "null", allowed},
                  origin_case{{"null"}, "NULL", malformed}, origin_case{{}, "null", allowed},
                  origin_case{{}, "https://anything", allowed}, origin_case{{}, std::nullopt, allowed_absent},
                  origin_case{one, std::nullopt, allowed_absent},
                  origin_case{{"https://app.example.com", "require"}, std::nullopt, absent},
                  origin_case{{"require"}, std::nullopt, absent}, origin_case{{"require"}, "https://a", allowed},
                  origin_case{{"require"}, "null", not_listed}));

INSTANTIATE_TEST_SUITE_P(
  Garbage, OriginS4_04,
  testing::Values(origin_case{one, "", malformed}, origin_case{one, "app.example.com", malformed},
                  origin_case{one, "https://app.example.com/", malformed},
                  origin_case{one, "https://app.example.com/path", malformed},
                  origin_case{one, "https://app.example.com?x", malformed},
                  origin_case{one, "https://user@app.example.com", malformed},
                  origin_case{one, "https://app.example.com@evil.net", malformed},
                  origin_case{one, "https://app.example.com https://evil.net", malformed},
                  origin_case{one, "https://app.example.com,https://evil.net", malformed},
                  origin_case{one, " https://app.example.com", malformed},
                  origin_case{one, "https://app.example.com:", malformed},
                  origin_case{one, "https://app.example.com:0443", malformed},
                  origin_case{one, "https://app.example.com:0", malformed},
                  origin_case{one, "https://app.example.com:70000", malformed},
                  origin_case{one, "https://app.example.com:4a", malformed},
                  origin_case{one, "https://app..example.com", malformed}, origin_case{one, "https://*.com", malformed},
                  origin_case{one, "https://\xD0\xB0pp.example.com", malformed},
                  origin_case{one, "https://app%2Eexample.com", malformed}, origin_case{one, "https://", malformed},
                  origin_case{one, "://app.example.com", malformed},
                  origin_case{one, std::string{"https://app.example.com\0", 24}, malformed},
                  origin_case{one, "https://" + std::string(600, 'a'), malformed},
                  origin_case{one, "https://" + std::string(64, 'a') + ".example.com", malformed}));

TEST(OriginList, TellsEachFaultyEntryWithItsPlace) {
  std::vector<origin_fault> faults;
  const std::vector<std::string> entries{
    "https://good.example", "good.example",          "https://a/path",  "https://*",
    "https://a*.example",   "https://x.*.example",   "https://a:99999", "https://u@a.example",
    "https://*.[::1]",      "https://*.example.com", "https://a:*b"};
  static_cast<void>(origin_list::compile(entries, faults));
  std::vector<size_t> places;
  for (const auto& each : faults) places.push_back(each.entry);
  EXPECT_THAT(places, testing::ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 10));
  EXPECT_THAT(faults.front().problem, testing::HasSubstr("'good.example' is no origin: wanted scheme://host"));
}

TEST(OriginList, AllowsEverythingOnlyWithoutEntries) {
  EXPECT_TRUE(list_of({}).allows_everything());
  EXPECT_FALSE(list_of({"*"}).allows_everything());
  EXPECT_FALSE(list_of({"require"}).allows_everything());
}

} // namespace
} // namespace tickplant::policy
