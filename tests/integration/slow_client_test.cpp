// A client that does not read costs the others nothing and the server little.
#include "support/market_view.hpp"
#include "support/plant.hpp"

#include <gtest/gtest.h>

namespace tickplant::testing {
namespace {

using nlohmann::json;

constexpr uint16_t slow_consumer = 4103, no_close_frame = 1006;

TEST(SlowClient, IsClosedAndCostsTheOthersNothing) {
  plant whole;
  whole.start_simulator();
  whole.start_server("limits: {stall: 2s}\n");
  whole.wait_ready();
  const auto reader = connect(whole);
  reader->send(whole_market());
  market_view view;
  ASSERT_TRUE(view.follow_entries(*reader, all_symbols(), 20)) << whole.story();
  const size_t memory = whole.server().memory_kib(), sockets = whole.server().open_descriptors();

  const auto deaf = deaf_client(whole);
  EXPECT_GT(whole.server().open_descriptors(), sockets);
  // Many times what sockets and the server keep for the deaf one.
  ASSERT_TRUE(read_bytes(*reader, 4u << 20)) << whole.story();
  if (!TP_IS_SANITIZED) { // sanitizers keep freed memory
    EXPECT_LT(whole.server().memory_kib(), memory + 8 * 1024);
  }
  // It cannot see its end before it reads, but the server's socket goes.
  ASSERT_TRUE(eventually([&] { return whole.server().open_descriptors() <= sockets; })) << whole.story();
  EXPECT_TRUE(view.follow_entries(*reader, all_symbols(), 20)) << "the other client is served on";
  EXPECT_TRUE(reader->is_open());
  deaf->resume_reading();
  const auto closed = deaf->wait_closed();
  ASSERT_TRUE(closed) << whole.story();
  // The close frame waits behind data that nobody read, so it may be lost with them.
  EXPECT_TRUE(closed->code == slow_consumer || closed->code == no_close_frame) << closed->code << ' ' << closed->reason;
}

TEST(SlowClient, GetsTheNewestStateOnceItReadsAgain) {
  plant whole;
  whole.start_simulator();
  whole.start_server("limits: {stall: 5m}\n");
  whole.wait_ready();
  const auto reader = connect(whole), deaf = deaf_client(whole);
  reader->send(whole_market());
  ASSERT_TRUE(read_bytes(*reader, 4u << 20)) << whole.story();
  const auto missed = reader->received();

  market_view of_reader, of_deaf;
  ASSERT_TRUE(of_reader.follow_entries(*reader, all_symbols()));
  deaf->resume_reading();
  // What lay in the sockets first, then each symbol at least as new as the reader's had been.
  const auto is_new = [&] {
    for (const auto& symbol : all_symbols()) {
      const auto& entry = of_deaf.entry(symbol);
      if (entry.is_null() || entry["timestamp"] < of_reader.entry(symbol)["timestamp"]) return false;
    }
    return true;
  };
  EXPECT_TRUE(of_deaf.follow(*deaf, is_new)) << whole.story();
  EXPECT_TRUE(deaf->is_open());
  EXPECT_LT(deaf->received(), missed / 2) << "changes that it missed were merged, not queued";
  int64_t sequence = 0;
  for (int i = 0; i < 20; ++i) {
    const auto one = deaf->wait_for_type("MARKET_DATA");
    ASSERT_TRUE(one);
    const auto next = one->body["sequence"].get<int64_t>();
    if (sequence != 0) {
      EXPECT_EQ(next, sequence + 1) << "merging leaves no hole in the numbers";
    }
    sequence = next;
  }
}

} // namespace
} // namespace tickplant::testing
