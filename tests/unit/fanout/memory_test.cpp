// Memory: once warm, an update of many plain and compressed clients allocates nothing. operator new counts.
#include "runtime/fanout/hub_core.hpp"

#include "compression.hpp" // of the plugin deflate
#include "tests/support/fanout_builders.hpp"
#include "tests/support/line_dialect.hpp"
#include "tests/support/plain_dialect.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

namespace {

uint64_t allocations = 0;

void* allocate(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc{};
}

/// Not inlined, since the compiler takes free after new for a mistake.
[[gnu::noinline]] void release(void* memory) {
  std::free(memory);
}

} // namespace

void* operator new(size_t size) {
  return allocate(size);
}
void* operator new[](size_t size) {
  return allocate(size);
}
void operator delete(void* memory) noexcept {
  release(memory);
}
void operator delete[](void* memory) noexcept {
  release(memory);
}
void operator delete(void* memory, size_t) noexcept {
  release(memory);
}
void operator delete[](void* memory, size_t) noexcept {
  release(memory);
}

namespace tickplant::fanout {
namespace {

struct counting_port final : client_port {
  written write(client_key, std::span<const uint8_t> frame) override {
    packed += frame[0] & 0x40 ? 1u : 0u;
    return written::sent;
  }
  void reply(client_key, wire::opcode, std::span<const uint8_t>) override {}
  uint64_t packed = 0;
};

TEST(HubMemory, AnUpdateAllocatesNothingOnceWarm) {
  const directory names;
  counting_port port;
  const auto dialect = tests::make_plain_dialect();
  plugin::plugin_info info;
  info.kind = TP_KIND_COMPRESSION;
  plugin::compression_host compression{
    {info, sdk::make_compression_ops<deflate::compression>()}, {{"threshold", "0"}}, {}};
  ASSERT_TRUE(compression.create());
  const printer print{*dialect};
  const packer pack{compression};
  hub_core hub{names, port};
  std::vector<book::publication_batch> batches;
  for (uint32_t id = 0; id < 8; ++id)
    batches.push_back(tests::make_batch(
      {tests::make_state(id, tests::make_instrument(std::string(60, static_cast<char>('A' + id))), 10'000)}));
  for (uint32_t index = 0; index < 64; ++index) {
    hub.attach({index, 1}, print, index % 2 ? &pack : nullptr, index % 8 / 2);
    for (uint32_t id = 0; id < 8; ++id)
      hub.subscribe({index, 1}, {TP_DATA_QUOTES, 0, 0, id % 2 ? 0u : 100u}, model::instrument_id{id});
  }
  uint64_t now = 1'000'000'000;
  const auto run = [&](int rounds) {
    for (int round = 0; round < rounds; ++round) {
      for (auto& batch : batches) {
        batch.items[0].day.last.price = 10'000 + (round * 7'919) % 80'000;
        hub.take(batch, now, now);
      }
      now += 100'000'000;
      hub.tick(now, now);
    }
  };
  run(300);
  const uint64_t before = allocations, packed = port.packed, parts = hub.counters().packed_parts;
  run(300);
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(port.packed - packed, 300u * 32 * 5) << "each compressed client: four frames at once, one at the tick";
  EXPECT_EQ(hub.counters().packed_parts - parts, 300u * 8 * 4) << "eight elements, four groups";
}

// The same for lines: books that change, prints, clients of two periods and of two depths, rings at their bound.
TEST(HubMemory, EntriesOfLinesAllocateNothingOnceWarm) {
  const directory names;
  counting_port port;
  const auto dialect = tests::make_line_dialect();
  const printer print{*dialect};
  hub_core hub{names, port};
  hub.set_limits({8 * 1024, 64 * 1024 * 1024});
  for (uint32_t index = 0; index < 32; ++index) {
    hub.attach({index, 1}, print);
    option_set wanted;
    wanted.data_types = TP_DATA_QUOTES | TP_DATA_TRADES | TP_DATA_ORDER_BOOK;
    wanted.depth = index % 2 ? 2 : 5;
    wanted.extras = TP_EXTRA_SEQUENCE;
    wanted.frequency_ms = index % 4 < 2 ? 0 : 100;
    wanted.mode = TP_MODE_ALL;
    ASSERT_EQ(hub.subscribe({index, 1}, wanted, model::instrument_id{0}), hub_core::added::ok);
  }
  auto batch = tests::make_batch({tests::make_state(0, tests::make_instrument("AAPL"), 10'000)});
  auto prints = std::make_shared<book::tape>(3);
  batch.tapes.push_back(prints);
  auto& state = batch.items[0];
  state.depth = 10;
  state.is_taped = true;
  for (int64_t i = 0; i < 10; ++i) {
    state.bids.push_back({1'000 - i, 1, 1, 0});
    state.asks.push_back({1'001 + i, 1, 1, 0});
  }
  uint64_t now = 1'000'000'000;
  const auto run = [&](int rounds) {
    for (int round = 0; round < rounds; ++round) {
      ++state.sequence;
      for (size_t i = 0; i < 5; ++i) state.bids[i].quantity = 1 + (round * 31 + static_cast<int>(i)) % 9;
      for (auto& entry : *prints) {
        entry.epoch = state.epoch;
        entry.sequence = ++state.tape_sequence;
        entry.price = 1'000 + round % 7;
      }
      hub.take(batch, now, now);
      now += 30'000'000;
      hub.tick(now, now);
    }
  };
  run(3'000); // until the rings and what is printed of them are as large as they get
  const uint64_t before = allocations, sent = hub.counters().trades;
  run(600);
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_GE(hub.counters().trades - sent, 600u * 3 * 32 - 32 * 12);
}

} // namespace
} // namespace tickplant::fanout
