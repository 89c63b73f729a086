#include "runtime/model/instrument.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tickplant::model {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

tp_str text(std::string_view s) {
  return {s.data(), s.size()};
}

tp_instrument sound() {
  tp_instrument d{};
  d.struct_size = sizeof d;
  d.number = 7;
  d.channel = 3;
  d.parent = TP_ALL;
  d.book = TP_BOOK_ORDERS;
  d.price_exponent = -4;
  d.price_step = 100;
  d.quantity_step = d.lot = d.previous_close = TP_NONE;
  d.symbol = text("AAPL");
  return d;
}

TEST(Instrument, OwnsACopyOfItsDefinition) {
  tp_instrument d = sound();
  std::string name = "Apple Inc.";
  d.name = text(name);
  d.is_test = 1;
  d.previous_close = 1'750'000;
  const instrument i = instrument::from("NASDAQ", d);
  name = "changed ..";
  EXPECT_EQ(i.venue, "NASDAQ");
  EXPECT_EQ(i.symbol, "AAPL");
  EXPECT_EQ(i.name, "Apple Inc.");
  EXPECT_EQ(i.number, 7u);
  EXPECT_EQ(i.channel, 3u);
  EXPECT_EQ(i.parent, TP_ALL);
  EXPECT_EQ(i.price_exponent, -4);
  EXPECT_EQ(i.price_step, 100);
  EXPECT_EQ(i.previous_close, 1'750'000);
  EXPECT_TRUE(i.is_test);
  EXPECT_EQ(i.isin, "");
}

TEST(Instrument, AcceptsASoundDefinition) {
  EXPECT_THAT(instrument::problem_of(sound()), IsEmpty());
}

TEST(Instrument, NamesWhatIsWrongWithADefinition) {
  const auto problem = [](auto&& change) {
    tp_instrument d = sound();
    change(d);
    return instrument::problem_of(d);
  };
  const std::string longest(64, 'X'), too_long(65, 'X');
  EXPECT_THAT(problem([](tp_instrument& d) { d.symbol = {}; }), HasSubstr("symbol is missing"));
  EXPECT_THAT(problem([&](tp_instrument& d) { d.symbol = text(longest); }), IsEmpty());
  EXPECT_THAT(problem([&](tp_instrument& d) { d.symbol = text(too_long); }), HasSubstr("65 bytes"));
  EXPECT_THAT(problem([](tp_instrument& d) { d.price_exponent = -19; }), HasSubstr("price exponent -19"));
  EXPECT_THAT(problem([](tp_instrument& d) { d.price_exponent = 9; }), IsEmpty());
  EXPECT_THAT(problem([](tp_instrument& d) { d.quantity_exponent = 10; }), HasSubstr("quantity exponent 10"));
  EXPECT_THAT(problem([](tp_instrument& d) { d.book = 4; }), HasSubstr("book kind 4"));
  EXPECT_THAT(problem([](tp_instrument& d) { d.price_step = 0; }), HasSubstr("price step 0"));
  EXPECT_THAT(problem([](tp_instrument& d) { d.quantity_step = -1; }), HasSubstr("quantity step -1"));
  EXPECT_THAT(problem([](tp_instrument& d) { d.lot = 0; }), HasSubstr("lot 0"));
}

} // namespace
} // namespace tickplant::model
