#include "runtime/net/client/http_answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tickplant::net {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(HttpAnswer, PrintsTheHead) {
  auto response = http_response::json("{}");
  response.etag = "\"v1\"";
  response.fields = {{"X-A", "b"}};
  std::string out = "old";
  print_head(out, response, 200, false, 784'111'777'000'000'000);
  EXPECT_EQ(out, "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: application/json\r\n"
                 "Content-Length: 2\r\nETag: \"v1\"\r\nX-A: b\r\nConnection: keep-alive\r\n\r\n");
  print_head(out, response, 304, true, 0);
  EXPECT_THAT(out, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(out, HasSubstr("Connection: close"));
}

TEST(HttpAnswer, RefusesWhatWouldBreakTheLine) {
  EXPECT_EQ(problem_of(http_response{}), "");
  http_response bad;
  bad.fields = {{"A", "b\r\nSet-Cookie: x"}};
  EXPECT_NE(problem_of(bad), "");
  bad.fields = {{"A: b", "c"}};
  EXPECT_NE(problem_of(bad), "");
  bad.fields.clear();
  bad.content_type = "text\n";
  EXPECT_NE(problem_of(bad), "");
  bad = http_response::text(101, "");
  EXPECT_NE(problem_of(bad), "");
}

TEST(Etag, IsComparedWeaklyInALists) {
  EXPECT_TRUE(etag_matches("\"a\"", "\"a\""));
  EXPECT_TRUE(etag_matches("W/\"a\"", "\"a\""));
  EXPECT_TRUE(etag_matches("\"x\", \"y,z\" , W/\"a\"", "W/\"a\""));
  EXPECT_TRUE(etag_matches("*", "\"a\""));
  EXPECT_FALSE(etag_matches("\"aa\"", "\"a\""));
  EXPECT_FALSE(etag_matches("\"a", "\"a\""));
  EXPECT_FALSE(etag_matches("", "\"a\""));
  EXPECT_FALSE(etag_matches("*", ""));
}

} // namespace
} // namespace tickplant::net
