// What a message costs from the Pillar packet to its event, with a host that does nothing: packets in the cache, one a
// call.
#include "venue_session.hpp"

#include <benchmark/benchmark.h>
#include <silent_host.hpp>

#include <vector>

using namespace tickplant;
using namespace tickplant::nyse;

namespace {

constexpr size_t packets = 256;
constexpr uint32_t symbols = 4'000; // of one channel

void put_head(std::vector<uint8_t>& packet, uint8_t flag, size_t count, uint64_t sequence) {
  packet.assign(packet_head, 0);
  packet[2] = flag;
  packet[3] = static_cast<uint8_t>(count);
  sdk::put_le32(&packet[4], static_cast<uint32_t>(sequence));
  sdk::put_le32(&packet[8], 1'700'000'000);
}

size_t append(std::vector<uint8_t>& packet, uint16_t type, uint16_t size) {
  const size_t at = packet.size();
  packet.resize(at + size, 0);
  sdk::put_le16(&packet[at], size);
  sdk::put_le16(&packet[at + 2], type);
  sdk::put_le16(&packet[0], static_cast<uint16_t>(packet.size()));
  return at;
}

/// A channel that knows its symbols and takes packets of `messages` each, over and over with rising numbers.
class packet_stream {
public:
  explicit packet_stream(size_t messages) : messages_(messages), all_(packets), numbers_(symbols + 1, 0) {
    venue_.start(1);
    std::vector<uint8_t> packet;
    put_head(packet, 12, 1, 1);
    const size_t reset = append(packet, 1, 14);
    sdk::put_le32(&packet[reset + 4], 1'700'000'000);
    packet[reset + 12] = 11;
    packet[reset + 13] = 1;
    feed(packet);
    put_head(packet, 11, 1, sequence_++);
    const size_t clock = append(packet, 2, 16);
    packet[clock + 4] = 1;
    sdk::put_le32(&packet[clock + 12], 1'700'000'000);
    feed(packet);
    for (uint32_t index = 1; index <= symbols; ++index) {
      put_head(packet, 11, 1, sequence_++);
      const size_t at = append(packet, 3, 44);
      sdk::put_le32(&packet[at + 4], index);
      packet[at + 8] = 'S';
      packet[at + 22] = 1;
      packet[at + 24] = 4;
      feed(packet);
    }
    uint64_t chance = 1;
    for (auto& each : all_) {
      put_head(each, 11, messages_, 0);
      for (size_t i = 0; i < messages_; ++i) {
        chance = chance * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
        append_message(each, chance >> 11, chance >> 32);
      }
    }
  }
  // New numbers of the channel and of each symbol.
  void renumber() {
    for (auto& packet : all_) {
      sdk::put_le32(&packet[4], static_cast<uint32_t>(sequence_));
      sequence_ += messages_;
      uint8_t* message = packet.data() + packet_head;
      for (size_t i = 0; i < messages_; ++i, message += size_of(message))
        sdk::put_le32(message + 12, ++numbers_[sdk::le32(message + 8)]);
    }
  }
  void feed_all() {
    for (const auto& packet : all_) feed(packet);
  }

private:
  // The mix of a full day: adds and deletes half each, executions, modifications and replaces between them.
  static void append_message(std::vector<uint8_t>& packet, uint64_t chance, uint64_t order) {
    constexpr std::pair<uint16_t, uint16_t> kinds[] = {{100, 39}, {102, 25}, {103, 42}, {101, 35}, {104, 42}};
    const uint64_t part = chance % 100;
    const auto [type, size] = kinds[part < 44 ? 0 : part < 87 ? 1 : part < 89 ? 2 : part < 91 ? 3 : 4];
    const size_t at = append(packet, type, size);
    sdk::put_le32(&packet[at + 8], static_cast<uint32_t>(1 + (chance >> 20) % symbols));
    std::memcpy(&packet[at + 16], &order, sizeof order);
    if (type == 100) {
      packet[at + 32] = (chance >> 40) % 2 ? 'B' : 'S';
      std::memset(&packet[at + 33], ' ', 5);
    }
    if (type == 103) {
      packet[at + 36] = 1;
      std::memcpy(&packet[at + 38], "@   ", 4);
    }
  }
  void feed(const std::vector<uint8_t>& packet) {
    const tp_unit unit{packet.data(), static_cast<uint32_t>(packet.size()), line_set::number(0, line_role::a), 1, 0, 0};
    venue_.on_units({&unit, 1});
  }

  size_t messages_;
  uint64_t sequence_ = 2;
  tp_venue_host table_ = sdk::testing::silent_host();
  tp_pair pair_{sdk::to_tp("lines.a"), sdk::to_tp("udp://239.1.1.1:1")};
  tp_config config_{sizeof(tp_config), 1, &pair_};
  venue_session venue_{sdk::settings{&config_}, sdk::venue_host{&table_, nullptr}};
  std::vector<std::vector<uint8_t>> all_;
  std::vector<uint32_t> numbers_; // SymbolSeqNum by index
};

void decode(benchmark::State& state) {
  const auto messages = static_cast<size_t>(state.range(0));
  packet_stream stream{messages};
  for (auto _ : state) {
    state.PauseTiming();
    stream.renumber();
    state.ResumeTiming();
    stream.feed_all();
  }
  state.SetItemsProcessed(static_cast<int64_t>(static_cast<size_t>(state.iterations()) * packets * messages));
}
BENCHMARK(decode)->ArgName("messages_a_packet")->Arg(1)->Arg(8)->Arg(32);

} // namespace

BENCHMARK_MAIN();
