// What client and server agree on before the first message: compression and TLS.
#include "support/control.hpp"
#include "support/http_client.hpp"
#include "support/market_view.hpp"
#include "support/metrics_page.hpp"
#include "support/reloading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace tickplant::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

/// Takes messages until every symbol has had `count` entries; bytes of their texts, 0 if something is wrong.
uint64_t follow_bytes(ws_client& client, market_view& view, const std::vector<std::string>& symbols, size_t count) {
  uint64_t bytes = 0;
  const bool is_complete = client
                             .wait_for([&](const json& body) {
                               bytes += body.dump().size();
                               view.take(body);
                               return std::all_of(symbols.begin(), symbols.end(),
                                                  [&](const auto& symbol) { return view.entries(symbol) >= count; });
                             })
                             .has_value();
  return is_complete ? bytes : 0;
}

/// What is wrong with the newest entries, or nothing.
std::string fault_of(const market_view& view, const std::vector<std::string>& symbols) {
  for (const auto& symbol : symbols) {
    const auto fault = book_fault(view.entry(symbol));
    if (!fault.empty()) return symbol + ": " + fault;
  }
  return {};
}

class Compressed : public ::testing::Test {
protected:
  static settings_text wanted() {
    settings_text made;
    made.public_more = "    compression: deflate\n    metrics: true\n";
    return made;
  }
  static connect_options deflating() {
    connect_options options;
    options.offers_deflate = true;
    return options;
  }
  uint16_t port() { return world_.whole().port(); }

  reloading world_{wanted()};
};

// S0-51.
TEST_F(Compressed, MarketDataOfManySymbolsIsRightAndSmaller) {
  const auto symbols = all_symbols(); // together far above the threshold of 1,024 bytes
  const auto packed = connect(world_.whole(), deflating());
  EXPECT_THAT(packed->answer_field("Sec-WebSocket-Extensions"), HasSubstr("permessage-deflate"));
  const auto plain = connect(world_.whole());
  EXPECT_EQ(plain->answer_field("Sec-WebSocket-Extensions"), "");
  for (auto* client : {packed.get(), plain.get()}) client->send(subscribe(symbols, {{"frequency", 500}}));

  market_view packed_view, plain_view;
  const auto packed_text = follow_bytes(*packed, packed_view, symbols, 6);
  const auto plain_text = follow_bytes(*plain, plain_view, symbols, 6);
  ASSERT_GT(packed_text, 0u) << world_.story();
  ASSERT_GT(plain_text, 0u) << world_.story();
  EXPECT_EQ(fault_of(packed_view, symbols), "");
  EXPECT_EQ(fault_of(plain_view, symbols), "");
  // What is printed again here has the length of what came, give or take digits.
  EXPECT_LT(packed->socket_bytes(), packed_text * 3 / 4);
  EXPECT_GT(plain->socket_bytes(), plain_text * 3 / 4);
}

TEST_F(Compressed, RequestsAreRead) {
  const auto client = connect(world_.whole(), deflating());
  // Unknown keys are skipped.
  client->send(subscribe({"AAPL"}, {{"requestId", 7}, {"comment", std::string(20'000, 'a')}}));
  const auto answer = client->wait_for([](const json& body) { return body.contains("results"); });
  ASSERT_TRUE(answer) << world_.story();
  EXPECT_EQ(answer->body.at("requestId"), 7);
  // As the server counts them before it unpacks.
  const auto came = metrics_page{http_get(port(), "/metrics").body}.sum("tickplant_client_received_bytes_total");
  EXPECT_GT(came, 0);
  EXPECT_LT(came, 5'000) << "it did not come compressed";
  market_view view;
  EXPECT_TRUE(view.follow_entries(*client, {"AAPL"}, 2)) << world_.story();
}

TEST_F(Compressed, BombIsClosedAndHarmsNobody) {
  const auto other = connect(world_.whole(), deflating());
  other->send(subscribe({"AAPL"}));
  market_view view;
  ASSERT_TRUE(view.follow_entries(*other, {"AAPL"})) << world_.story();
  const auto before_kib = world_.whole().server().memory_kib();

  const auto client = connect(world_.whole(), deflating());
  client->send_text(std::string(1u << 20, ' '));
  const auto closed = client->wait_closed();
  ASSERT_TRUE(closed) << world_.story();
  EXPECT_EQ(closed->code, 1009) << closed->reason;
  EXPECT_TRUE(view.follow_entries(*other, {"AAPL"}, 3)) << world_.story();
  if (!TP_IS_SANITIZED) { // which keeps what was freed for a while
    EXPECT_LT(world_.whole().server().memory_kib(), before_kib + 16 * 1024);
  }
}

TEST(Uncompressed, ListenerDeclinesTheOffer) {
  plant whole{plant::venues::nasdaq};
  whole.start();
  connect_options options;
  options.offers_deflate = true;
  const auto client = connect(whole, options);
  EXPECT_EQ(client->answer_field("Sec-WebSocket-Extensions"), "");
  client->send(subscribe({"AAPL"}));
  market_view view;
  EXPECT_TRUE(view.follow_entries(*client, {"AAPL"})) << whole.story();
}

/// A listener with a certificate of the test's own.
class Secured : public ::testing::Test {
protected:
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  // Made beside the files and renamed over it; the key stays, so that the two fit at any moment.
  void issue(const std::string& common_name) {
    const bool is_first = !std::filesystem::exists(path("key.pem"));
    std::vector<std::string> words{
      "openssl", "req", "-x509", "-days", "2", "-subj", "/CN=" + common_name, "-out", path("certificate.new")};
    if (is_first)
      words.insert(words.end(),
                   {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path("key.pem")});
    else
      words.insert(words.end(), {"-key", path("key.pem")});
    const auto made = run_program("/usr/bin/env", words);
    if (made.code != 0) throw std::runtime_error("openssl makes no certificate: " + made.output);
    std::filesystem::rename(path("certificate.new"), path("certificate.pem"));
  }

  settings_text wanted() {
    issue("first.example");
    settings_text made;
    made.more_listeners = "  - name: safe\n    bind: \"127.0.0.1:0\"\n    routes: {/ws: hft}\n"
                          "    compression: deflate\n    tls: {certificate: \"" +
                          path("certificate.pem") + "\", key: \"" + path("key.pem") + "\"}\n";
    return made;
  }

  scratch_folder folder_;
  reloading world_{wanted()};
};

// S1-20, S2-56.
TEST_F(Secured, ClientsAreServedAndARenewedCertificateIsForThoseWhoComeLater) {
  auto& server = world_.whole().server();
  const auto port = listener_port(server, "safe");
  ASSERT_NE(port, 0) << world_.story();
  connect_options options;
  options.has_tls = true;
  ws_client early{port, options};
  EXPECT_EQ(early.certificate_name(), "first.example");
  early.send(subscribe({"AAPL", "BTCUSDT"}));
  market_view view;
  ASSERT_TRUE(view.follow_entries(early, {"AAPL", "BTCUSDT"})) << world_.story();

  issue("second.example");
  ASSERT_TRUE(server.wait_for_line("reload (file change): applied")) << world_.story();
  const ws_client late{port, options};
  EXPECT_EQ(late.certificate_name(), "second.example");
  EXPECT_TRUE(view.follow_entries(early, {"AAPL", "BTCUSDT"}, 3)) << world_.story();

  // One that is broken is refused, and the one before stays.
  folder_.write("broken.pem", "-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n");
  std::filesystem::rename(path("broken.pem"), path("certificate.pem"));
  ASSERT_TRUE(server.wait_for_line("reload (file change): refused")) << world_.story();
  EXPECT_EQ((ws_client{port, options}.certificate_name()), "second.example");
  EXPECT_TRUE(early.is_open());
}

TEST_F(Secured, PlainClientIsTurnedAwayAndOthersAreServed) {
  const auto port = listener_port(world_.whole().server(), "safe");
  EXPECT_THROW((ws_client{port}), std::runtime_error);
  EXPECT_EQ(http_get(port, "/health/live").status, 400u);
  connect_options options;
  options.has_tls = true;
  options.offers_deflate = true; // both together
  ws_client client{port, options};
  EXPECT_THAT(client.answer_field("Sec-WebSocket-Extensions"), HasSubstr("permessage-deflate"));
  client.send(subscribe(all_symbols()));
  market_view view;
  ASSERT_TRUE(view.follow_entries(client, all_symbols(), 3)) << world_.story();
  EXPECT_EQ(fault_of(view, all_symbols()), "");
}

} // namespace
} // namespace tickplant::testing
