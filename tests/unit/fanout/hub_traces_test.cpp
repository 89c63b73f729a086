// Traced updates: those that the feed loop sampled, those that came late, and the answer to a client's traced request.
#include "runtime/fanout/hub_core.hpp"

#include "tests/support/fanout_builders.hpp"
#include "tests/support/plain_dialect.hpp"

#include <gmock/gmock.h>

using namespace tickplant;
using namespace tickplant::fanout;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

constexpr uint64_t ms = 1'000'000;

class silent_port final : public client_port {
public:
  written answer = written::sent;
  written write(client_key, std::span<const uint8_t>) override { return answer; }
  void reply(client_key, wire::opcode, std::span<const uint8_t>) override {}
};

class recording_sink final : public trace_sink {
public:
  struct record {
    trace_link parent, encoded;
    bool is_begun_by_client;
    uint64_t conflated, receive_ns;
    std::string symbol;
    bool was_encoded;
  };
  std::vector<record> records;
  uint64_t clock = 0, slow = UINT64_MAX;

  uint64_t now_ns() override { return ++clock; }
  uint64_t slow_ns() override { return slow; }
  traced_spans sent(const traced_update& u) override {
    EXPECT_LE(u.write_start_ns, u.write_end_ns);
    EXPECT_GT(u.bytes, 0u);
    records.push_back({u.parent, u.encoded, u.is_begun_by_client, u.conflated, u.delivery.receive_ns,
                       u.state.instrument->symbol, u.encode_start_ns != 0});
    auto parent = u.parent;
    if (!parent.is_set()) parent.trace_id[0] = 99; // begins one of its own
    trace_link encoded = parent;
    encoded.span_id[0] = 7;
    return {parent, encoded};
  }
};

struct HubTraces : testing::Test {
  directory names;
  silent_port port;
  recording_sink sink;
  std::unique_ptr<plugin::dialect_host> dialect = tests::make_plain_dialect();
  printer print{*dialect};
  hub_core hub{names, port, &sink};
  uint64_t now = 1'000 * ms;
  model::instrument_ptr instrument = tests::make_instrument("AAPL");

  void subscribe(uint32_t index, uint32_t frequency_ms = 100) {
    hub.attach({index, 1}, print);
    hub.subscribe({index, 1}, {TP_DATA_QUOTES, 0, 0, frequency_ms}, model::instrument_id{0});
  }
  /// `trace`: 0 = not sampled.
  void publish(int64_t price, uint8_t trace, uint64_t age_ns = 0) {
    auto batch = tests::make_batch({tests::make_state(0, instrument, price)});
    batch.items.front().receive_ns = now - age_ns;
    batch.delivery.receive_ns = batch.delivery.start_ns = now - age_ns;
    batch.delivery.is_traced = trace != 0;
    batch.delivery.trace_id[0] = trace;
    hub.take(batch, now, now);
  }
  void tick() {
    now += 100 * ms;
    hub.tick(now, now);
  }
};

TEST_F(HubTraces, AreToldOnceForEachClientUnderOneEncoding) {
  subscribe(0);
  subscribe(1);
  publish(100, 5);
  EXPECT_THAT(sink.records, IsEmpty()) << "not before it is written";
  tick();
  ASSERT_THAT(sink.records, SizeIs(2));
  EXPECT_EQ(sink.records[0].parent.trace_id[0], 5);
  EXPECT_FALSE(sink.records[0].encoded.is_set());
  EXPECT_TRUE(sink.records[0].was_encoded);
  EXPECT_EQ(sink.records[1].encoded.span_id[0], 7) << "the second client hangs below the encoding of the first";
}

TEST_F(HubTraces, AreNotToldOfOtherUpdates) {
  subscribe(0);
  publish(100, 5);
  tick();
  sink.records.clear();
  publish(101, 0);
  tick();
  EXPECT_THAT(sink.records, IsEmpty());
}

TEST_F(HubTraces, SurviveConflationAndCountIt) {
  subscribe(0);
  publish(99, 0);
  tick();
  publish(100, 5);
  publish(101, 0);
  publish(102, 0);
  tick();
  ASSERT_THAT(sink.records, SizeIs(1));
  EXPECT_EQ(sink.records[0].parent.trace_id[0], 5);
  EXPECT_EQ(sink.records[0].conflated, 2u);
}

TEST_F(HubTraces, TellSixteenClientsAtMost) {
  for (uint32_t i = 0; i < 40; ++i) subscribe(i);
  publish(100, 5);
  tick();
  EXPECT_THAT(sink.records, SizeIs(16));
}

TEST_F(HubTraces, KeepLateUpdatesThatNobodySampled) {
  sink.slow = 5 * ms;
  subscribe(0);
  publish(100, 0, 4 * ms);
  tick();
  EXPECT_THAT(sink.records, IsEmpty());
  publish(101, 0, 6 * ms);
  tick();
  ASSERT_THAT(sink.records, SizeIs(1));
  EXPECT_FALSE(sink.records[0].parent.is_set());
  EXPECT_EQ(sink.records[0].receive_ns, now - 106 * ms);
}

TEST_F(HubTraces, JoinTheTraceThatAClientBegan) {
  subscribe(0);
  subscribe(1);
  trace_link link;
  link.trace_id[0] = 42;
  hub.trace_next({0, 1}, link);
  publish(100, 0);
  tick();
  publish(101, 0);
  tick();
  ASSERT_THAT(sink.records, SizeIs(1)) << "the first data alone, and of that client alone";
  EXPECT_EQ(sink.records[0].parent.trace_id[0], 42);
  EXPECT_TRUE(sink.records[0].is_begun_by_client);
}

TEST_F(HubTraces, WaitForAClientThatIsBlocked) {
  subscribe(0);
  port.answer = written::blocked;
  publish(100, 5);
  tick();
  EXPECT_THAT(sink.records, IsEmpty());
  port.answer = written::sent;
  hub.drained({0, 1}, now);
  EXPECT_THAT(sink.records, SizeIs(1));
}

TEST_F(HubTraces, GoWithTheirClient) {
  subscribe(0);
  hub.trace_next({0, 1}, {{1}, {1}});
  hub.detach({0, 1});
  subscribe(1);
  publish(100, 0);
  tick();
  EXPECT_THAT(sink.records, IsEmpty());
}

} // namespace
