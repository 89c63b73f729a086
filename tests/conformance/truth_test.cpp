// What a tape says of the end by itself, against what a run came to.
#include "runtime/tools/conformance/truth.hpp"
#include "runtime/tools/replay/books.hpp"

#include <tape.hpp>

#include <gmock/gmock.h>

namespace tickplant::conformance {
namespace {

using sdk::testing::parse_tape;
using testing::HasSubstr;

case_outcome outcome() {
  case_outcome is;
  auto& acme = is.books["ACME"];
  acme.is_trusted = true;
  acme.bids = "101.5 300; 101.4 20";
  acme.asks = "101.52 200";
  acme.shown = {{"trades", "3"}, {"volume", "12.5"}, {"state", "halted"}, {"last_side", "buy"}};
  is.lines["feed"] = {};
  is.met = {1};
  return is;
}

std::string fault(const std::string& words) {
  return fault_of_truth(outcome(), parse_tape("tape 1\n" + words + "wait 1ms\n"));
}

TEST(Truth, IsAWholeBookInDecimals) {
  EXPECT_EQ(fault("book ACME bid 101.50 300.00 bid 101.4 20 ask 101.52 200\n"), "");
  EXPECT_THAT(fault("book ACME bid 101.50 300 ask 101.52 200\n"),
              HasSubstr("bids of ACME are [101.5 300; 101.4 20] where the tape says [101.5 300]"));
  EXPECT_THAT(fault("book ACME bid 101.50 300 bid 101.4 20\n"), HasSubstr("asks of ACME"));
  EXPECT_THAT(fault("book OTHER\n"), HasSubstr("and the plugin has none"));
}

TEST(Truth, IsWhatElseIsShown) {
  EXPECT_EQ(fault("shows ACME trades 3 volume 12.50 state halted last_side buy high -\n"), "");
  EXPECT_EQ(fault("shows ACME volume 125\n"), "volume of ACME is 12.5 where the tape says 125");
  EXPECT_EQ(fault("shows ACME state trading\n"), "state of ACME is halted where the tape says trading");
}

TEST(Truth, IsWhatThePluginHasToSend) {
  EXPECT_EQ(fault("wants feed \"H\"\n"), "");
  EXPECT_THAT(fault("wants feed times=2 \"H\"\n"), HasSubstr("has sent 1 times on line feed what the tape wants 2"));
}

TEST(Figures, MayNeverShowMoreTradesThanThereWere) {
  auto right = outcome(), is = outcome();
  right.books["ACME"].shown["trades"] = "2";
  EXPECT_EQ(fault_of_figures(is, right, false), "ACME has counted 3 trades where there were 2");
  right.books["ACME"].shown["trades"] = "4";
  EXPECT_EQ(fault_of_figures(is, right, false), "") << "a snapshot does not bring trades";
  EXPECT_EQ(fault_of_figures(is, right, true), "trades of ACME is 3 where 4 is right");
}

TEST(Gaps, AreOpenUntilSomebodySaysWhatBecameOfThem) {
  replay::books books{"x", TP_REFS_NONE, {}};
  const auto tell = [&](uint32_t state, uint32_t number = TP_ALL) {
    books.feed().stream({sizeof(tp_stream), 4, number, state, 7, 9, {}});
  };
  tell(TP_STREAM_GAP);
  tell(TP_STREAM_GAP);
  EXPECT_EQ(books.open_gaps(), 1u);
  tell(TP_STREAM_DIRECTORY);
  EXPECT_EQ(books.open_gaps(), 1u);
  tell(TP_STREAM_LIVE);
  EXPECT_EQ(books.open_gaps(), 0u);
  for (const auto ending : {TP_STREAM_LOST, TP_STREAM_RESTARTED}) {
    tell(TP_STREAM_GAP, 3);
    EXPECT_EQ(books.open_gaps(), 1u);
    tell(ending, 3);
    EXPECT_EQ(books.open_gaps(), 0u);
  }
}

} // namespace
} // namespace tickplant::conformance
