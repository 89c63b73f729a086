// The plain flow allocates nothing once warm: counted by this program's own operator new.
#include "feed_builder.hpp"

#include <cstdlib>
#include <new>

namespace {
std::size_t allocations = 0;
}

// Replaced for this whole program; the sanitizers' own are not needed here.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc{};
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  const auto a = static_cast<std::size_t>(alignment);
  if (void* const memory = std::aligned_alloc(a, (size + a - 1) / a * a)) return memory;
  throw std::bad_alloc{};
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace tickplant::nyse::testing {
namespace {

/// A host that keeps nothing, so that what is counted is the plugin's.
struct quiet_host {
  quiet_host() {
    table = sdk::testing::recording_host{}.table;
    table.emit = [](tp_ctx*, uint32_t, const tp_event*, size_t n) -> int32_t {
      events += n;
      return TP_OK;
    };
    table.define = [](tp_ctx*, const tp_instrument*) -> int32_t { return 1; };
    table.stream = [](tp_ctx*, const tp_stream*) {};
    table.text = [](tp_ctx*, tp_str) -> uint32_t { return 1; };
    table.line_open = [](tp_ctx*, const tp_line_spec*) -> int32_t { return TP_OK; };
    table.set_timer = [](tp_ctx*, uint32_t, uint64_t) {};
    table.count = [](tp_ctx*, uint32_t, uint64_t) {};
    table.log = [](tp_ctx*, int32_t, tp_str) {};
    table.zone_offset = [](tp_ctx*, tp_str, uint64_t) -> int64_t { return 0; };
    table.random = [](tp_ctx*) -> uint64_t { return 1; };
  }
  tp_venue_host table{};
  static inline size_t events = 0;
};

TEST(Allocation, NoneForAMessageOnceWarm) {
  quiet_host host;
  const sdk::testing::pairs settings{{"lines.a", "udp://239.1.1.1:1"}, {"lines.b", "udp://239.1.1.2:1"}};
  venue_session venue{settings.view(), {&host.table, nullptr}};
  venue.start(noon);
  uint32_t next = 2;
  std::vector<bytes> packets{packet_of(12, 1, {reset()})};
  for (uint32_t i = 1; i <= 100; ++i) packets.push_back(packet_of(11, next++, {mapping(i, "S" + std::to_string(i))}));
  const size_t warm = packets.size();
  uint32_t n = 0;
  for (uint32_t round = 0; round < 2'000; ++round) {
    std::vector<bytes> messages;
    const auto index = 1 + round % 100;
    n = 1 + round / 100 * 8;
    messages.push_back(add(index, n, round, 'B', 100, 10'000, round % 5 == 0 ? "FIRM " : "     "));
    messages.push_back(modify(index, n + 1, round, 90, 10'000));
    messages.push_back(executed(index, n + 2, round, round, 10, 10'000));
    messages.push_back(replaced(index, n + 3, round, round + 100'000, 50, 10'001));
    messages.push_back(hidden_trade(index, n + 4, round, 5, 10'000));
    messages.push_back(erased(index, n + 5, round + 100'000));
    messages.push_back(status(index, n + 6, 'O', '~', 'O'));
    messages.push_back(imbalance(index, n + 7));
    packets.push_back(packet_of(11, next, messages));
    next += 8;
  }
  // Every 10th pair of packets comes in the wrong order, so that the hold buffer is in use; line B repeats everything.
  for (size_t i = warm; i + 1 < packets.size(); i += 20) std::swap(packets[i], packets[i + 1]);
  for (auto& p : packets) p.resize(p.size() + TP_PADDING, 0x42);
  const auto feed = [&](size_t from, size_t to) {
    for (size_t i = from; i < to; ++i)
      for (const auto role : {line_role::a, line_role::b}) {
        const tp_unit unit{packets[i].data(),
                           static_cast<uint32_t>(packets[i].size() - TP_PADDING),
                           line_set::number(0, role),
                           noon + i,
                           0,
                           0};
        venue.on_units({&unit, 1});
      }
  };
  feed(0, warm + 200);
  const size_t before = allocations, events_before = quiet_host::events;
  feed(warm + 200, packets.size());
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_GT(quiet_host::events - events_before, 1'800u * 8);
}

} // namespace
} // namespace tickplant::nyse::testing
