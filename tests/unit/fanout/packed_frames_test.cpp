// S0-53, S0-54: clients that agreed to permessage-deflate see what the others see, and each element is compressed once.
#include "runtime/fanout/hub_core.hpp"

#include "compression.hpp" // of the plugin deflate
#include "tests/support/fanout_builders.hpp"
#include "tests/support/line_dialect.hpp"
#include "tests/support/plain_dialect.hpp"

#include <gmock/gmock.h>

#include <map>
#include <random>

using namespace tickplant;
using namespace tickplant::fanout;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

constexpr uint64_t ms = 1'000'000;

/// The plugin's table under our control: `fails` spoils its parts.
struct moody_deflate : deflate::compression {
  using compression::compression;
  static inline bool fails = false;
  int64_t part(uint32_t group, std::span<const uint8_t> in, std::span<uint8_t> out) {
    if (fails) return TP_E_INTERNAL;
    return compression::part(group, in, out);
  }
};

std::unique_ptr<plugin::compression_host> make_deflate(size_t threshold) {
  plugin::plugin_info info;
  info.name = "deflate";
  info.kind = TP_KIND_COMPRESSION;
  plugin::settings_list settings{{"threshold", std::to_string(threshold)}};
  auto host = std::make_unique<plugin::compression_host>(
    plugin::compression_plugin{info, sdk::make_compression_ops<moody_deflate>()}, std::move(settings),
    plugin::log_function{});
  if (!host->create()) throw std::logic_error("deflate refuses to start: " + host->why_broken());
  return host;
}

/// Unpacks what is marked as compressed; counts such frames.
class reading_port final : public client_port {
public:
  explicit reading_port(plugin::compression_host& unpacker) : unpacker_(unpacker) {}

  std::map<uint32_t, written> answers;
  std::map<uint32_t, size_t> packed, sizes; // frames; bytes on the wire

  written write(client_key client, std::span<const uint8_t> frames) override {
    const auto answer = answers.contains(client.index) ? answers[client.index] : written::sent;
    if (answer != written::sent && answer != written::filled) return answer;
    while (!frames.empty()) {
      const size_t header = frames[1] <= 125 ? 2 : frames[1] == 126 ? 4 : 10;
      size_t size = frames[1] <= 125 ? frames[1] : 0;
      for (size_t i = 2; i < header; ++i) size = size << 8 | frames[i];
      read(client, frames.first(header + size), header);
      frames = frames.subspan(header + size);
    }
    return answer;
  }
  void read(client_key client, std::span<const uint8_t> frame, size_t header) {
    EXPECT_EQ(frame[0] & 0xBF, 0x81) << "a whole text frame; RSV1 may be set";
    const auto payload = frame.subspan(header);
    bytes text{payload.begin(), payload.end()};
    sizes[client.index] += frame.size();
    if (frame[0] & 0x40) {
      ++packed[client.index];
      text.clear();
      EXPECT_GE(unpacker_.unpack(0, payload, 1 << 20, text), 0) << "a broken message";
    }
    frames_[client.index].emplace_back(text.begin(), text.end());
  }
  void reply(client_key, wire::opcode, std::span<const uint8_t>) override {}
  std::vector<std::string> take(uint32_t client) { return std::exchange(frames_[client], {}); }

private:
  plugin::compression_host& unpacker_;
  std::map<uint32_t, std::vector<std::string>> frames_;
};

std::string long_symbol(uint32_t n) {
  return std::string(40, static_cast<char>('A' + n % 26)) + std::to_string(n);
}

struct PackedFrames : testing::Test {
  directory names;
  std::unique_ptr<plugin::dialect_host> dialect = tests::make_plain_dialect();
  std::unique_ptr<plugin::compression_host> compression = make_deflate(0);
  printer print{*dialect};
  packer pack{*compression};
  std::unique_ptr<plugin::compression_host> unpacker = make_deflate(0);
  reading_port port{*unpacker};
  std::unique_ptr<hub_core> hub = std::make_unique<hub_core>(names, port);
  uint64_t now = 1'000 * ms;
  std::vector<model::instrument_ptr> instruments;

  PackedFrames() {
    for (uint32_t n = 0; n < 100; ++n) instruments.push_back(tests::make_instrument(long_symbol(n)));
    tests::plain_dialect::printed = 0;
    moody_deflate::fails = false;
  }
  client_key plain(uint32_t index) {
    if (!hub->is_attached({index, 1})) hub->attach({index, 1}, print);
    return {index, 1};
  }
  client_key packing(uint32_t index, uint32_t group = 0) {
    if (!hub->is_attached({index, 1})) hub->attach({index, 1}, print, &pack, group);
    return {index, 1};
  }
  void subscribe(client_key key, uint32_t id, uint32_t frequency_ms = 100) {
    EXPECT_EQ(hub->subscribe(key, {TP_DATA_QUOTES, 0, 0, frequency_ms}, model::instrument_id{id}), hub_core::added::ok);
  }
  void publish(uint32_t id, int64_t price) {
    hub->take(tests::make_batch({tests::make_state(id, instruments[id], price)}), now, now);
  }
  void tick() {
    now += 100 * ms;
    hub->tick(now, now);
  }
  std::string shown(uint32_t id, std::string_view price) { return long_symbol(id) + "=" + std::string{price}; }
};

TEST_F(PackedFrames, HaveTheContentOfPlainOnes) {
  for (uint32_t id = 0; id < 5; ++id) {
    subscribe(plain(0), id);
    subscribe(packing(1), id);
    subscribe(packing(2, 3), id);
  }
  for (uint32_t id = 0; id < 5; ++id) publish(id, 100 + id);
  tick();
  const auto seen = port.take(0);
  EXPECT_THAT(seen, ElementsAre("<5#1:" + shown(0, "1") + ";" + shown(1, "1.01") + ";" + shown(2, "1.02") + ";" +
                                shown(3, "1.03") + ";" + shown(4, "1.04") + ">"));
  EXPECT_EQ(port.take(1), seen);
  EXPECT_EQ(port.take(2), seen);
  EXPECT_EQ(port.packed, (std::map<uint32_t, size_t>{{1, 1}, {2, 1}}));
  const auto& counted = hub->counters();
  EXPECT_EQ(counted.frames, 3u);
  EXPECT_EQ(counted.packed_frames, 2u);
  EXPECT_EQ(counted.bytes, port.sizes[0] + port.sizes[1] + port.sizes[2]);
  EXPECT_EQ(counted.bytes_saved, 2 * seen[0].size() - (port.sizes[1] - 2) - (port.sizes[2] - 2)) << "short headers";
}

TEST_F(PackedFrames, AreMadeFromTheThresholdOn) {
  const std::string text = "<2#1:" + shown(0, "1") + ";" + shown(1, "1") + ">";
  for (const bool reaches : {true, false}) {
    auto other = make_deflate(text.size() + (reaches ? 0 : 1));
    const packer edge{*other};
    hub_core one{names, port};
    one.attach({0, 1}, print, &edge, 0);
    for (uint32_t id = 0; id < 2; ++id) {
      one.subscribe({0, 1}, {TP_DATA_QUOTES, 0, 0, 100}, model::instrument_id{id});
      one.take(tests::make_batch({tests::make_state(id, instruments[id], 100)}), now, now);
    }
    port.packed.clear();
    one.tick(now, now);
    EXPECT_THAT(port.take(0), ElementsAre(text));
    EXPECT_EQ(port.packed[0], reaches ? 1u : 0u);
    EXPECT_EQ(one.counters().packed_parts, reaches ? 2u : 0u) << "nothing is compressed in vain";
  }
}

TEST_F(PackedFrames, CompressEachElementOncePerPublicationAndGroup) {
  for (uint32_t i = 0; i < 100; ++i) subscribe(packing(i, i % 2), 0);
  for (uint32_t i = 0; i < 10; ++i) subscribe(plain(200 + i), 0);
  for (uint64_t round = 1; round <= 5; ++round) {
    publish(0, static_cast<int64_t>(100 * round));
    tick();
    EXPECT_EQ(hub->counters().packed_parts, 2 * round);
    EXPECT_EQ(tests::plain_dialect::printed, round);
    const auto wanted = "<1#" + std::to_string(round) + ":" + shown(0, std::to_string(round)) + ">";
    for (uint32_t i = 0; i < 100; ++i) ASSERT_THAT(port.take(i), ElementsAre(wanted));
    for (uint32_t i = 200; i < 210; ++i) ASSERT_THAT(port.take(i), ElementsAre(wanted));
  }
  EXPECT_EQ(hub->counters().packed_frames, 500u);
}

TEST_F(PackedFrames, CompressNothingThatOnlyPlainClientsSee) {
  subscribe(plain(0), 0);
  subscribe(packing(1), 1);
  publish(0, 100);
  tick();
  EXPECT_EQ(hub->counters().packed_parts, 0u);
}

TEST_F(PackedFrames, GiveABlockedClientTheNewest) {
  subscribe(packing(0), 0);
  subscribe(packing(0), 1);
  publish(0, 100);
  port.answers[0] = written::blocked;
  tick();
  EXPECT_THAT(port.take(0), IsEmpty());
  for (int64_t price = 200; price < 250; ++price) {
    publish(0, price);
    publish(1, price);
    tick();
  }
  EXPECT_EQ(hub->counters().packed_parts, 1u) << "nothing is compressed for a full socket";
  EXPECT_EQ(hub->counters().packed_frames, 0u);
  port.answers[0] = written::filled;
  hub->drained({0, 1}, now);
  EXPECT_THAT(port.take(0), ElementsAre("<2#1:" + shown(0, "2.49") + ";" + shown(1, "2.49") + ">"));
  EXPECT_EQ(hub->counters().packed_frames, 1u);
}

TEST_F(PackedFrames, AreMadeAnewByAHubThatWasRestarted) {
  subscribe(packing(0), 0);
  publish(0, 100);
  tick();
  port.take(0);
  hub = std::make_unique<hub_core>(names, port);
  subscribe(packing(0), 0);
  EXPECT_THAT(port.take(0), IsEmpty());
  publish(0, 300);
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("<1#1:" + shown(0, "3") + ">"));
  EXPECT_EQ(port.packed[0], 2u);
}

TEST_F(PackedFrames, StayPlainWhereThePluginFails) {
  for (uint32_t i = 0; i < 50; ++i) subscribe(packing(i), 0);
  moody_deflate::fails = true;
  publish(0, 100);
  tick();
  for (uint32_t i = 0; i < 50; ++i) EXPECT_THAT(port.take(i), ElementsAre("<1#1:" + shown(0, "1") + ">"));
  EXPECT_THAT(port.packed, IsEmpty());
  EXPECT_EQ(compression->faults(), 1u) << "it is asked once per element, not once per client";
  moody_deflate::fails = false;
  publish(0, 200);
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("<1#2:" + shown(0, "2") + ">"));
  EXPECT_EQ(port.packed[0], 1u);
}

TEST_F(PackedFrames, StayPlainWhereNothingIsGained) {
  instruments[0] = tests::make_instrument("XQZ");
  subscribe(packing(0), 0);
  publish(0, 100);
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("<1#1:XQZ=1>"));
  EXPECT_THAT(port.packed, IsEmpty());
  EXPECT_EQ(hub->counters().bytes_saved, 0u);
}

TEST_F(PackedFrames, AreNotMadeOfAnotherVariantsParts) {
  const option_set quotes{TP_DATA_QUOTES, 0, 0, 100}, book{TP_DATA_QUOTES | TP_DATA_ORDER_BOOK, 3, 0, 100};
  packing(0);
  hub->subscribe({0, 1}, quotes, model::instrument_id{0});
  publish(0, 100);
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("<1#1:" + shown(0, "1") + ">"));
  hub->unsubscribe({0, 1}, quotes, model::instrument_id{0}); // the variant's place is free and given away
  hub->subscribe({0, 1}, book, model::instrument_id{0});
  tick();
  EXPECT_THAT(port.take(0), ElementsAre("<1#2:" + shown(0, "1") + "/0>")) << "no new publication in between";
}

TEST_F(PackedFrames, AreNotMadeOfAnotherCompressionsParts) {
  subscribe(plain(9), 0);
  subscribe(packing(0), 0);
  publish(0, 100);
  tick();
  EXPECT_EQ(hub->counters().packed_parts, 1u);
  hub->detach({0, 1});
  auto successor = make_deflate(0); // as after a reload
  const packer other{*successor};
  hub->attach({0, 2}, print, &other, 3);
  EXPECT_EQ(hub->subscribe({0, 2}, {TP_DATA_QUOTES, 0, 0, 100}, model::instrument_id{0}), hub_core::added::ok);
  port.take(0);
  tick();
  EXPECT_EQ(hub->counters().packed_parts, 2u);
  EXPECT_THAT(port.take(0), ElementsAre("<1#1:" + shown(0, "1") + ">"));
}

TEST_F(PackedFrames, SplitWherePlainOnesSplit) {
  for (uint32_t n = 0; n < 100; ++n) instruments[n] = tests::make_instrument(std::string(900, 'a') + long_symbol(n));
  for (uint32_t id = 0; id < 100; ++id) {
    subscribe(plain(0), id);
    subscribe(packing(1), id);
    publish(id, 100);
  }
  tick();
  const auto seen = port.take(0);
  EXPECT_EQ(seen.size(), 2u) << "frames of at most 64 KiB";
  EXPECT_EQ(port.take(1), seen);
}

TEST_F(PackedFrames, ServeMorePackingsThanTheirBoundUncompressed) {
  std::vector<std::unique_ptr<plugin::compression_host>> many;
  std::vector<packer> packers;
  for (uint32_t i = 0; i <= hub_core::max_packings; ++i) packers.emplace_back(*many.emplace_back(make_deflate(0)));
  for (uint32_t i = 0; i < packers.size(); ++i) {
    hub->attach({i, 1}, print, &packers[i], 0);
    subscribe({i, 1}, 0);
  }
  publish(0, 100);
  tick();
  for (uint32_t i = 0; i < packers.size(); ++i) EXPECT_THAT(port.take(i), ElementsAre("<1#1:" + shown(0, "1") + ">"));
  EXPECT_EQ(hub->counters().packed_frames, hub_core::max_packings);
}

// Clients come in pairs that do the same, one plain and one compressed; whatever happens both see the same.
TEST_F(PackedFrames, TellPairsOfClientsTheSameInARandomLife) {
  std::mt19937_64 random{2026};
  constexpr uint32_t pairs = 12;
  const auto attach = [&](uint32_t pair) {
    plain(2 * pair);
    packing(2 * pair + 1, pair % 4);
  };
  uint64_t compared = 0;
  for (int step = 0; step < 20'000; ++step) {
    const auto pair = static_cast<uint32_t>(random() % pairs);
    const auto id = model::instrument_id{static_cast<uint32_t>(random() % 30)};
    const option_set options{random() % 2 ? uint32_t{TP_DATA_QUOTES} : uint32_t{TP_DATA_QUOTES | TP_DATA_ORDER_BOOK},
                             static_cast<uint32_t>(random() % 3), 0, random() % 4 ? 100u : 0u};
    attach(pair);
    switch (random() % 12) {
      case 0:
        for (uint32_t side : {0u, 1u}) hub->subscribe({2 * pair + side, 1}, options, id);
        break;
      case 1:
        for (uint32_t side : {0u, 1u}) hub->unsubscribe({2 * pair + side, 1}, options, id);
        break;
      case 2:
        if (random() % 20 == 0)
          for (uint32_t side : {0u, 1u}) hub->detach({2 * pair + side, 1});
        break;
      case 3: {
        const auto answer = random() % 2 ? written::blocked : written::sent;
        for (uint32_t side : {0u, 1u}) port.answers[2 * pair + side] = answer;
        if (answer == written::sent)
          for (uint32_t side : {0u, 1u}) hub->drained({2 * pair + side, 1}, now);
        break;
      }
      case 4: tick(); break;
      default: publish(model::index_of(id), static_cast<int64_t>(1 + random() % 100'000)); break;
    }
    for (uint32_t p = 0; p < pairs; ++p) {
      const auto seen = port.take(2 * p);
      compared += seen.size();
      ASSERT_EQ(port.take(2 * p + 1), seen) << "step " << step << " pair " << p;
    }
  }
  EXPECT_GT(compared, 5'000u);
  EXPECT_GT(hub->counters().packed_frames, 2'000u);
}

TEST_F(PackedFrames, LoneMessagesAreCompressedFromTheThresholdOn) {
  auto limited = make_deflate(100);
  const packer one{*limited};
  bytes out{'<'};
  EXPECT_FALSE(one.whole(0, bytes(99, 'x'), out));
  EXPECT_EQ(out, bytes{'<'});
  ASSERT_TRUE(one.whole(0, bytes(100, 'x'), out));
  EXPECT_LT(out.size(), 20u);
  bytes text;
  EXPECT_EQ(unpacker->unpack(0, std::span{out}.subspan(1), 1'000, text), 100);
  EXPECT_EQ(text, bytes(100, 'x'));
  std::mt19937_64 random{1};
  bytes noise(1'000);
  for (auto& b : noise) b = static_cast<uint8_t>(random());
  out = {'<'};
  EXPECT_FALSE(one.whole(0, noise, out)) << "it would not get smaller";
  EXPECT_EQ(out, bytes{'<'});
}

// Issue 5, 2: a run of entries of a line that many clients get is compressed once; one that a client gets alone, apart.
TEST_F(PackedFrames, HoldRunsOfEntriesThatArePackedOnceForAll) {
  const auto lines = tests::make_line_dialect();
  const printer speak{*lines};
  option_set wanted;
  wanted.data_types = TP_DATA_TRADES | TP_DATA_ORDER_BOOK;
  wanted.depth = 3;
  wanted.extras = TP_EXTRA_SEQUENCE;
  wanted.mode = TP_MODE_ALL;
  for (uint32_t index = 0; index < 4; ++index) {
    hub->attach({index, 1}, speak, index == 0 ? nullptr : &pack, 0);
    ASSERT_EQ(hub->subscribe({index, 1}, wanted, model::instrument_id{0}), hub_core::added::ok);
  }
  auto batch = tests::make_batch({tests::make_state(0, instruments[0], 100)});
  auto& state = batch.items[0];
  state.depth = 3;
  state.is_taped = true;
  state.bids = {{100, 1, 1, 0}, {99, 1, 1, 0}};
  const auto move = [&] {
    ++state.sequence;
    state.bids[0].quantity += 3;
    book::tape prints(5);
    for (auto& print_of : prints) {
      print_of.epoch = state.epoch;
      print_of.sequence = ++state.tape_sequence;
      print_of.price = 100;
    }
    batch.tapes = {std::make_shared<const book::tape>(prints)};
    hub->take(batch, now, now);
  };
  move();
  port.answers[3] = written::blocked;
  for (uint32_t index = 0; index < 3; ++index) port.take(index);
  const auto before = hub->counters().packed_parts;
  move();
  EXPECT_EQ(hub->counters().packed_parts - before, 2u) << "trades and changes, each once";
  move();
  const auto seen = port.take(0);
  EXPECT_EQ(seen.size(), 4u);
  EXPECT_EQ(port.take(1), seen);
  EXPECT_EQ(port.take(2), seen);
  port.take(3);
  port.answers.clear();
  hub->drained({3, 1}, now);
  std::string both;
  for (const auto& text : port.take(3)) both += text + '\n';
  EXPECT_THAT(both, testing::HasSubstr("TRADES 10;"));
  EXPECT_THAT(both, testing::HasSubstr("BOOK 2;"));
  EXPECT_GT(port.packed[3], 0u);
}

} // namespace
