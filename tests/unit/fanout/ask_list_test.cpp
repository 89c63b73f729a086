// What a client has asked for by name, and the rows that stand for it: who has a row, in which order it is told, what a
// successor is started with.
#include "runtime/fanout/ask_list.hpp"

#include "tests/support/fanout_builders.hpp"

#include <gmock/gmock.h>

using namespace tickplant;
using namespace tickplant::fanout;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

struct roomy_budget final : symbol_budget {
  bool take_symbol(size_t held) override { return held < most; }
  void keep_symbol() override {}
  void give_symbol() override { ++given; }
  size_t most = 1'000, given = 0;
};

struct AskList : testing::Test {
  directory names;
  roomy_budget budget;
  ask_list asks{names, budget};

  AskList() {
    names.set_venues({"NASDAQ", "CONS"});
    uint32_t id = 0;
    for (const auto* symbol : {"AAPL", "MSFT", "TSLA"})
      names.add(model::instrument_id{id++}, tests::make_instrument(symbol));
    for (const auto* symbol : {"AAPL", "*"})
      names.add(model::instrument_id{id++}, tests::make_instrument(symbol, "CONS"));
  }
  static option_set every(uint32_t frequency_ms, uint32_t data_types = TP_DATA_QUOTES) {
    option_set options;
    options.data_types = data_types;
    options.frequency_ms = frequency_ms;
    return options;
  }
  void ask(std::string_view name, const option_set& options, std::vector<line_point> from = {}) {
    const auto found = names.resolve(name);
    const bool is_known = found.what == resolution::kind::found;
    asks.put_name(name, is_known ? std::optional{found.id} : std::nullopt, options, std::move(from));
  }
  void ask_all(std::string_view text, const option_set& options) {
    asks.put_wildcard(text, *wildcard::from(text), options, {});
  }
  std::vector<std::string> asked() const {
    std::vector<std::string> list;
    for (const auto& one : asks.asks()) list.push_back(one->name);
    return list;
  }
  /// "+0@100", "-0@100", "0@100>250", "0 rests".
  static std::vector<std::string> texts(const std::vector<row_order>& orders) {
    std::vector<std::string> list;
    for (const auto& order : orders) {
      const auto id = std::to_string(model::index_of(order.id));
      const auto at = '@' + std::to_string(order.options->frequency_ms);
      switch (order.what) {
        case row_order::kind::add: list.push_back('+' + id + at); break;
        case row_order::kind::remove: list.push_back('-' + id + at); break;
        case row_order::kind::change: list.push_back(id + at + '>' + std::to_string(order.to->frequency_ms)); break;
        case row_order::kind::pause: list.push_back(id + (order.is_paused ? " rests" : " goes on")); break;
      }
    }
    return list;
  }
  std::vector<std::string> orders() { return texts(asks.take_orders()); }
};

TEST_F(AskList, FindsNamesWhateverTheOrderInWhichTheyCame) {
  asks.expect(2);
  for (const auto* name : {"TSLA", "AAPL", "NASDAQ:MSFT", "MSFT"}) ask(name, every(100));
  EXPECT_THAT(asked(), ElementsAre("AAPL", "MSFT", "NASDAQ:MSFT", "TSLA"));
  ASSERT_TRUE(asks.find("MSFT"));
  EXPECT_EQ(asks.find("MSFT")->name, "MSFT");
  EXPECT_FALSE(asks.find("MSF"));
  EXPECT_FALSE(asks.find("ZZZ"));
  EXPECT_TRUE(asks.remove("AAPL"));
  EXPECT_FALSE(asks.remove("AAPL"));
  EXPECT_THAT(asked(), ElementsAre("MSFT", "NASDAQ:MSFT", "TSLA"));
  EXPECT_EQ(asks.size(), 2u) << "MSFT is asked for by two names and is one";
}

TEST_F(AskList, KeepsOptionsOnceForNamesThatAreAskedForAlike) {
  ask("AAPL", every(100));
  ask("MSFT", every(100));
  ask("TSLA", every(250));
  EXPECT_EQ(asks.find("AAPL")->options, asks.find("MSFT")->options);
  EXPECT_NE(asks.find("AAPL")->options, asks.find("TSLA")->options);
  const auto before = asks.find("AAPL")->options;
  asks.change("AAPL", every(500));
  EXPECT_EQ(before->frequency_ms, 100u) << "what others share does not change under them";
  EXPECT_EQ(asks.find("MSFT")->options->frequency_ms, 100u);
}

TEST_F(AskList, SaysOfAChangedRowWhetherItRests) {
  ask("AAPL", every(100));
  asks.pause("AAPL", true);
  asks.take_orders();
  asks.change("AAPL", every(250));
  const auto orders = asks.take_orders();
  EXPECT_THAT(texts(orders), ElementsAre("0@100>250"));
  EXPECT_TRUE(orders.at(0).is_paused);
}

TEST_F(AskList, TellsASuccessorTheRowsOfItsOptions) {
  ask("AAPL", every(100));
  ask_all("NASDAQ:*", every(250));
  asks.pause("AAPL", true);
  const auto rows = asks.rows_of(every(100));
  EXPECT_THAT(texts(rows), ElementsAre("+0@100"));
  EXPECT_TRUE(rows.at(0).is_paused);
  EXPECT_THAT(texts(asks.rows_of(every(250))), ElementsAre("+1@250", "+2@250"));
  EXPECT_TRUE(asks.has_row_of(every(250)));
  asks.remove("NASDAQ:*");
  EXPECT_FALSE(asks.has_row_of(every(250)));
}

TEST_F(AskList, GoesOnFromWhereANameWasOnceItIsKnown) {
  ask("NEW", every(100), {{TP_SERIES_TRADES, 7, 42}});
  EXPECT_THAT(orders(), IsEmpty());
  names.add(model::instrument_id{9}, tests::make_instrument("NEW"));
  asks.settle("NEW", model::instrument_id{9});
  const auto orders = asks.take_orders();
  EXPECT_THAT(texts(orders), ElementsAre("+9@100"));
  ASSERT_EQ(orders[0].from.size(), 1u);
  EXPECT_EQ(orders[0].from[0].sequence, 42u);
  EXPECT_FALSE(asks.find("NEW")->more) << "nothing is kept of it";
}

TEST_F(AskList, GivesRowsOfANameThatGoesToTheWildcardThatMeansThem) {
  ask_all("NASDAQ:*", every(250));
  ask("AAPL", every(100));
  EXPECT_THAT(orders(), ElementsAre("+0@250", "+1@250", "+2@250", "0@250>100"));
  EXPECT_EQ(asks.find("NASDAQ:*")->matched(), 2u);
  asks.remove("AAPL");
  EXPECT_THAT(orders(), ElementsAre("0@100>250"));
  EXPECT_EQ(asks.find("NASDAQ:*")->matched(), 3u);
}

// CONS:* is the instrument that stands for the signals of all, if nothing but signals is asked for, else a wildcard.
TEST_F(AskList, TakesATextThatIsNameAndWildcardAsTheLaterOfBoth) {
  ask("CONS:*", every(100, TP_DATA_SIGNALS));
  EXPECT_THAT(orders(), ElementsAre("+4@100"));
  ask_all("CONS:*", every(250));
  EXPECT_THAT(orders(), ElementsAre("-4@100", "+3@250"));
  EXPECT_THAT(asked(), ElementsAre("CONS:*"));
  ask("CONS:*", every(100, TP_DATA_SIGNALS));
  EXPECT_THAT(orders(), ElementsAre("-3@250", "+4@100"));
  EXPECT_FALSE(asks.follows_directory()) << "it is no wildcard any more";
  EXPECT_EQ(asks.size(), 1u);
}

} // namespace
