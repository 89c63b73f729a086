// A hub with one dialect and two instruments, whose states, trades and ticks a test makes. Main type hub_lines, a
// fixture; what clients are written is taken from its port.
#pragma once

#include "runtime/fanout/hub_core.hpp"

#include "tests/support/fanout_builders.hpp"
#include "tests/support/line_dialect.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

namespace tickplant::tests {

struct hub_lines : testing::Test {
  static constexpr uint64_t ms = 1'000'000;
  static constexpr uint32_t trades = TP_DATA_TRADES, book = TP_DATA_ORDER_BOOK, quotes = TP_DATA_QUOTES;

  fanout::directory names;
  line_port port;
  std::unique_ptr<plugin::dialect_host> dialect = make_line_dialect();
  fanout::printer print{*dialect};
  fanout::hub_core hub{names, port};
  uint64_t now = 1'000 * ms;
  model::instrument_ptr aapl = make_instrument("AAPL"), msft = make_instrument("MSFT");
  uint64_t sequence = 0, tape_sequence = 0, epoch = 1;
  std::vector<tp_level> bids{{100, 5, 1, 0}, {99, 3, 1, 0}}, asks{{101, 4, 1, 0}, {102, 6, 1, 0}};

  hub_lines() { line_dialect::printed = 0; }
  static fanout::option_set options(uint32_t data_types, uint32_t depth = 0, uint32_t frequency_ms = 0,
                                    uint32_t on_slow = 0) {
    fanout::option_set made;
    made.data_types = data_types;
    made.depth = depth;
    made.extras = TP_EXTRA_SEQUENCE;
    made.frequency_ms = frequency_ms;
    made.mode = TP_MODE_ALL;
    made.on_slow = on_slow;
    return made;
  }
  static fanout::client_key key(uint32_t index) { return {index, 1}; }
  void subscribe(uint32_t index, const fanout::option_set& wanted, std::vector<fanout::line_point> from = {},
                 uint32_t id = 0) {
    if (!hub.is_attached(key(index))) hub.attach(key(index), print);
    ASSERT_EQ(hub.subscribe(key(index), wanted, model::instrument_id{id}, from), fanout::hub_core::added::ok);
  }
  book::publication state(uint32_t id = 0) {
    auto made = make_state(id, id == 0 ? aapl : msft, 100, ++sequence);
    made.epoch = epoch;
    made.depth = 10;
    made.is_taped = true;
    made.tape_sequence = tape_sequence;
    made.bids = bids;
    made.asks = asks;
    return made;
  }
  book::tape_ptr tape(std::vector<uint64_t> numbers, uint32_t id = 0) {
    book::tape made;
    for (const uint64_t number : numbers) {
      book::tape_entry entry;
      entry.id = model::instrument_id{id};
      entry.epoch = epoch;
      entry.sequence = tape_sequence = number;
      entry.price = static_cast<int64_t>(1'000 + number);
      entry.quantity = 1;
      made.push_back(entry);
    }
    return std::make_shared<const book::tape>(made);
  }
  void take(book::publication item) { hub.take(make_batch({std::move(item)}), now, now); }
  void publish() { take(state()); }
  void trade(std::vector<uint64_t> numbers) {
    auto batch = make_batch({});
    batch.tapes.push_back(tape(std::move(numbers)));
    hub.take(batch, now, now);
  }
  void tick(uint64_t after = 100 * ms) {
    now += after;
    hub.tick(now, now);
  }
};

} // namespace tickplant::tests
