// Market data as a client sees it.
#include "support/market_view.hpp"
#include "support/plant.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tickplant::testing {
namespace {

using nlohmann::json;

std::vector<json> entries_of(const std::vector<message>& messages, const std::string& symbol) {
  std::vector<json> found;
  for (const auto& one : messages)
    if (one.type() == "MARKET_DATA")
      for (const auto& entry : one.body.at("symbols"))
        if (entry.at("symbol") == symbol) found.push_back(entry);
  return found;
}

size_t count_market_data(const std::vector<message>& messages) {
  return static_cast<size_t>(
    std::ranges::count_if(messages, [](const message& one) { return one.type() == "MARKET_DATA"; }));
}

bool is_served(ws_client& client, const std::vector<std::string>& symbols) {
  market_view view;
  return view.follow_entries(client, symbols);
}

void expect_keys_of_the_document(const json& entry) {
  static const std::vector<std::string> numbers{"price",  "bid",           "ask",           "bidSize", "askSize",
                                                "volume", "change",        "changePercent", "high",    "low",
                                                "open",   "previousClose", "timestamp"};
  for (const auto& key : {"symbol", "exchange"})
    EXPECT_TRUE(entry.contains(key) && entry[key].is_string()) << key << ": " << entry;
  for (const auto& key : numbers) EXPECT_TRUE(entry.contains(key) && entry[key].is_number()) << key << ": " << entry;
  EXPECT_TRUE(entry["timestamp"].is_number_integer()) << entry;
  EXPECT_GT(entry["price"].get<double>(), 0) << entry;
  for (const auto& side : {"bids", "asks"}) {
    ASSERT_TRUE(entry.contains(side) && entry[side].is_array()) << entry;
    EXPECT_LE(entry[side].size(), 5u) << entry;
    for (const auto& level : entry[side]) {
      EXPECT_EQ(level.size(), 3u) << level;
      for (const auto& key : {"price", "size", "orders"})
        EXPECT_TRUE(level.contains(key) && level[key].is_number()) << level;
    }
  }
}

// Consecutive numbers of one connection, and ids with the millisecond of their message (S0-60).
void expect_numbered(const std::vector<message>& messages) {
  int64_t before = 0;
  for (const auto& one : messages) {
    if (one.type() != "MARKET_DATA") continue;
    const auto sequence = one.body.at("sequence").get<int64_t>();
    if (before != 0) {
      ASSERT_EQ(sequence, before + 1);
    }
    before = sequence;
    EXPECT_EQ(one.body.at("id"), "md_" + std::to_string(one.body.at("timestamp").get<int64_t>()));
  }
}

// S0-05, S0-26, S0-27, S0-36, S0-38, S0-39, S0-54, S0-60.
TEST(Quotes, OfBothVenuesComeTenTimesASecondWithAllKeysOfTheDocument) {
  plant whole;
  whole.start();
  const auto client = connect(whole);
  client->send(subscribe(all_symbols(), {{"requestId", "first"}}));
  const auto ack = client->wait_for_type("ACK");
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->body["message"], "Subscribed to 9 symbols");
  EXPECT_EQ(ack->body["requestId"], "first");
  EXPECT_EQ(ack->body["frequency"], 100);
  EXPECT_EQ(ack->body["dataTypes"], (json{"QUOTES", "ORDER_BOOK"}));
  EXPECT_EQ(ack->body["results"].size(), 9u);
  ASSERT_TRUE(is_served(*client, all_symbols())) << whole.story();

  constexpr auto during = 3s;
  const auto messages = client->collect(during);
  const auto count = count_market_data(messages);
  EXPECT_GE(count, 5u * 3);
  EXPECT_LE(count, 11u * 3);
  expect_numbered(messages);
  for (const auto& symbol : all_symbols()) {
    const auto entries = entries_of(messages, symbol);
    EXPECT_GE(entries.size(), 3u) << symbol;
    const bool is_of_nasdaq = std::ranges::count(nasdaq_symbols, symbol) > 0;
    for (const auto& entry : entries) {
      expect_keys_of_the_document(entry);
      EXPECT_EQ(entry["exchange"], is_of_nasdaq ? "NASDAQ" : "BINANCE");
      EXPECT_FALSE(entry.contains("lastTrade")) << "nobody asked for TRADES";
      EXPECT_EQ(book_fault(entry), "");
      // At Binance the best prices have a stream of their own, which may be ahead of the levels.
      if (!is_of_nasdaq || entry["bids"].empty() || entry["asks"].empty()) continue;
      EXPECT_EQ(entry["bid"], entry["bids"][0]["price"]);
      EXPECT_EQ(entry["bidSize"], entry["bids"][0]["size"]);
      EXPECT_EQ(entry["ask"], entry["asks"][0]["price"]);
      EXPECT_EQ(entry["askSize"], entry["asks"][0]["size"]);
    }
  }
}

// S0-54: each client gets only its symbols; S0-27, S0-28: the book and trades only for those who ask.
TEST(Quotes, AreOnlyOfTheSymbolsAndKindsThatTheClientAskedFor) {
  plant whole;
  whole.start();
  const auto everything = connect(whole), one_symbol = connect(whole), trades = connect(whole);
  everything->send(subscribe(all_symbols()));
  one_symbol->send(subscribe({"MSFT"}, {{"dataTypes", {"QUOTES"}}}));
  trades->send(subscribe({"BTCUSDT"}, {{"dataTypes", {"TRADES", "ORDER_BOOK"}}, {"depth", 2}}));
  ASSERT_TRUE(is_served(*everything, all_symbols())) << whole.story();
  for (int i = 0; i < 15; ++i) {
    const auto quote = one_symbol->wait_for_type("MARKET_DATA");
    ASSERT_TRUE(quote);
    ASSERT_EQ(quote->body["symbols"].size(), 1u);
    const auto& entry = quote->body["symbols"][0];
    EXPECT_EQ(entry["symbol"], "MSFT");
    EXPECT_FALSE(entry.contains("bids") || entry.contains("asks") || entry.contains("lastTrade"));
  }
  // Trades and the venue's own quote come before its first snapshot of the book: nothing is told without levels.
  size_t without_levels = 0;
  const auto trade = trades->wait_for([&](const json& body) {
    if (body.value("type", "") != "MARKET_DATA") return false;
    without_levels += body["symbols"][0]["bids"].empty() ? 1 : 0;
    return body["symbols"][0].contains("lastTrade");
  });
  ASSERT_TRUE(trade);
  EXPECT_EQ(without_levels, 0u);
  const auto& entry = trade->body["symbols"][0];
  EXPECT_EQ(entry["symbol"], "BTCUSDT");
  EXPECT_EQ(entry["bids"].size(), 2u) << entry << whole.story();
  EXPECT_EQ(entry["asks"].size(), 2u) << entry;
  const auto& last = entry["lastTrade"];
  EXPECT_EQ(last["price"], entry["price"]);
  EXPECT_GT(last["size"].get<double>(), 0);
  EXPECT_TRUE(last["timestamp"].is_number_integer());
  EXPECT_TRUE(last["side"] == "BUY" || last["side"] == "SELL") << last;
}

// S0-36: frequency is the time between updates; 0 is every one.
TEST(Quotes, ComeAsOftenAsTheClientAsked) {
  plant whole;
  whole.start();
  const auto slow = connect(whole), fast = connect(whole);
  slow->send(subscribe(nasdaq_symbols, {{"frequency", 1000}}));
  fast->send(subscribe(nasdaq_symbols, {{"frequency", 0}}));
  const auto granted = slow->wait_for_type("ACK");
  ASSERT_TRUE(granted);
  EXPECT_EQ(granted->body["frequency"], 1000);
  ASSERT_TRUE(is_served(*slow, nasdaq_symbols) && is_served(*fast, nasdaq_symbols)) << whole.story();
  const auto of_slow = slow->collect(4s);
  EXPECT_GE(count_market_data(of_slow), 2u);
  EXPECT_LE(count_market_data(of_slow), 5u);
  expect_numbered(of_slow);
  const auto of_fast = fast->collect(2s);
  EXPECT_GT(count_market_data(of_fast), 2u * 11);
  expect_numbered(of_fast);
}

// S2-72: after the answer nothing more of that symbol; the others go on.
TEST(Quotes, EndWithUnsubscribing) {
  plant whole;
  whole.start();
  const auto client = connect(whole);
  client->send(subscribe({"AAPL", "MSFT", "BTCUSDT"}, {{"frequency", 0}}));
  ASSERT_TRUE(is_served(*client, {"AAPL", "MSFT", "BTCUSDT"})) << whole.story();
  client->send(unsubscribe({"AAPL", "BTCUSDT"}));
  const auto ended = client->wait_for_type("ACK"); // that of SUBSCRIBE came before the data
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->body["message"], "Unsubscribed from 2 symbols");
  for (int i = 0; i < 50; ++i) {
    const auto one = client->wait_for_type("MARKET_DATA");
    ASSERT_TRUE(one);
    for (const auto& entry : one->body["symbols"]) ASSERT_EQ(entry["symbol"], "MSFT") << one->body;
  }
  client->send(subscribe({"AAPL"}));
  EXPECT_TRUE(is_served(*client, {"AAPL"})) << "a symbol can be asked for again";
}

// S2-74: same symbol to all; one leaves, the others are still served.
TEST(Quotes, GoOnForTheOthersWhenOneClientLeaves) {
  plant whole;
  whole.start();
  std::vector<std::unique_ptr<ws_client>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(connect(whole));
    clients.back()->send(subscribe({"NVDA"}));
  }
  for (const auto& client : clients) ASSERT_TRUE(is_served(*client, {"NVDA"})) << whole.story();
  clients.erase(clients.begin()); // without a word
  clients.front()->send(unsubscribe({"NVDA"}));
  ASSERT_TRUE(clients.front()->wait_for(
    [](const json& body) { return body.value("message", "") == "Unsubscribed from 1 symbols"; }));
  for (size_t i = 1; i < clients.size(); ++i) {
    clients[i]->forget_waiting();
    market_view view;
    EXPECT_TRUE(view.follow_entries(*clients[i], {"NVDA"}, 5)) << i;
  }
}

// The same whatever the number of threads: clients and venues with loops of their own, or sharing one.
class OnLoops : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Quotes, OnLoops,
                         ::testing::Values("{network: 2, feed: 2}", "{network: 1, feed: 0}", "{network: 2, feed: 0}",
                                           "{network: 1, feed: 0, window: 2ms}", "{network: 1, feed: 1, window: 5ms}"));

TEST_P(OnLoops, QuotesAreTheSame) {
  plant whole;
  whole.start_simulator();
  whole.start_server("loops: " + std::string{GetParam()} + "\n");
  whole.wait_ready();
  std::vector<std::unique_ptr<ws_client>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(connect(whole));
    clients.back()->send(subscribe(all_symbols(), {{"frequency", i % 2 * 100}}));
  }
  for (const auto& client : clients) {
    market_view view;
    EXPECT_TRUE(view.follow_entries(*client, all_symbols(), 5)) << whole.story();
    for (const auto& symbol : all_symbols()) EXPECT_EQ(book_fault(view.entry(symbol)), "");
  }
  clients.erase(clients.begin(), clients.begin() + 2); // one of each loop
  for (const auto& client : clients) {
    client->forget_waiting();
    market_view view;
    EXPECT_TRUE(view.follow_entries(*client, all_symbols(), 5)) << whole.story();
  }
  EXPECT_EQ(whole.server().stop(), 0) << whole.story();
}

} // namespace
} // namespace tickplant::testing
