#include "runtime/net/venue/address.hpp"

#include <gtest/gtest.h>

namespace tickplant::net::venue {

namespace {

address parsed(std::string_view text) {
  std::string fault;
  auto out = parse_address(text, fault);
  EXPECT_TRUE(out) << text << ": " << fault;
  return out.value_or(address{});
}

std::string fault_of(std::string_view text) {
  std::string fault;
  EXPECT_FALSE(parse_address(text, fault)) << text;
  return fault;
}

TEST(VenueAddress, SplitsHostAndPort) {
  const auto a = parsed("udp://233.54.12.111:26477");
  EXPECT_EQ(a.kind, scheme::udp);
  EXPECT_EQ(a.host, "233.54.12.111");
  EXPECT_EQ(a.port, 26477);
  const auto b = parsed("tls://[2001:db8::1]:443");
  EXPECT_EQ(b.host, "2001:db8::1");
  EXPECT_EQ(b.authority(), "[2001:db8::1]:443");
  EXPECT_TRUE(b.is_secure());
}

TEST(VenueAddress, KnowsThePortsOfWebAndItsHostHeader) {
  const auto a = parsed("wss://stream.binance.com/stream?streams=btcusdt@depth");
  EXPECT_EQ(a.port, 443);
  EXPECT_EQ(a.host_header(), "stream.binance.com");
  EXPECT_EQ(a.target, "/stream?streams=btcusdt@depth");
  EXPECT_EQ(parsed("wss://stream.binance.com:9443/ws").host_header(), "stream.binance.com:9443");
  EXPECT_EQ(parsed("http://localhost").target, "/");
  EXPECT_EQ(parsed("http://localhost?a=1").target, "/?a=1");
}

TEST(VenueAddress, EscapesWhatARequestLineCannotCarry) {
  EXPECT_EQ(parsed("https://h/a?symbols=[\"BTC\"]").target, "/a?symbols=[%22BTC%22]");
  EXPECT_EQ(parsed("https://h/\xe5\xb8\x81").target, "/%E5%B8%81");
  EXPECT_EQ(parsed("https://h/%22").target, "/%22");
}

TEST(VenueAddress, DecodesFilePaths) {
  EXPECT_EQ(parsed("file:///data/a%20b.itch").target, "/data/a b.itch");
  EXPECT_EQ(parsed("file://localhost/data/x").target, "/data/x");
  EXPECT_EQ(fault_of("file://data/x"), "a file needs an absolute path (file:///path)");
  fault_of("file:///a%2");
  fault_of("file:///a%00b");
}

TEST(VenueAddress, SaysWhatIsWrong) {
  EXPECT_NE(fault_of("localhost:80").find("scheme://"), std::string::npos);
  EXPECT_NE(fault_of("ftp://h/").find("none of udp"), std::string::npos);
  EXPECT_NE(fault_of("tcp://h").find("port is missing"), std::string::npos);
  EXPECT_NE(fault_of("tcp://:1").find("host is missing"), std::string::npos);
  EXPECT_NE(fault_of("tcp://h:0").find("1 to 65535"), std::string::npos);
  EXPECT_NE(fault_of("tcp://h:65536").find("1 to 65535"), std::string::npos);
  EXPECT_NE(fault_of("tcp://h:12x").find("1 to 65535"), std::string::npos);
  EXPECT_NE(fault_of("tls://h:1?insecure").find("nothing may follow"), std::string::npos);
  EXPECT_NE(fault_of("udp://h:1/x").find("nothing may follow"), std::string::npos);
  EXPECT_NE(fault_of("ws://user@h/").find("user name"), std::string::npos);
  EXPECT_NE(fault_of("ws://[::1/").find("']'"), std::string::npos);
  EXPECT_NE(fault_of("ws://h/a b").find("spaces"), std::string::npos);
  EXPECT_NE(fault_of("ws://h/a\r\nX: y").find("spaces"), std::string::npos);
  EXPECT_NE(fault_of("ws://h/#x").find("'#'"), std::string::npos);
  EXPECT_NE(fault_of("").find("scheme://"), std::string::npos);
}

TEST(VenueAddress, LogsNoQuery) {
  EXPECT_EQ(shown("wss://h/ws?key=secret"), "wss://h/ws");
  EXPECT_EQ(shown(std::string(300, 'x')).size(), 203u);
  EXPECT_EQ(shown("a\nb"), "a.b");
}

} // namespace
} // namespace tickplant::net::venue
