// Measures what a message costs from the Mold packet to its event, with a host that does nothing. Prints one line per
// burst size: messages in an on_units call, nanoseconds a message.
#include "venue_session.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace tickplant;
using namespace tickplant::nasdaq;

namespace {

constexpr size_t per_packet = 32, packets = 256, rounds = 1'000; // packets stay in the cache

tp_venue_host empty_host() {
  tp_venue_host host{};
  host.struct_size = sizeof host;
  host.emit = [](tp_ctx*, uint32_t, const tp_event*, size_t) -> int32_t { return TP_OK; };
  host.define = [](tp_ctx*, const tp_instrument*) -> int32_t { return 1; };
  host.retire = [](tp_ctx*, uint32_t) {};
  host.stream = [](tp_ctx*, const tp_stream*) {};
  host.text = [](tp_ctx*, tp_str) -> uint32_t { return 1; };
  host.line_open = [](tp_ctx*, const tp_line_spec*) -> int32_t { return TP_OK; };
  host.set_timer = [](tp_ctx*, uint32_t, uint64_t) {};
  host.count = [](tp_ctx*, uint32_t, uint64_t) {};
  host.log = [](tp_ctx*, int32_t, tp_str) {};
  host.zone_offset = [](tp_ctx*, tp_str, uint64_t) -> int64_t { return 0; };
  host.random = [](tp_ctx*) -> uint64_t { return 1; };
  return host;
}

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
  put_be16(&packet[at + 1], static_cast<uint16_t>(1 + (chance >> 20) % 8'000));
  put_be64(&packet[at + 11], order);
  if (type == 'A') packet[at + 19] = (chance >> 40) % 2 ? 'B' : 'S';
}

} // namespace

int main() {
  const tp_venue_host table = empty_host();
  const tp_pair pairs[] = {{sdk::to_tp("lines.a"), sdk::to_tp("udp://239.1.1.1:1")}};
  const tp_config config{sizeof(tp_config), 1, pairs};
  for (const size_t messages : {size_t{1}, size_t{8}, per_packet}) {
    venue_session venue{sdk::settings{&config}, sdk::venue_host{&table, nullptr}};
    venue.start(1);
    uint64_t sequence = 1, chance = 1;
    const auto header = [&](std::vector<uint8_t>& packet, size_t count) {
      packet.assign(mold_header_size, 'S');
      put_be64(&packet[10], sequence);
      put_be16(&packet[18], static_cast<uint16_t>(count));
    };
    const auto feed = [&](std::vector<uint8_t>& packet, size_t size) {
      const tp_unit unit{packet.data(), static_cast<uint32_t>(size), line_set::a, 1, 0, 0};
      venue.on_units({&unit, 1});
    };
    std::vector<uint8_t> packet;
    for (uint16_t locate = 1; locate <= 8'000; ++locate, ++sequence) {
      header(packet, 1);
      packet.insert(packet.end(), {0, 39, 'R'});
      packet.resize(packet.size() + 38, ' ');
      put_be16(&packet[23], locate);
      put_be64(&packet[33], locate);
      feed(packet, packet.size());
    }
    std::vector<std::vector<uint8_t>> all(packets);
    for (auto& each : all) {
      header(each, messages);
      for (size_t i = 0; i < messages; ++i) {
        chance = chance * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
        append_message(each, chance >> 11, chance >> 32);
      }
    }
    double best = 1e9;
    for (size_t round = 0; round < rounds; ++round) {
      for (auto& each : all) { // the numbers go on, outside the measured time
        put_be64(&each[10], sequence);
        sequence += messages;
      }
      const auto begin = std::chrono::steady_clock::now();
      for (auto& each : all) feed(each, each.size());
      const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
      best = std::min(best, took.count() / static_cast<double>(packets * messages));
    }
    std::printf("%2zu messages a burst: %.2f ns/message\n", messages, best);
  }
}
