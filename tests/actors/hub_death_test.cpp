// A hub that dies takes the rings of its lines along. Its clients are told what they miss for it: by GAP on the same
// line, or by the snapshot of another; nothing goes missing without a word.
#include "actors/atoms.hpp"
#include "tests/support/line_dialect.hpp"
#include "tests/support/spine_world.hpp"

#include <gmock/gmock.h>

#include <sstream>

using namespace std::chrono_literals;
using namespace tickplant;
using namespace tickplant::tests;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

namespace {

/// "hello"; "+AAPL" (trades and five levels, each change), "*+AAPL" (trades at 250 ms), "<AAPL epoch sequence" (goes on
/// from there on TRADES), "|AAPL" and "/AAPL" (pause, go on), "-AAPL".
class spoken_lines : public line_dialect {
public:
  using line_dialect::line_dialect;
  void decode(const tp_frame& frame, sdk::request_sink to) {
    std::string_view text{reinterpret_cast<const char*>(frame.data), frame.size};
    tp_request request{};
    request.struct_size = sizeof request;
    request.client_ms = TP_NONE;
    request.frequency_ms = 0;
    request.depth = 5;
    if (text == "hello") {
      request.kind = TP_REQ_HELLO;
      return to.request(request);
    }
    if (text.front() == '*') {
      request.frequency_ms = 250;
      text.remove_prefix(1);
    }
    const char what = text.front();
    std::istringstream words{std::string{text.substr(1)}};
    std::string symbol;
    words >> symbol;
    const tp_str name = sdk::to_tp(symbol);
    request.symbols = &name;
    request.symbol_count = 1;
    request.data_types = TP_DATA_TRADES;
    if (what == '+' && request.frequency_ms == 0) request.data_types |= TP_DATA_ORDER_BOOK;
    tp_position place{};
    place.struct_size = sizeof place;
    place.series = TP_SERIES_TRADES;
    place.symbol = name;
    if (words >> place.epoch >> place.sequence) {
      request.positions = &place;
      request.position_count = 1;
    }
    request.kind = what == '+'   ? TP_REQ_SUBSCRIBE
                   : what == '*' ? TP_REQ_SUBSCRIBE
                   : what == '<' ? TP_REQ_RESUME
                   : what == '-' ? TP_REQ_UNSUBSCRIBE
                                 : TP_REQ_PAUSE;
    if (what == '|') request.choices = TP_CHOICE_PAUSED;
    to.request(request);
  }
};

struct HubDeath : spine_world {
  uint64_t epoch = 0;

  void begin() {
    add_dialect("lines", make_test_dialect<spoken_lines>("lines"));
    start({supervision::strategy::one_for_one, {50, 10s}, {100ms, 1s, 0.0}});
    place("AAPL", TP_BID, 9900);
    place("AAPL", TP_ASK, 10100);
    connect(0);
    say(0, "hello");
  }
  void begin_with_client() {
    begin();
    say(0, "+AAPL");
    advance(200ms);
    const auto first = got(0);
    ASSERT_THAT(first, Contains(StartsWith("TRADES! 1;AAPL ")));
    ASSERT_THAT(first, Contains(StartsWith("BOOK! 1;AAPL ")));
    for (const auto& text : first)
      if (text.starts_with("TRADES!")) epoch = std::stoull(text.substr(text.find("AAPL ") + 5));
    print("AAPL", 10'000);
    print("AAPL", 10'010);
    ASSERT_THAT(got(0), ElementsAre(trade(1, 10'000), trade(2, 10'010)));
  }
  std::string trade(uint64_t sequence, int64_t price) const {
    return "TRADES 1;AAPL " + std::to_string(epoch) + ' ' + std::to_string(sequence) + " 1 " + std::to_string(price);
  }
  std::string gap(std::string_view line, uint64_t from, uint64_t to) const {
    return "GAP AAPL/" + std::string{line} + ' ' + std::to_string(epoch) + ' ' + std::to_string(from) + ' ' +
           std::to_string(to) + " a part of the server was restarted";
  }
  static std::vector<std::string> starting(const std::vector<std::string>& texts, std::string_view with) {
    std::vector<std::string> those;
    for (const auto& text : texts)
      if (text.starts_with(with)) those.push_back(text);
    return those;
  }
};

TEST_F(HubDeath, TellsAGapOfThePrintsThatCameWhileThereWasNone) {
  begin_with_client();
  kill("gateway/hub-0");
  EXPECT_EQ(gateway->hub_now(), nullptr);
  print("AAPL", 10'020);
  print("AAPL", 10'030);
  advance(400ms);
  const auto seen = got(0);
  EXPECT_THAT(starting(seen, "GAP AAPL/TRADES"), ElementsAre(gap("TRADES", 3, 4)));
  EXPECT_THAT(starting(seen, "TRADES"), IsEmpty());
  print("AAPL", 10'040);
  EXPECT_THAT(starting(got(0), "TRADES"), ElementsAre(trade(5, 10'040))) << "the line goes on behind the gap";
  EXPECT_TRUE(is_connected(0));
}

TEST_F(HubDeath, TellsTheSameIfItsTablesFailed) {
  begin_with_client();
  loop->run_here([&] { gateway->hub.fault(actors::gateway_context::hub_place, "the test says so"); });
  run();
  print("AAPL", 10'020);
  advance(400ms);
  EXPECT_THAT(starting(got(0), "GAP AAPL/TRADES"), ElementsAre(gap("TRADES", 3, 3)));
  print("AAPL", 10'030);
  EXPECT_THAT(starting(got(0), "TRADES"), ElementsAre(trade(4, 10'030)));
}

TEST_F(HubDeath, TellsNothingOfTradesIfNoneCame) {
  begin_with_client();
  kill("gateway/hub-0");
  advance(400ms);
  const auto seen = got(0);
  EXPECT_THAT(starting(seen, "GAP AAPL/TRADES"), IsEmpty());
  EXPECT_THAT(starting(seen, "TRADES"), IsEmpty()) << "it has everything";
  print("AAPL", 10'020);
  EXPECT_THAT(starting(got(0), "TRADES"), ElementsAre(trade(3, 10'020)));
}

TEST_F(HubDeath, SendsTheBookAnewBehindTheGapOfItsChanges) {
  begin_with_client();
  place("AAPL", TP_BID, 9910);
  const auto before = got(0);
  ASSERT_THAT(before, ElementsAre(StartsWith("BOOK 1;AAPL ")));
  kill("gateway/hub-0");
  place("AAPL", TP_BID, 9920);
  place("AAPL", TP_BID, 9930);
  advance(400ms);
  const auto seen = got(0);
  const auto gaps = starting(seen, "GAP AAPL/BOOK"), books = starting(seen, "BOOK");
  ASSERT_EQ(gaps.size(), 1u);
  ASSERT_EQ(books.size(), 1u);
  EXPECT_THAT(books[0], AllOf(StartsWith("BOOK! 1;AAPL "), testing::HasSubstr("9930:100")));
  const auto at = [&](const std::string& text) { return std::find(seen.begin(), seen.end(), text) - seen.begin(); };
  EXPECT_LT(at(gaps[0]), at(books[0]));
  // The gap begins behind what the client had, and ends where the snapshot stands.
  uint64_t had = 0, from = 0, to = 0, shown = 0, skip = 0;
  std::string word;
  std::istringstream{before[0].substr(before[0].find("AAPL ") + 5)} >> skip >> had;
  std::istringstream{gaps[0].substr(gaps[0].find("BOOK ") + 5)} >> skip >> from >> to;
  std::istringstream{books[0].substr(books[0].find("AAPL ") + 5)} >> skip >> shown;
  EXPECT_EQ(from, had + 1);
  EXPECT_EQ(to, shown);
}

TEST_F(HubDeath, SendsTheBookAnewEvenIfItSeemsTheSame) {
  begin_with_client();
  kill("gateway/hub-0");
  advance(400ms);
  EXPECT_THAT(starting(got(0), "BOOK"), ElementsAre(StartsWith("BOOK! 1;AAPL ")));
}

TEST_F(HubDeath, KeepsThePlaceOfEntriesThatWaitedForTheirTick) {
  begin();
  say(0, "*+AAPL");
  advance(600ms);
  got(0);
  print("AAPL", 10'000);
  EXPECT_THAT(got(0), IsEmpty()) << "not before the tick";
  kill("gateway/hub-0");
  advance(600ms);
  EXPECT_THAT(got(0), ElementsAre(StartsWith("GAP AAPL/TRADES"))) << "the print that waited is told as missing";
  print("AAPL", 10'010);
  advance(300ms);
  EXPECT_THAT(got(0), ElementsAre(testing::HasSubstr(" 2 1 10010")));
}

TEST_F(HubDeath, TellsEachOfTwoDeathsInARow) {
  begin_with_client();
  kill("gateway/hub-0");
  print("AAPL", 10'020);
  advance(100ms);
  const auto second = find("gateway/hub-0");
  ASSERT_TRUE(second);
  kill(second); // before anything came from the feed, or after: nothing may be forgotten
  print("AAPL", 10'030);
  advance(1s);
  auto seen = got(0);
  print("AAPL", 10'040);
  const auto later = got(0);
  seen.insert(seen.end(), later.begin(), later.end());
  std::vector<uint64_t> told;
  for (const auto& text : seen) {
    uint64_t of = 0, from = 0, to = 0;
    if (text.starts_with("GAP AAPL/TRADES ")) {
      std::istringstream{text.substr(16)} >> of >> from >> to;
      for (auto i = from; i <= to; ++i) told.push_back(i);
    } else if (text.starts_with("TRADES 1;AAPL ")) {
      std::istringstream{text.substr(14)} >> of >> from;
      told.push_back(from);
    }
  }
  EXPECT_THAT(told, ElementsAre(3, 4, 5));
}

TEST_F(HubDeath, AnswersAResumeThatWasAskedForMeanwhile) {
  begin_with_client();
  kill("gateway/hub-0");
  print("AAPL", 10'020);
  say(0, "<AAPL " + std::to_string(epoch) + " 1");
  advance(400ms);
  const auto seen = got(0);
  EXPECT_THAT(starting(seen, "RESUME_FAILED"),
              ElementsAre("RESUME_FAILED AAPL/TRADES " + std::to_string(epoch) + " 0 3 too old"));
  EXPECT_THAT(starting(seen, "GAP AAPL/TRADES"), IsEmpty()) << "one word is enough";
  print("AAPL", 10'030);
  EXPECT_THAT(starting(got(0), "TRADES"), ElementsAre(trade(4, 10'030)));
}

TEST_F(HubDeath, TellsOfAPausedLineOnceItGoesOn) {
  begin_with_client();
  say(0, "|AAPL");
  kill("gateway/hub-0");
  print("AAPL", 10'020);
  advance(400ms);
  EXPECT_THAT(starting(got(0), "GAP"), IsEmpty());
  say(0, "/AAPL");
  const auto seen = got(0);
  EXPECT_THAT(starting(seen, "GAP AAPL/TRADES"), ElementsAre(gap("TRADES", 3, 3)));
  EXPECT_THAT(starting(seen, "BOOK"), ElementsAre(StartsWith("BOOK! 1;AAPL ")));
}

TEST_F(HubDeath, BeginsALineOfAnotherEpochWithItsSnapshot) {
  begin_with_client();
  kill("gateway/hub-0");
  kill("venues/SCRIPT/books/AAPL");
  advance(1s);
  const auto seen = got(0);
  ASSERT_EQ(starting(seen, "TRADES!").size(), 1u);
  EXPECT_THAT(starting(seen, "GAP"), IsEmpty()) << "numbers of the old epoch mean nothing in this one";
  EXPECT_THAT(starting(seen, "TRADES!")[0], Not(StartsWith("TRADES! 1;AAPL " + std::to_string(epoch) + ' ')));
}

TEST_F(HubDeath, TellsThatABookIsGoodAgainWhichHadBeenStaleBefore) {
  begin_with_client();
  script_exchange::get().has_snapshots = false;
  kill("venues/SCRIPT/books/AAPL");
  ASSERT_THAT(got(0), Contains("status AAPL 2"));
  kill("gateway/hub-0");
  script_exchange::get().has_snapshots = true;
  advance(30s);
  EXPECT_THAT(got(0), Contains("status AAPL 1"));
}

TEST_F(HubDeath, ForgetsThePlacesOfClientsThatLeaveMeanwhile) {
  begin_with_client();
  kill("gateway/hub-0");
  EXPECT_FALSE(gateway->left.empty());
  loop->run_here([&] { gateway->closed(gateway->clients[0].key, 1000, "bye"); });
  run();
  EXPECT_TRUE(gateway->left.empty());
  connect(0);
  say(0, "hello");
  say(0, "+AAPL");
  print("AAPL", 10'020);
  advance(400ms);
  EXPECT_THAT(starting(got(0), "GAP"), IsEmpty()) << "the next one on this socket has missed nothing";
}

} // namespace
