// Whatever is subscribed, changed, paused and blocked, in however many frequencies: who looks at an instrument has its
// newest value once every tick is past, and who does not, or pauses, is sent none.
#include "runtime/fanout/hub_core.hpp"

#include "tests/support/fanout_builders.hpp"
#include "tests/support/plain_dialect.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

using namespace tickplant;
using namespace tickplant::fanout;

namespace {

constexpr uint64_t ms = 1'000'000;
constexpr uint32_t symbols = 5, clients = 6;

/// Remembers the newest price of each symbol that each client was sent.
struct noting_port final : client_port {
  std::map<std::pair<uint32_t, char>, int64_t> newest; // client and symbol
  std::set<std::pair<uint32_t, char>> sent;            // since it was cleared
  std::set<uint32_t> blocked;

  written write(client_key client, std::span<const uint8_t> frames) override {
    if (blocked.contains(client.index)) return written::blocked;
    const std::string_view text{reinterpret_cast<const char*>(frames.data()), frames.size()};
    const size_t payload = text.find('#'); // a frame's header may hold any byte
    for (size_t at = text.find('=', payload); at != std::string_view::npos; at = text.find('=', at + 1)) {
      const std::pair key{client.index, text[at - 1]};
      newest[key] = std::stoll(std::string{text.substr(at + 1, text.find_first_of(";>", at) - at - 1)});
      sent.insert(key);
    }
    return written::sent;
  }
  void reply(client_key, wire::opcode, std::span<const uint8_t>) override {}
};

struct HubRows : testing::TestWithParam<uint64_t> {
  directory names;
  noting_port port;
  std::unique_ptr<plugin::dialect_host> dialect = tests::make_plain_dialect();
  printer print{*dialect};
  hub_core hub{names, port};
  std::mt19937_64 random{GetParam()};
  uint64_t now = 1'000 * ms;
  int64_t price = 0;
  std::vector<model::instrument_ptr> instruments;
  std::map<uint32_t, int64_t> newest;
  std::map<std::tuple<uint32_t, uint32_t, uint32_t>, bool> rows; // client, instrument, frequency: whether it is paused

  HubRows() {
    for (uint32_t i = 0; i < symbols; ++i)
      instruments.push_back(tests::make_instrument(std::string(1, static_cast<char>('A' + i))));
    for (uint32_t i = 0; i < clients; ++i) hub.attach({i, 1}, print);
  }
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(random() % bound); }
  uint32_t frequency() {
    constexpr uint32_t usual[] = {0, 100, 250, 1'000};
    return below(4) == 0 ? below(1'000) : usual[below(4)];
  }
  static option_set options(uint32_t frequency_ms) { return {TP_DATA_QUOTES, 0, 0, frequency_ms}; }
  void publish(uint32_t id) {
    newest[id] = price += 100; // whole units, so that the text is a whole number
    hub.take(tests::make_batch({tests::make_state(id, instruments[id], price)}), now, now);
  }
  void subscribe(uint32_t client, uint32_t id, uint32_t frequency_ms) {
    if (hub.subscribe({client, 1}, options(frequency_ms), model::instrument_id{id}) == hub_core::added::ok)
      rows.emplace(std::tuple{client, id, frequency_ms}, false);
  }
  void change_one() {
    if (rows.empty()) return;
    const auto at = std::next(rows.begin(), below(static_cast<uint32_t>(rows.size())));
    const auto [key, was_paused] = *at;
    const auto [client, id, had] = key;
    const model::instrument_id instrument{id};
    switch (below(3)) {
      case 0:
        hub.unsubscribe({client, 1}, options(had), instrument);
        rows.erase(at);
        return;
      case 1:
        hub.pause({client, 1}, options(had), instrument, !was_paused, now);
        at->second = !was_paused;
        return;
      default:
        const uint32_t wanted = frequency();
        if (!hub.change({client, 1}, options(had), options(wanted), instrument)) return;
        rows.erase(at);
        rows.emplace(std::tuple{client, id, wanted}, was_paused);
    }
  }
  void leave_and_come_back(uint32_t client) {
    hub.detach({client, 1});
    hub.attach({client, 1}, print);
    port.blocked.erase(client);
    std::erase_if(rows, [&](const auto& row) { return std::get<0>(row.first) == client; });
  }
  void step() {
    now += below(50) * ms;
    const uint32_t client = below(clients);
    switch (below(12)) {
      case 0:
      case 1: subscribe(client, below(symbols), frequency()); break;
      case 2:
      case 3: change_one(); break;
      case 4: port.blocked.insert(client); break;
      case 5:
        port.blocked.erase(client);
        hub.drained({client, 1}, now);
        break;
      case 6:
        if (below(10) == 0) leave_and_come_back(client);
        break;
      case 7:
      case 8:
      case 9: publish(below(symbols)); break;
      default: hub.tick(now, now);
    }
  }
  void let_all_ticks_pass() {
    for (uint32_t client = 0; client < clients; ++client) {
      port.blocked.erase(client);
      hub.drained({client, 1}, now);
    }
    port.sent.clear();
    for (uint32_t id = 0; id < symbols; ++id) publish(id);
    now += 2'000 * ms;
    hub.tick(now, now);
  }
  bool looks(uint32_t client, uint32_t id) const {
    for (const auto& [key, is_paused] : rows)
      if (std::get<0>(key) == client && std::get<1>(key) == id && !is_paused) return true;
    return false;
  }
};

INSTANTIATE_TEST_SUITE_P(Seeds, HubRows, testing::Range<uint64_t>(1, 21));

TEST_P(HubRows, HaveTheNewestOnceEveryTickIsPast) {
  for (int round = 0; round < 60; ++round) {
    for (int n = 0; n < 60; ++n) step();
    let_all_ticks_pass();
    for (uint32_t client = 0; client < clients; ++client)
      for (uint32_t id = 0; id < symbols; ++id) {
        const std::pair key{client, static_cast<char>('A' + id)};
        ASSERT_EQ(port.sent.contains(key), looks(client, id)) << "client " << client << " symbol " << id;
        if (!looks(client, id)) continue;
        ASSERT_EQ(port.newest[key] * 100, newest[id]) << "client " << client << " symbol " << id;
      }
  }
  for (uint32_t client = 0; client < clients; ++client) leave_and_come_back(client);
  for (uint32_t client = 0; client < clients; ++client) EXPECT_EQ(hub.rows_of({client, 1}), 0u);
}

// More groups than a row can name by itself.
TEST_P(HubRows, OfHundredsOfFrequenciesAreServedToo) {
  for (uint32_t period = 0; period < 600; ++period) subscribe(period % clients, period % symbols, period);
  publish(0);
  let_all_ticks_pass();
  for (const auto& [key, is_paused] : rows)
    ASSERT_EQ(port.newest[(std::pair{std::get<0>(key), static_cast<char>('A' + std::get<1>(key))})] * 100,
              newest[std::get<1>(key)]);
  const uint64_t before = hub.counters().updates;
  let_all_ticks_pass();
  EXPECT_EQ(hub.counters().updates - before, rows.size()) << "each row once";
}

} // namespace
