// W3C Trace Context level 1, section 3.2 and 4.3.
#include "runtime/telemetry/trace_context.hpp"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

namespace tickplant::telemetry {
namespace {

const std::string trace = "0af7651916cd43dd8448eb211c80319c", parent = "b7ad6b7169203331";
const std::string good = "00-" + trace + "-" + parent + "-01";

TEST(TraceContext, ReadsTheIdsAndTheFlagOfAHeader) {
  const auto read = parse_traceparent(good);
  ASSERT_TRUE(read);
  EXPECT_EQ(trace_id_text(read->trace_id), trace);
  EXPECT_EQ(span_id_text(read->span_id), parent);
  EXPECT_EQ(read->trace_id[0], 0x0a);
  EXPECT_EQ(read->trace_id[15], 0x9c);
  EXPECT_TRUE(read->is_sampled());
  EXPECT_TRUE(read->is_valid());
}

TEST(TraceContext, WritesWhatItReads) {
  for (const auto& flags : {"00", "01"}) {
    const auto text = "00-" + trace + "-" + parent + "-" + flags;
    const auto read = parse_traceparent(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(to_traceparent(*read), text);
  }
}

TEST(TraceContext, NothingIsValidWithoutBothIds) {
  trace_context context;
  EXPECT_FALSE(context.is_valid());
  context.trace_id[3] = 1;
  EXPECT_FALSE(context.is_valid());
  context.span_id[7] = 1;
  EXPECT_TRUE(context.is_valid());
}

struct accepted {
  std::string text;
  bool is_sampled;
};
class Accepted : public ::testing::TestWithParam<accepted> {};

TEST_P(Accepted, IsRead) {
  const auto read = parse_traceparent(GetParam().text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->is_sampled(), GetParam().is_sampled);
  EXPECT_EQ(trace_id_text(read->trace_id), trace);
  EXPECT_LE(read->flags, 1) << "flags that level 1 does not define are not passed on";
}

INSTANTIATE_TEST_SUITE_P(TraceContext, Accepted,
                         ::testing::Values(accepted{good, true}, accepted{"00-" + trace + "-" + parent + "-00", false},
                                           accepted{"00-" + trace + "-" + parent + "-ff", true},
                                           accepted{"00-" + trace + "-" + parent + "-02", false},
                                           accepted{"00-" + trace + "-" + parent + "-03", true},
                                           accepted{"01-" + trace + "-" + parent + "-01", true},
                                           accepted{"fe-" + trace + "-" + parent + "-00", false},
                                           accepted{"cc-" + trace + "-" + parent + "-01-", true},
                                           accepted{"cc-" + trace + "-" + parent + "-01-what-the-future-brings",
                                                    true}));

class Refused : public ::testing::TestWithParam<std::string> {};

TEST_P(Refused, IsNoContext) {
  EXPECT_FALSE(parse_traceparent(GetParam())) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
  TraceContext, Refused,
  ::testing::Values(
    "", "00", "-", std::string(55, '-'), std::string(55, '0'), // shapes
    good.substr(0, 54), good.substr(1), " " + good, good + " ", good + "-", good + "-01", good + "0",
    "ff-" + trace + "-" + parent + "-01", // the version that never is
    "ff-" + trace + "-" + parent + "-01-more", "0g-" + trace + "-" + parent + "-01",
    "0-" + trace + "-" + parent + "-001", "00-" + std::string(32, '0') + "-" + parent + "-01", // all zero
    "00-" + trace + "-" + std::string(16, '0') + "-01",
    "00-0AF7651916CD43DD8448EB211C80319C-" + parent + "-01", // upper case
    "00-" + trace + "-B7AD6B7169203331-01", "00-" + trace + "-" + parent + "-0A", "CC-" + trace + "-" + parent + "-01",
    "00_" + trace + "-" + parent + "-01", "00-" + trace + "_" + parent + "-01", // dashes
    "00-" + trace + "-" + parent + "_01", "cc-" + trace + "-" + parent + "-01.more",
    "cc-" + trace + "-" + parent + "-012",
    "00-" + trace.substr(1) + "g-" + parent + "-01", // digits
    "00-" + trace + "-" + parent.substr(1) + " -01", "00-" + trace + "-" + parent + "-0x",
    "00-" + trace + "-" + parent + "-1", "00-" + trace + parent + "--01",
    good.substr(0, 20) + std::string(1, '\0') + good.substr(21), "00-" + trace + "-" + parent + "-\xc3\xa9"));

} // namespace
} // namespace tickplant::telemetry
