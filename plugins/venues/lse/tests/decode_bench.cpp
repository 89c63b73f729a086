// What a message costs from the unit to its event, with a host that does nothing: units in the cache, one a call.
#include "gtp_builder.hpp"

#include <benchmark/benchmark.h>
#include <silent_host.hpp>

using namespace tickplant;
using namespace tickplant::lse;
using namespace tickplant::lse::testing;
namespace g = tickplant::lse::testing::gtp_feed;

namespace {

constexpr size_t units = 256;
constexpr uint32_t instruments = 2'000;

// Sparse, as the venue's are.
uint32_t id_of(uint64_t chance) {
  return static_cast<uint32_t>(7 + chance % instruments * 977);
}

// Adds and deletes half each, modifications and executions between them.
bytes mitch_order_message(uint64_t chance, uint64_t order) {
  const uint64_t kind = chance % 100;
  const char side = chance >> 40 & 1 ? 'B' : 'S';
  if (kind < 44) return add(id_of(chance >> 20), order, side, 100, one + static_cast<int64_t>(chance % 1'000));
  if (kind < 86) return deleted(order, id_of(chance >> 20));
  if (kind < 92) return modified(order, 50, one, 1);
  return kind < 98 ? executed(order, 5, chance) : executed_at(order, 5, 4, chance, 'Y', one);
}
bytes gtp_order_message(uint64_t chance, uint64_t order) {
  const uint64_t kind = chance % 100;
  const auto price = one + static_cast<int64_t>(chance % 1'000);
  if (kind < 44) return g::add(id_of(chance >> 20), order, 'B', 100, price);
  if (kind < 86) return g::remove(id_of(chance >> 20), order, 100, price);
  if (kind < 92) return g::modify(id_of(chance >> 20), order, 50, price, 100, price, 1);
  return g::trade(id_of(chance >> 20), 5, price, chance);
}

/// A session that knows its instruments and takes units of `messages` each, over and over with rising numbers.
class unit_stream {
public:
  unit_stream(bool is_gtp, size_t messages)
    : messages_(messages), pairs_{{"lines.a", "udp://239.1.1.1:1"}, {"protocol", is_gtp ? "gtp" : "mitch"}},
      venue_(pairs_.view(), sdk::venue_host{&table_, nullptr}), all_(units) {
    venue_.start(morning);
    for (uint32_t i = 0; i < instruments; ++i) {
      const auto isin = "GB" + std::to_string(1'000'000'000 + i);
      feed(padded(unit(sequence_++, {is_gtp ? g::directory(id_of(i), isin) : directory(id_of(i), isin)})));
    }
    if (!is_gtp) feed(padded(unit(sequence_++, {time_message(28'800)})));
    uint64_t chance = 1;
    for (auto& each : all_) {
      std::vector<bytes> list;
      for (size_t i = 0; i < messages_; ++i) {
        chance = chance * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
        list.push_back(is_gtp ? gtp_order_message(chance >> 11, chance >> 32)
                              : mitch_order_message(chance >> 11, chance >> 32));
      }
      each = padded(unit(0, list));
    }
  }
  void renumber() {
    for (auto& each : all_) {
      sdk::put_le32(&each[4], static_cast<uint32_t>(sequence_));
      sequence_ += messages_;
    }
    if (sequence_ > 0xF000'0000) std::abort();
  }
  void feed_all() {
    for (const auto& each : all_) feed(each);
  }

private:
  static bytes padded(bytes data) {
    data.resize(data.size() + TP_PADDING);
    return data;
  }
  void feed(const bytes& data) {
    const tp_unit one_unit{data.data(), static_cast<uint32_t>(data.size() - TP_PADDING), 0, morning, 0, 0};
    venue_.on_units({&one_unit, 1});
  }

  size_t messages_;
  uint64_t sequence_ = 1;
  tp_venue_host table_ = sdk::testing::silent_host();
  sdk::testing::pairs pairs_;
  venue_session venue_;
  std::vector<bytes> all_;
};

void decode(benchmark::State& state, bool is_gtp) {
  const auto messages = static_cast<size_t>(state.range(0));
  unit_stream stream{is_gtp, messages};
  for (auto _ : state) {
    state.PauseTiming();
    stream.renumber();
    state.ResumeTiming();
    stream.feed_all();
  }
  state.SetItemsProcessed(static_cast<int64_t>(static_cast<size_t>(state.iterations()) * units * messages));
}
BENCHMARK_CAPTURE(decode, mitch, false)->ArgName("messages_a_unit")->Arg(1)->Arg(8)->Arg(32);
BENCHMARK_CAPTURE(decode, gtp, true)->ArgName("messages_a_unit")->Arg(1)->Arg(8)->Arg(16);

} // namespace

BENCHMARK_MAIN();
