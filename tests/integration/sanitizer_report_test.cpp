// A child whose sanitizer speaks fails the test that started it, however it ended and whoever looked.
#include "support/child_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

namespace tickplant::testing {
namespace {

using ::testing::Values;

void run_that_says(const std::string& line) {
  child_process child{"/bin/sh", {"-c", "echo before >&2; echo \"$0\" >&2; echo '    #0 in somewhere' >&2", line}};
  child.wait_exit();
}

class Report : public ::testing::TestWithParam<const char*> {};

TEST_P(Report, OfAChildFailsItsTest) {
  EXPECT_NONFATAL_FAILURE(run_that_says(GetParam()), "made a sanitizer speak:\n" + std::string{GetParam()} + '\n');
}

INSTANTIATE_TEST_SUITE_P(Sanitizer, Report,
                         Values("==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x60",
                                "==7==ERROR: LeakSanitizer: detected memory leaks", "AddressSanitizer:DEADLYSIGNAL",
                                "WARNING: ThreadSanitizer: data race (pid=7)", "ThreadSanitizer:DEADLYSIGNAL",
                                "runtime/book/level.hpp:7:3: runtime error: signed integer overflow"));

TEST(Sanitizer, WordsThatAreNoReportFailNothing) {
  run_that_says("WARNING: venue NASDAQ: data was lost");
  run_that_says("ERROR: runtime error of a venue");
}

// The report of a server that is killed in the end, since the test has what it wanted, counts as well.
TEST(Sanitizer, ReportOfAChildThatRunsOnFailsItsTest) {
  const auto run = [] {
    child_process child{"/bin/sh", {"-c", "echo '==7==ERROR: LeakSanitizer: detected'; exec tail -f /dev/null"}};
    ASSERT_TRUE(child.wait_for_line("LeakSanitizer"));
  };
  EXPECT_NONFATAL_FAILURE(run(), "LeakSanitizer: detected");
}

} // namespace
} // namespace tickplant::testing
