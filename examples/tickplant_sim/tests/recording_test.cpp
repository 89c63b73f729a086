#include "tickplant_sim/binance/recording.hpp"
#include "tickplant_sim/binance/recording_feed.hpp"
#include "tickplant_sim/tests/temporary_file.hpp"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

namespace tickplant::sim::binance {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::string diff_line(std::uint64_t ns, std::uint64_t first, std::uint64_t last, const std::string& bid,
                      const std::string& quantity) {
  return std::to_string(ns) + R"( {"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":)" +
         std::to_string(first) + ",\"u\":" + std::to_string(last) + R"(,"b":[[")" + bid + "\",\"" + quantity +
         R"("]],"a":[]}})" + "\n";
}

const std::string trade_line = R"(5 {"stream":"btcusdt@trade","data":{"e":"trade","t":1}})"
                               "\n";
const std::string snapshot_line =
  R"(30 {"lastUpdateId":15,"bids":[["10.00000000","1.00000000"]],"asks":[["11.00000000","2.00000000"]]})"
  "\n";

/// Two diffs before the snapshot, of which the second reaches beyond it, and one after.
const std::string small_recording = diff_line(10, 8, 12, "9.00000000", "1.00000000") +
                                    diff_line(20, 13, 18, "9.50000000", "3.00000000") + trade_line + snapshot_line +
                                    diff_line(40, 19, 20, "10.00000000", "0.00000000");

TEST(RecordingReader, SplitsEventsAndSnapshots) {
  const test::temporary_file file{small_recording};
  recording_reader reader{{file.path()}};
  recorded_line line;
  ASSERT_TRUE(reader.next(line));
  EXPECT_EQ(line.received_ns, 10u);
  EXPECT_EQ(line.stream, "btcusdt@depth@100ms");
  EXPECT_TRUE(line.payload.starts_with(R"({"e":"depthUpdate")") && line.payload.ends_with(R"("a":[]})"));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(reader.next(line));
  EXPECT_EQ(line.what, recorded_line::kind::snapshot);
  ASSERT_TRUE(reader.next(line));
  EXPECT_FALSE(reader.next(line));
}

TEST(RecordingReader, ReadsGzipAndGoesOnWithTheNextFile) {
  std::string packed(compressBound(small_recording.size()) + 64, '\0');
  z_stream stream{};
  ASSERT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string source = small_recording;
  stream.next_in = reinterpret_cast<Bytef*>(source.data());
  stream.avail_in = static_cast<uInt>(source.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);

  const test::temporary_file first{packed}, second{trade_line};
  recording_reader reader{{first.path(), second.path()}};
  recorded_line line;
  int lines = 0;
  while (reader.next(line)) ++lines;
  EXPECT_EQ(lines, 6);
  EXPECT_EQ(line.stream, "btcusdt@trade");

  const test::temporary_file broken{packed.substr(0, packed.size() / 2)};
  recording_reader other{{broken.path()}};
  EXPECT_THAT(
    [&] {
      while (other.next(line)) {
      }
    },
    ThrowsMessage<std::runtime_error>(HasSubstr(broken.path())));
}

TEST(RecordingReader, NamesFileAndLineOfWhatItCannotRead) {
  for (const std::string bad : {"no time\n", "12\n", "12 [1]\n", "1x {\"lastUpdateId\":1}\n"}) {
    const test::temporary_file file{trade_line + bad};
    recording_reader reader{{file.path()}};
    recorded_line line;
    ASSERT_TRUE(reader.next(line));
    EXPECT_THAT([&] { reader.next(line); }, ThrowsMessage<std::runtime_error>(HasSubstr("line 2"))) << bad;
  }
  EXPECT_THAT([] { recording_reader({"/nonexistent/recording"}); },
              ThrowsMessage<std::runtime_error>(HasSubstr("/nonexistent/recording")));
}

recorded_book book_of(const std::string& text) {
  const test::temporary_file file{text};
  recording_reader reader{{file.path()}};
  recorded_line line;
  recorded_book book;
  while (reader.next(line))
    if (line.what == recorded_line::kind::snapshot) {
      EXPECT_TRUE(book.apply_snapshot(line.payload));
    } else if (line.stream == "btcusdt@depth@100ms") {
      EXPECT_TRUE(book.apply_diff(line.payload));
    }
  return book;
}

TEST(RecordedBook, JoinsTheSnapshotWithTheDiffsAroundIt) {
  const auto book = book_of(small_recording);
  EXPECT_TRUE(book.complete());
  EXPECT_EQ(book.last_update_id(), 20u);
  EXPECT_EQ(book.book().bids(), (level_book::bid_levels{{9 * one + one / 2, 3 * one}}));
  EXPECT_EQ(book.book().asks(), (level_book::ask_levels{{11 * one, 2 * one}}));
}

TEST(RecordedBook, IsIncompleteAfterAGap) {
  recorded_book book;
  ASSERT_TRUE(book.apply_snapshot(R"({"lastUpdateId":15,"bids":[],"asks":[]})"));
  EXPECT_TRUE(book.complete());
  EXPECT_FALSE(book.apply_diff(R"({"U":17,"u":18,"b":[],"a":[]})"));
  EXPECT_FALSE(book.complete());
}

TEST(RecordedBook, RefusesWhatItCannotRead) {
  recorded_book book;
  for (const auto* bad : {"", "[]", "{}", R"({"U":1,"u":2,"b":[["x","1"]],"a":[]})", R"({"U":-1,"u":2,"b":[],"a":[]})"})
    EXPECT_FALSE(book.apply_diff(bad)) << bad;
  EXPECT_FALSE(book.apply_snapshot(R"({"lastUpdateId":"15","bids":[],"asks":[]})"));
}

struct collecting_subscriber final : subscriber {
  const subscriptions& wants() const override { return wanted; }
  void deliver(std::string_view stream, std::string_view) override { streams.emplace_back(stream); }
  std::size_t waiting_bytes() const override { return 0; }

  subscriptions wanted;
  std::vector<std::string> streams;
};

TEST(RecordingFeed, PlaysFromTheFirstSubscriptionAndAnswersHeldRequestsAtTheSnapshot) {
  const test::temporary_file file{small_recording};
  stream_hub hub;
  boost::asio::io_context io;
  recording_feed feed{io, hub, {{file.path()}, 0, {}}};
  EXPECT_EQ(feed.markets().at(0).symbol, "BTCUSDT");
  EXPECT_EQ(feed.markets().at(0).base_asset, "BTC");
  feed.start();
  std::optional<std::string> early;
  feed.depth("BTCUSDT", 100, [&](std::optional<std::string> body) { early = std::move(body); });
  io.run();
  io.restart();
  EXPECT_FALSE(early.has_value());
  EXPECT_FALSE(feed.at_end());

  collecting_subscriber client;
  client.wanted.streams = {"btcusdt@depth@100ms"};
  hub.attach(client);
  hub.announce_change();
  io.run();
  EXPECT_TRUE(feed.at_end());
  EXPECT_EQ(client.streams.size(), 3u);
  ASSERT_TRUE(early.has_value());
  EXPECT_TRUE(early->starts_with(R"({"lastUpdateId":18,"bids":[["10.00000000","1.00000000"],["9.50000000")")) << *early;

  std::string late;
  feed.depth("BTCUSDT", 1, [&](std::optional<std::string> body) { late = body.value_or(""); });
  EXPECT_EQ(late, R"({"lastUpdateId":20,"bids":[["9.50000000","3.00000000"]],"asks":[["11.00000000","2.00000000"]]})");
}

TEST(RecordingFeed, AnswersStaleSnapshotsFirstWhenTold) {
  const test::temporary_file file{small_recording};
  stream_hub hub;
  boost::asio::io_context io;
  feed_faults faults;
  faults.stale_snapshots = 1;
  recording_feed feed{io, hub, {{file.path()}, 0, faults}};
  feed.start();
  hub.announce_change();
  io.run();
  std::string stale, fresh;
  feed.depth("BTCUSDT", 5, [&](std::optional<std::string> body) { stale = body.value_or(""); });
  feed.depth("BTCUSDT", 5, [&](std::optional<std::string> body) { fresh = body.value_or(""); });
  EXPECT_TRUE(stale.starts_with(R"({"lastUpdateId":6,)")) << stale;
  EXPECT_TRUE(fresh.starts_with(R"({"lastUpdateId":20,)")) << fresh;
}

TEST(RecordingFeed, RefusesWaitingRequestsWhenItStops) {
  const test::temporary_file file{small_recording};
  stream_hub hub;
  boost::asio::io_context io;
  recording_feed feed{io, hub, {{file.path()}, 1, {}}};
  feed.start();
  int answered = 0, refused = 0;
  for (int i = 0; i < 70; ++i)
    feed.depth("BTCUSDT", 5, [&](const std::optional<std::string>& body) { ++(body ? answered : refused); });
  EXPECT_EQ(refused, 6); // the table of waiting requests is full
  feed.stop();
  EXPECT_EQ(refused, 70);
  EXPECT_EQ(answered, 0);
}

TEST(RecordedBook, AgreesWithTheRecordedBestQuotes) {
  const std::string folder = TP_SHARED_DIR "/data/binance/";
  const std::vector<std::string> files{folder + "spot_btcusdt_20240808.log.gz",
                                       folder + "spot_btcusdt_20240809.log.gz"};
  for (const auto& path : files)
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "no capture at " << path;
  recording_reader reader{files};
  recorded_line line;
  recorded_book book;
  std::uint64_t lines = 0, compared = 0;
  std::map<std::uint64_t, std::string> quotes; // by update id, until a diff ends there
  while (reader.next(line)) {
    ++lines;
    if (line.what == recorded_line::kind::snapshot) {
      ASSERT_TRUE(book.apply_snapshot(line.payload));
    } else if (line.stream == "btcusdt@bookTicker") {
      const auto id = std::stoull(std::string{line.payload.substr(5, 20)});
      quotes.emplace(id, std::string{line.payload});
    } else if (line.stream == "btcusdt@depth@100ms") {
      ASSERT_TRUE(book.apply_diff(line.payload));
      const auto same = quotes.find(book.last_update_id());
      if (!book.complete() || same == quotes.end()) continue;
      std::string bid = "\"b\":\"";
      append_decimal(bid, book.book().bids().begin()->first);
      EXPECT_NE(same->second.find(bid), std::string::npos) << same->second << bid;
      ++compared;
    }
  }
  EXPECT_EQ(lines, 41'249u + 58'325u);
  EXPECT_GT(compared, 900u);
}

} // namespace
} // namespace tickplant::sim::binance
