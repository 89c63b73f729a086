// From a frame to events nothing is allocated once the instance is warm: every message kind of the hot path, in bursts
// and one by one, and the turns of its timers.
#include "driver.hpp"
#include "session_fixture.hpp"

#include <gtest/gtest.h>

#include <counted_allocations.hpp>

namespace tickplant::binance::testing {
namespace {

using sdk::testing::allocations;

/// Services that keep nothing, so that what is counted is the plugin's own.
void forget_everything(recording_host& host) {
  host.table.emit = [](tp_ctx*, uint32_t, const tp_event*, size_t) -> int32_t { return TP_OK; };
  host.table.set_timer = [](tp_ctx*, uint32_t, uint64_t) {};
  host.table.count = [](tp_ctx*, uint32_t, uint64_t) {};
  host.table.text = [](tp_ctx*, tp_str) -> uint32_t { return 1; };
}

class Allocation : public ::testing::TestWithParam<bool> {
protected:
  bool futures() const { return GetParam(); }

  std::vector<std::string> messages(uint64_t& update, uint64_t& id, size_t count) const {
    std::vector<std::string> out;
    for (size_t i = 0; i < count; ++i) {
      std::string levels;
      for (int k = 0; k < 9; ++k)
        levels.append(k == 0 ? "" : ",").append("[\"").append(std::to_string(61'000 + k)).append(R"(.25","0.125"])");
      std::string one = diff(update + 1, update + 3, levels, levels);
      if (futures()) one.insert(one.find(R"("b":)"), R"("pu":)" + std::to_string(update) + ",");
      update += 3;
      out.push_back(one);
      out.push_back(trade_of(++id));
      out.push_back(R"({"stream":"btcusdt@bookTicker","data":{"u":)" + std::to_string(update + 1) +
                    R"(,"s":"BTCUSDT","b":"61000.25","B":"2","a":"61001.25","A":"3"}})");
      out.push_back(R"({"stream":"btcusdt@ticker","data":{"e":"24hrTicker","E":1723161255208,"s":"BTCUSDT",)"
                    R"("x":"61000.00","o":"61000.10","h":"62000","l":"60000","v":"123.5","q":"7500000.125","n":77}})");
      if (futures())
        out.push_back(R"({"stream":"btcusdt@markPrice@1s","data":{"e":"markPriceUpdate","E":1723161255208,)"
                      R"("s":"BTCUSDT","p":"61000.20","i":"61000.12345678","r":"-0.00010000"}})");
    }
    return out;
  }
};

TEST_P(Allocation, NoneHappensPerMessageOnceWarm) {
  const pairs settings{{"lines.stream", "wss://s/stream"},
                       {"rest", "https://r"},
                       {"trades", "trade"},
                       {"product", futures() ? "usdm" : "spot"}};
  driver d{settings};
  d.start();
  d.answer(1, 200, directory_of({row("BTCUSDT"), row("ETHUSDT")}));
  d.line_up();
  const tp_interest all{0, TP_WANT_QUOTE | TP_WANT_TRADES | TP_WANT_BOOK};
  d.session.on_interest({&all, 1}, d.now());
  d.confirm_all();
  uint64_t update = 100, id = 500;
  std::string first = diff(99, 100);
  if (futures()) first.insert(first.find(R"("b":)"), R"("pu":98,)");
  d.frame(first);
  d.answer(d.host.requests.back().id, 200, picture(100));
  ASSERT_EQ(d.host.streams.back().state, static_cast<uint32_t>(TP_STREAM_LIVE));
  forget_everything(d.host);

  std::vector<padded> frames;
  for (const auto& text : messages(update, id, 600)) frames.emplace_back(text);
  std::vector<tp_unit> units;
  for (const auto& f : frames) units.push_back(f.unit(d.now()));
  const size_t warm = units.size() / 3;
  d.session.on_units({units.data(), warm});
  d.session.on_timer(1, d.now());

  const uint64_t before = allocations.load();
  size_t at = warm;
  for (; at < 2 * warm; ++at) d.session.on_units({units.data() + at, 1});
  for (; at < units.size(); at += 32) d.session.on_units({units.data() + at, std::min<size_t>(32, units.size() - at)});
  d.session.on_timer(1, d.now());
  const uint64_t made = allocations.load() - before;
  EXPECT_EQ(made, 0u) << "in " << units.size() - warm << " messages";
  EXPECT_EQ(d.session.on_timer(0, d.now()), TP_OK);
}

// The general parser takes its memory with the first frame that it reads; a frequent one never gets to it.
TEST(Decoder, ReadsFrequentFramesWithoutTheGeneralParser) {
  decoder codec;
  const auto allocated_by = [&codec](std::string_view text) {
    const padded frame{text};
    const uint64_t before = allocations.load();
    EXPECT_TRUE(codec.decode(frame.text()));
    return allocations.load() - before;
  };
  EXPECT_EQ(allocated_by(R"({"e":"trade","E":1,"s":"BTCUSDT","t":7,"p":"1.5","q":"2","T":3,"m":true})"), 0u);
  EXPECT_GT(allocated_by(R"({"e":"trade","E":1,"s":"BTCUSDT","t":7,"p":"1.5","q":"2","T":3, "m":true})"), 0u);
}

TEST(AllocationCounter, SeesWhatIsAllocated) {
  const uint64_t before = allocations.load();
  const auto one = std::make_unique<std::string>(100, 'x');
  EXPECT_GE(allocations.load() - before, 2u) << *one;
}

INSTANTIATE_TEST_SUITE_P(Products, Allocation, ::testing::Bool(),
                         [](const auto& which) { return which.param ? "UsdmFutures" : "Spot"; });

} // namespace
} // namespace tickplant::binance::testing
