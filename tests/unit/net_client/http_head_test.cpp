#include "runtime/net/client/http_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tickplant::net {
namespace {

using ::testing::HasSubstr;

std::string upgrade(std::string_view without = {}, std::string_view more = {},
                    std::string_view line = "GET /ws?a=1&b=%20 HTTP/1.1") {
  std::string out{line};
  out += "\r\n";
  for (const std::string_view field : {"Host: localhost", "Upgrade: WebSocket", "Connection: keep-alive, upgrade",
                                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"}) {
    if (!without.empty() && field.starts_with(without)) continue;
    out += field;
    out += "\r\n";
  }
  return out + std::string{more} + "\r\n";
}

TEST(HttpHead, ReadsAnUpgrade) {
  http_head head;
  ASSERT_EQ(
    head
      .parse(upgrade(
        {}, "Origin: https://a.example\r\nSec-WebSocket-Protocol: tp.v1, hft\r\nSec-WebSocket-Protocol: json\r\n"))
      .status,
    0);
  EXPECT_TRUE(head.wants_upgrade);
  EXPECT_EQ(head.request.path, "/ws");
  EXPECT_EQ(head.request.query, "a=1&b=%20");
  EXPECT_EQ(head.request.query_value("b"), "%20");
  EXPECT_EQ(head.request.query_value("c"), "");
  EXPECT_EQ(head.request.origin, "https://a.example");
  EXPECT_EQ(head.request.field("HOST"), "localhost");
  EXPECT_THAT(head.request.subprotocols, ::testing::ElementsAre("tp.v1", "hft", "json"));
  EXPECT_EQ(accept_key(head.key), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); // RFC 6455, section 1.3
}

TEST(HttpHead, APlainRequestIsNoUpgrade) {
  http_head head;
  ASSERT_EQ(head.parse("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n").status, 0);
  EXPECT_FALSE(head.wants_upgrade);
  EXPECT_TRUE(head.keep_alive);
  http_head old;
  ASSERT_EQ(old.parse("HEAD / HTTP/1.0\r\n\r\n").status, 0);
  EXPECT_FALSE(old.keep_alive);
  EXPECT_TRUE(old.is_head);
}

TEST(HttpHead, UnderstandsTheAbsoluteForm) {
  http_head head;
  ASSERT_EQ(head.parse("GET http://localhost:81/a/b?c HTTP/1.1\r\nHost: x\r\n\r\n").status, 0);
  EXPECT_EQ(head.request.path, "/a/b");
  EXPECT_EQ(head.request.query, "c");
}

struct refused {
  const char* name;
  std::string head;
  int status;
  const char* why;
};

class HttpHeadRefuses : public ::testing::TestWithParam<refused> {};

TEST_P(HttpHeadRefuses, AndSaysWhy) {
  http_head head;
  const auto answer = head.parse(GetParam().head);
  EXPECT_EQ(answer.status, GetParam().status);
  EXPECT_THAT(answer.why, HasSubstr(GetParam().why));
  EXPECT_FALSE(head.wants_upgrade);
}

std::string keyed(std::string_view key) {
  return upgrade("Sec-WebSocket-Key", "Sec-WebSocket-Key:" + std::string{key} + "\r\n");
}

INSTANTIATE_TEST_SUITE_P(
  Http, HttpHeadRefuses,
  ::testing::Values(
    refused{"garbage", "hello there\r\n\r\n", 400, "cannot be read"},
    refused{"bare_line_feeds", "GET / HTTP/1.1\nHost: x\n\n", 400, "cannot be read"},
    refused{"control_character", "GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "cannot be read"},
    refused{"http2", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505, "HTTP/1.1"},
    refused{"post", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n", 405, "POST"},
    refused{"unknown_method", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 405, "BREW"},
    refused{"no_host", "GET / HTTP/1.1\r\n\r\n", 400, "Host"},
    refused{"two_hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400, "Host"},
    refused{"body", "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n", 413, "body"},
    refused{"chunked", "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 411, "Content-Length"},
    refused{"lower_case_method", "get / HTTP/1.1\r\nHost: x\r\n\r\n", 405, "get"},
    refused{"blank_before_the_colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400, "cannot be read"},
    refused{"zero_byte_in_a_field", std::string("GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", 35), 400,
            "cannot be read"},
    refused{"field_without_a_name", "GET / HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n", 400, "cannot be read"},
    refused{"two_lengths", "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n", 400, ""},
    refused{"negative_length", "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400, "cannot be read"},
    refused{"huge_length", "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400,
            "cannot be read"},
    refused{"asterisk", "GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400, "slash"},
    refused{"long_target", "GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414, "8192"},
    refused{"no_key", upgrade("Sec-WebSocket-Key"), 400, "Sec-WebSocket-Key"},
    refused{"empty_key", keyed(""), 400, "Sec-WebSocket-Key"},
    refused{"short_key", keyed(" dGhlIHNhbXBsZQ=="), 400, "Sec-WebSocket-Key"},
    refused{"long_key", keyed(" dGhlIHNhbXBsZSBub25jZWFh"), 400, "Sec-WebSocket-Key"},
    refused{"key_not_base64", keyed(" dGhlIHNhbXBsZSBub25j*Q=="), 400, "Sec-WebSocket-Key"},
    refused{"key_of_more_than_16_bytes", keyed(" dGhlIHNhbXBsZSBub25jZf=="), 400, "Sec-WebSocket-Key"},
    refused{"two_keys", upgrade({}, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), 400, "Sec-WebSocket-Key"},
    refused{"no_version", upgrade("Sec-WebSocket-Version"), 426, "13"},
    refused{"version_8", upgrade("Sec-WebSocket-Version", "Sec-WebSocket-Version: 8\r\n"), 426, "13"},
    refused{"two_versions", upgrade({}, "Sec-WebSocket-Version: 8\r\n"), 426, "13"},
    refused{"version_list", upgrade("Sec-WebSocket-Version", "Sec-WebSocket-Version: 13, 8\r\n"), 426, "13"},
    refused{"key_of_blanks", keyed("                         "), 400, "Sec-WebSocket-Key"},
    refused{"key_of_base64url", keyed(" dGhlIHNhbXBsZSBub2_jZQ=="), 400, "Sec-WebSocket-Key"},
    refused{"no_connection", upgrade("Connection"), 400, "Connection"},
    refused{"connection_without_upgrade", upgrade("Connection", "Connection: keep-alive\r\n"), 400, "Connection"},
    refused{"no_upgrade", upgrade("Upgrade"), 400, "Upgrade"},
    refused{"http10", upgrade({}, {}, "GET /ws HTTP/1.0"), 400, "HTTP/1.1"},
    refused{"head", upgrade({}, {}, "HEAD /ws HTTP/1.1"), 405, "GET"},
    refused{"bad_subprotocol", upgrade({}, "Sec-WebSocket-Protocol: a b\r\n"), 400, "Sec-WebSocket-Protocol"}),
  [](const auto& one) { return one.param.name; });

TEST(HttpHead, BoundsTheNumberOfFields) {
  std::string head = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i != 100; ++i) head += "a:b\r\n";
  http_head parsed;
  EXPECT_EQ(parsed.parse(head + "\r\n").status, 431);
}

TEST(PercentDecode, RefusesWhatIsBroken) {
  std::string out = "kept";
  for (const std::string_view bad : {"%", "%4", "%4g", "%00", "a%zz"})
    EXPECT_FALSE(percent_decode(bad, out, false)) << bad;
  EXPECT_EQ(out, "kept");
  EXPECT_TRUE(percent_decode("a%2Fb+c%e2%82%ac", out, false));
  EXPECT_EQ(out, "a/b+c\xE2\x82\xAC");
  EXPECT_TRUE(percent_decode("b+c", out, true));
  EXPECT_EQ(out, "b c");
}

} // namespace
} // namespace tickplant::net
