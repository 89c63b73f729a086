// How many kinds of messages a hub prints at a time, and who may have how many of them to itself (decision 0016).
#include "runtime/fanout/hub_core.hpp"
#include "runtime/fanout/option_steps.hpp"

#include "tests/support/fanout_builders.hpp"
#include "tests/support/plain_dialect.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

using namespace tickplant;
using namespace tickplant::fanout;

namespace {

/// Counts frames.
struct counting_port final : client_port {
  std::map<uint32_t, size_t> frames; // by client, since they were looked at
  written write(client_key client, std::span<const uint8_t>) override {
    ++frames[client.index];
    return written::sent;
  }
  void reply(client_key, wire::opcode, std::span<const uint8_t>) override {}
};

/// The n-th selection of fields, of some data types.
option_set chosen(uint32_t n) {
  option_set options{TP_DATA_QUOTES, 0, 0, 100};
  options.fields = n + 1;
  return options;
}

struct HubKinds : testing::Test {
  static constexpr model::instrument_id aapl{0};
  directory names;
  counting_port port;
  std::unique_ptr<plugin::dialect_host> dialect = tests::make_plain_dialect();
  printer print{*dialect};
  hub_core hub{names, port};
  uint64_t now = 1'000'000'000;

  static client_key client(uint32_t index) { return {index, 1}; }
  void join(uint32_t index, std::string_view party) { hub.attach(client(index), print, nullptr, 0, party); }
  bool take(uint32_t index, const option_set& options) {
    const bool has_room = hub.has_room(client(index), options);
    const auto answer = hub.subscribe(client(index), options, aapl);
    EXPECT_EQ(has_room, answer == hub_core::added::ok) << "it was told otherwise before";
    return answer == hub_core::added::ok;
  }
  void tick() {
    now += 100'000'000;
    hub.tick(now, now);
  }
};

// Issue 5: nobody can hurt the others. Every period, depth and set of data types that a session grants, together.
TEST_F(HubKinds, WithoutFieldsTheyDoNotRunOutWhateverOthersTake) {
  join(0, "greedy");
  join(1, "other");
  uint32_t taken = 0;
  for (const uint32_t extras : {0u, 1u, 2u, 3u, 5u, 7u}) {
    for (uint32_t types = 1; types < 16; ++types) {
      for (const uint32_t frequency : option_steps::frequencies_ms) {
        for (uint32_t depth = 1; depth <= (types & TP_DATA_ORDER_BOOK ? option_steps::exact_depth : 1u); depth += 7) {
          option_set options{types, depth, extras, frequency};
          options.mode = TP_MODE_CONFLATE;
          ASSERT_TRUE(take(0, options)) << types << ' ' << depth << ' ' << extras << ' ' << frequency;
          ++taken;
        }
      }
    }
  }
  EXPECT_GT(taken, 8'000u);
  option_set usual{TP_DATA_QUOTES | TP_DATA_ORDER_BOOK, 20, TP_EXTRA_SEQUENCE, 100};
  usual.mode = TP_MODE_CONFLATE;
  EXPECT_TRUE(take(1, usual));
  EXPECT_TRUE(take(1, chosen(3))) << "and fields are counted for themselves";
}

TEST(OptionSteps, LeaveFewerKindsOfOneDialectThanThereIsRoomFor) {
  constexpr size_t with_book = 8, without = 8, extras = 4, snapshots = 1;
  constexpr size_t depths = option_steps::exact_depth + option_steps::depths.size() + 1; // one more: the server's own
  constexpr size_t states = (with_book * depths + without) * option_steps::frequencies_ms.size() * extras;
  constexpr size_t others = (depths + 1) * snapshots * option_steps::frequencies_ms.size() * extras +
                            2 * option_steps::frequencies_ms.size() * extras;
  EXPECT_LT(states + others + hub_core::max_chosen, hub_core::max_variants);
}

TEST(OptionSteps, RoundUpAndGrantTheSameAgain) {
  EXPECT_EQ(granted_frequency(0), 0u);
  EXPECT_EQ(granted_frequency(3), 5u);
  EXPECT_EQ(granted_frequency(100), 100u);
  EXPECT_EQ(granted_frequency(101), 200u);
  EXPECT_EQ(granted_frequency(UINT32_MAX - 1), 3'600'000u);
  EXPECT_EQ(granted_depth(7), 7u);
  EXPECT_EQ(granted_depth(51), 75u);
  EXPECT_EQ(granted_depth(5'000), 1'000u);
  for (const uint32_t one : option_steps::frequencies_ms) EXPECT_EQ(granted_frequency(one), one);
  for (const uint32_t one : option_steps::depths) EXPECT_EQ(granted_depth(one), one);
  for (uint32_t asked = 0; asked < 5'000; ++asked) {
    EXPECT_GE(granted_frequency(asked), asked);
    EXPECT_LE(granted_frequency(asked), std::max(1u, 3 * asked));
  }
}

TEST_F(HubKinds, OneOfFieldsIsForOnePartyBounded) {
  join(0, "greedy");
  join(1, "greedy");
  join(2, "other");
  for (uint32_t i = 0; i < hub_core::max_chosen_alone; ++i) ASSERT_TRUE(take(i % 2, chosen(i))) << i;
  EXPECT_FALSE(take(0, chosen(5'000)));
  EXPECT_FALSE(take(1, chosen(5'000))) << "another connection of the same party";
  EXPECT_TRUE(take(1, chosen(0))) << "one that it has";
  EXPECT_TRUE(take(2, chosen(5'000))) << "others have their own part";
  EXPECT_TRUE(take(0, chosen(5'000))) << "and what others have is nobody's alone";
  EXPECT_EQ(hub.counters().refused_variants, 2u);
}

TEST_F(HubKinds, OneThatOthersLookAtTooIsNotCountedUntilTheyLeave) {
  join(0, "greedy");
  join(1, "friend");
  for (uint32_t i = 0; i < hub_core::max_chosen_alone; ++i) ASSERT_TRUE(take(0, chosen(i)));
  ASSERT_TRUE(take(1, chosen(0)));
  ASSERT_TRUE(take(0, chosen(1'000))) << "one less of its own";
  EXPECT_FALSE(take(0, chosen(1'001)));
  hub.detach(client(1));
  EXPECT_FALSE(take(0, chosen(1'001))) << "the friend's look has given it no more";
  hub.unsubscribe(client(0), chosen(1), aapl);
  EXPECT_FALSE(take(0, chosen(1'001))) << "it has one too many";
  hub.unsubscribe(client(0), chosen(2), aapl);
  EXPECT_TRUE(take(0, chosen(1'001))) << "what it gives back it may have again";
}

TEST_F(HubKinds, OfFieldsAreBoundedInAll) {
  const uint32_t parties = hub_core::max_chosen / hub_core::max_chosen_alone;
  for (uint32_t p = 0; p < parties; ++p) {
    join(p, "party " + std::to_string(p));
    for (uint32_t i = 0; i < hub_core::max_chosen_alone; ++i)
      ASSERT_TRUE(take(p, chosen(p * hub_core::max_chosen_alone + i)));
  }
  join(parties, "late");
  EXPECT_FALSE(take(parties, chosen(hub_core::max_chosen)));
  EXPECT_TRUE(take(parties, chosen(17))) << "somebody has these";
  EXPECT_TRUE(take(parties, {TP_DATA_ORDER_BOOK, 5, 0, 100}));
  hub.detach(client(0));
  EXPECT_TRUE(take(parties, chosen(hub_core::max_chosen))) << "freed with the last row";
}

TEST_F(HubKinds, CountForThePartyThatAClientTurnsOutToBe) {
  join(0, "address");
  join(1, "address");
  for (uint32_t i = 0; i < hub_core::max_chosen_alone; ++i) ASSERT_TRUE(take(0, chosen(i)));
  EXPECT_FALSE(hub.has_room(client(1), chosen(900)));
  hub.set_party(client(1), "principal");
  EXPECT_TRUE(take(1, chosen(900)));
  hub.set_party(client(1), "address");
  EXPECT_TRUE(take(1, chosen(901))) << "no longer once it has rows";
}

// A place that was another variant's shows nothing of it.
TEST_F(HubKinds, PrintOnlyTheirOwnAfterOthersHaveLeft) {
  join(0, "a");
  join(1, "b");
  ASSERT_TRUE(take(1, {TP_DATA_QUOTES, 0, 0, 100}));
  hub.take(tests::make_batch({tests::make_state(0, tests::make_instrument("AAPL"), 100)}), now, now);
  tick();
  for (uint32_t i = 0; i < 40; ++i) {
    ASSERT_TRUE(take(0, chosen(i)));
    tick();
    EXPECT_EQ(std::exchange(port.frames[0], 0), 1u) << i;
    hub.unsubscribe(client(0), chosen(i), aapl);
  }
  EXPECT_EQ(hub.counters().encoded, 41u);
}

} // namespace
