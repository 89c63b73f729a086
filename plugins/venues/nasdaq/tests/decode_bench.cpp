// What a message costs from the Mold packet to its event, with a host that does nothing: packets in the cache, one a
// call.
#include "venue_session.hpp"

#include <benchmark/benchmark.h>
#include <silent_host.hpp>

#include <vector>

using namespace tickplant;
using namespace tickplant::nasdaq;

namespace {

constexpr size_t packets = 256;

// The mix of a full day: adds and deletes half each, executions, cancels and replaces between them.
void append_message(std::vector<uint8_t>& packet, uint64_t chance, uint64_t order) {
  const char type = chance % 100 < 44   ? 'A'
                    : chance % 100 < 87 ? 'D'
                    : chance % 100 < 89 ? 'E'
                    : chance % 100 < 91 ? 'X'
                                        : 'U';
  const uint8_t length = message_layouts[static_cast<uint8_t>(type)].length;
  packet.insert(packet.end(), {0, length});
  const size_t at = packet.size();
  packet.resize(at + length, 0);
  packet[at] = static_cast<uint8_t>(type);
  sdk::put_be16(&packet[at + 1], static_cast<uint16_t>(1 + (chance >> 20) % 8'000));
  sdk::put_be64(&packet[at + 11], order);
  if (type == 'A') packet[at + 19] = (chance >> 40) % 2 ? 'B' : 'S';
}

/// A session that knows its symbols and takes packets of `messages` each, over and over with rising numbers.
class packet_stream {
public:
  explicit packet_stream(size_t messages) : messages_(messages), all_(packets) {
    venue_.start(1);
    define_symbols();
    uint64_t chance = 1;
    for (auto& packet : all_) {
      header(packet, messages_);
      for (size_t i = 0; i < messages_; ++i) {
        chance = chance * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
        append_message(packet, chance >> 11, chance >> 32);
      }
    }
  }
  void renumber() {
    for (auto& packet : all_) {
      sdk::put_be64(&packet[10], sequence_);
      sequence_ += messages_;
    }
  }
  void feed_all() {
    for (const auto& packet : all_) feed(packet);
  }

private:
  static constexpr uint16_t symbols = 8'000;

  void header(std::vector<uint8_t>& packet, size_t count) const {
    packet.assign(mold_header_size, 'S');
    sdk::put_be64(&packet[10], sequence_);
    sdk::put_be16(&packet[18], static_cast<uint16_t>(count));
  }
  void feed(const std::vector<uint8_t>& packet) {
    const tp_unit unit{packet.data(), static_cast<uint32_t>(packet.size()), line_set::a, 1, 0, 0};
    venue_.on_units({&unit, 1});
  }
  void define_symbols() {
    std::vector<uint8_t> packet;
    for (uint16_t locate = 1; locate <= symbols; ++locate, ++sequence_) {
      header(packet, 1);
      packet.insert(packet.end(), {0, 39, 'R'});
      packet.resize(packet.size() + 38, ' ');
      sdk::put_be16(&packet[23], locate);
      sdk::put_be64(&packet[33], locate);
      feed(packet);
    }
  }

  size_t messages_;
  uint64_t sequence_ = 1;
  tp_venue_host table_ = sdk::testing::silent_host();
  tp_pair pair_{sdk::to_tp("lines.a"), sdk::to_tp("udp://239.1.1.1:1")};
  tp_config config_{sizeof(tp_config), 1, &pair_};
  venue_session venue_{sdk::settings{&config_}, sdk::venue_host{&table_, nullptr}};
  std::vector<std::vector<uint8_t>> all_;
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
