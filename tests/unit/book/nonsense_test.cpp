// Whatever comes, memory stays bounded and nothing crashes: every word of every event is random, from a small set that
// makes them meet.
#include "tests/unit/book/feed_fixture.hpp"

#include <random>

namespace tickplant::book::testing {
namespace {

TEST(RandomNonsense, IsCountedAndSurvived) {
  for (const uint32_t refs : {TP_REFS_NONE, TP_REFS_DENSE, TP_REFS_SPARSE}) {
    recording_owner owner;
    engine_table table(8);
    dirty_list dirty;
    std::vector<std::unique_ptr<engine>> engines;
    feed f({.venue = "T", .order_refs = refs, .hold_events = 500, .orders = 300, .levels = 200}, table, dirty, owner);
    std::mt19937_64 random{refs};
    const int64_t values[] = {0, 1, 2, 3, 5, 100, 101, -1, INT64_MAX, TP_NONE, int64_t{1} << 62, 99};
    const auto word = [&] { return values[random() % std::size(values)]; };
    const auto instrument = [&] {
      const uint32_t numbers[] = {0, 1, 2, 3, 4, 5, 9, TP_ALL, TP_OF_ORDER, 0x80000000u};
      return numbers[random() % std::size(numbers)];
    };
    for (uint32_t n = 0; n < 6; ++n)
      engines.push_back(std::make_unique<engine>(model::instrument_id{n}, nullptr, 1, dirty));
    std::vector<tp_event> burst;
    publication p;
    for (int round = 0; round < 20'000; ++round) {
      burst.clear();
      for (uint64_t i = random() % 70; i > 0; --i) {
        tp_event e{};
        e.kind = static_cast<uint8_t>(random() % 100 == 0 ? random() : random() % 20);
        e.detail = static_cast<uint8_t>(random() % 20);
        e.flags = static_cast<uint16_t>(random() % 2 == 0 ? random() : (random() & 7));
        e.instrument = instrument();
        e.order = static_cast<uint64_t>(word());
        e.price = word();
        e.quantity = word();
        e.ref = static_cast<uint64_t>(word());
        e.extra = static_cast<uint64_t>(word());
        e.sequence = static_cast<uint64_t>(word());
        burst.push_back(e);
      }
      f.emit(static_cast<uint32_t>(random() % 3), burst);
      const uint64_t dice = random() % 40;
      if (dice == 0) {
        const std::string symbol = "S" + std::to_string(random() % 6);
        const auto number = static_cast<uint32_t>(random() % 6);
        tp_instrument d = feed_fixture::definition(number, static_cast<uint8_t>(random() % 4), symbol);
        d.channel = static_cast<uint32_t>(random() % 3);
        d.price_exponent = static_cast<int8_t>(random() % 20 == 0 ? -3 : -2);
        d.price_step = word() > 0 ? 100 : TP_NONE;
        f.define(d);
      } else if (dice == 1) {
        f.retire(instrument());
      } else if (dice < 6) {
        f.stream(tp_stream{sizeof(tp_stream),
                           static_cast<uint32_t>(random() % 3),
                           instrument(),
                           static_cast<uint32_t>(random() % 9),
                           random() % 4,
                           0,
                           {}});
      } else if (dice < 10) {
        const auto n = static_cast<uint32_t>(random() % 6);
        table[n] = table[n] == nullptr ? engines[n].get() : nullptr;
        if (table[n] != nullptr)
          f.engine_lent(model::instrument_id{n});
        else
          f.engine_withdrawn(model::instrument_id{n});
      } else if (dice == 11) {
        const auto n = static_cast<uint32_t>(random() % 6);
        table[n] = nullptr;
        engines[n] = std::make_unique<engine>(model::instrument_id{n}, nullptr, 2, dirty);
        engines[n]->set_interest({static_cast<uint32_t>(random() % 8), static_cast<uint32_t>(random() % 30)});
      }
      for (const model::instrument_id id : dirty.ids())
        if (engine& e = *engines[model::index_of(id)]; e.is_due()) e.publish(p, 1);
      dirty.ids().clear();
      ASSERT_LE(f.live_orders(), 300u);
      owner = recording_owner{};
    }
    const feed_counters& c = f.counters();
    EXPECT_GT(c.applied, 1'000u);
    EXPECT_GT(c.held, 1'000u);
  }
}

} // namespace
} // namespace tickplant::book::testing
