// A client as docs/protocol/lines.md tells to write it: it subscribes by a wildcard, keeps books and trades by their
// sequences, is cut off without a word, comes back, resumes, and has missed nothing.
#include "support/plant.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace tickplant::testing {
namespace {

using nlohmann::json;

struct place {
  uint64_t epoch = 0, sequence = 0;
};

/// Levels by price text; a book as the document says to keep it.
struct kept_book {
  std::map<std::string, json> bids, asks;
};

class documented_client {
public:
  explicit documented_client(const plant& at) : at_(at) {}

  void connect_again() {
    client_.reset(); // the socket goes, and no close frame is sent
    client_ = connect(at_);
    client_->send({{"type", "HELLO"}, {"version", 1}, {"numbers", "string"}});
    ASSERT_TRUE(client_->wait_for_type("WELCOME"));
  }
  void send(const json& message) { client_->send(message); }

  /// Works messages off until `is_enough`; false if they end before.
  bool follow(const std::function<bool()>& is_enough) {
    for (int left = 200'000; left > 0; --left) {
      if (is_enough()) return true;
      const auto message = client_->next();
      if (!message) return false;
      take(message->body);
    }
    return false;
  }

  std::map<std::string, place> places; // by stream
  std::map<std::string, kept_book> books;
  std::map<std::string, uint64_t> counts; // entries by stream since the last look
  bool is_comparing = false;
  std::set<std::string> resumed, failed, compared;
  std::vector<std::string> faults; // sequences that do not follow
  json ack;

private:
  void take(const json& message) {
    const std::string type = message.at("type");
    if (type == "ACK") ack = message;
    if (type == "RESUMED")
      for (const auto& line : message.at("streams")) resumed.insert(line.at("stream").get<std::string>());
    if (type == "RESUME_FAILED")
      for (const auto& line : message.at("streams")) failed.insert(line.dump());
    if (type == "GAP" || type == "ERROR") faults.push_back(message.dump());
    if (type == "SNAPSHOT")
      for (const auto& entry : message.at("symbols")) take_snapshot(entry);
    if (type == "TRADE" || type == "BOOK_DELTA")
      for (const auto& entry : message.at("symbols")) take_entry(entry, type == "BOOK_DELTA");
  }
  void take_snapshot(const json& entry) {
    const std::string stream = entry.at("stream");
    if (!stream.ends_with("/BOOK")) return;
    kept_book book;
    for (const auto& level : entry.at("bids")) book.bids[level.at("price")] = level;
    for (const auto& level : entry.at("asks")) book.asks[level.at("price")] = level;
    const place at{entry.at("epoch"), entry.at("sequence")};
    if (!is_comparing) {
      if (places.contains(stream)) faults.push_back("a snapshot again: " + entry.dump());
      books[stream] = std::move(book);
      places[stream] = at;
    } else if (at.epoch == places[stream].epoch && at.sequence == places[stream].sequence) {
      // One that was asked for stands beside the changes: at the same place it is the book that was kept.
      if (book.bids != books[stream].bids || book.asks != books[stream].asks)
        faults.push_back("another book than the one kept: " + entry.dump());
      compared.insert(stream);
    }
  }
  void take_entry(const json& entry, bool is_book) {
    const std::string stream = entry.at("stream");
    auto& at = places[stream];
    const bool is_first = at.epoch == 0;
    const uint64_t epoch = entry.at("epoch"), sequence = entry.at("sequence");
    const uint64_t before = is_book ? entry.at("prevSequence").get<uint64_t>() : sequence - 1;
    if (!is_first && (epoch != at.epoch || before != at.sequence))
      faults.push_back("after " + std::to_string(at.sequence) + ": " + entry.dump());
    if (is_first && is_book) faults.push_back("a change without a book: " + entry.dump());
    at = {epoch, sequence};
    ++counts[stream];
    if (!is_book) return;
    for (const auto* side : {"bids", "asks"})
      for (const auto& level : entry.at(side)) {
        auto& levels = side == std::string{"bids"} ? books[stream].bids : books[stream].asks;
        if (level.at("size") == "0")
          levels.erase(level.at("price").get<std::string>());
        else
          levels[level.at("price")] = level;
      }
  }

  const plant& at_;
  std::unique_ptr<ws_client> client_;
};

constexpr size_t depth = 5;
const json options{{"dataTypes", {"TRADES", "ORDER_BOOK"}}, {"frequency", 0}, {"depth", depth}};

TEST(ResumedClient, MissesNothingOverACut) {
  plant at;
  at.start_server_from(at.folder().write(
    "resume.yaml", "venues:\n  synthetic:\n    plugin: synthetic\n    required: true\n    walk_scale: 0.05\n"
                   "    instruments: 4\n    hz: 20\n"
                   "listeners: [{name: public, bind: \"127.0.0.1:0\", routes: {/ws: hft}}]\n"));
  at.wait_ready();
  documented_client client{at};
  client.connect_again();
  json wanted = options;
  wanted["type"] = "SUBSCRIBE";
  wanted["symbols"] = {"SYNTHETIC:*"};
  client.send(wanted);
  const auto has_all = [&](uint64_t least) {
    size_t lines = 0;
    for (const auto& [stream, count] : client.counts) lines += count >= least ? 1 : 0;
    return lines == 8; // four instruments, TRADES and BOOK
  };
  ASSERT_TRUE(client.follow([&] { return has_all(5); })) << at.story();
  EXPECT_EQ(client.ack.at("results").at(0).at("matched"), 4) << client.ack;

  for (int cut = 0; cut < 3; ++cut) {
    const auto before = client.places;
    client.counts.clear();
    client.resumed.clear();
    client.connect_again();
    json again{{"type", "RESUME"}, {"frequency", 0}, {"depth", depth}, {"streams", json::array()}};
    for (const auto& [stream, last] : before)
      again["streams"].push_back({{"stream", stream}, {"epoch", last.epoch}, {"sequence", last.sequence}});
    client.send(again);
    ASSERT_TRUE(client.follow([&] { return has_all(5); })) << at.story();
    EXPECT_EQ(client.resumed.size(), 8u);
  }
  // The books that were kept by changes over three cuts are the server's own.
  client.is_comparing = true;
  for (int tries = 0; tries < 100 && client.compared.size() < 4; ++tries) {
    const auto seen = client.counts["SYNTHETIC:S000/BOOK"];
    client.send({{"type", "SNAPSHOT"}, {"symbols", {"SYNTHETIC:*"}}, {"dataTypes", {"ORDER_BOOK"}}, {"depth", depth}});
    ASSERT_TRUE(client.follow([&] { return client.counts["SYNTHETIC:S000/BOOK"] > seen + 1; })) << at.story();
  }
  EXPECT_EQ(client.compared.size(), 4u);
  EXPECT_TRUE(client.failed.empty()) << *client.failed.begin();
  EXPECT_TRUE(client.faults.empty()) << client.faults.size() << " faults, the first: " << client.faults.front();
}

TEST(ResumedClient, IsToldWhyItCannotGoOn) {
  plant at;
  at.start_server_from(at.folder().write(
    "resume.yaml", "venues:\n  synthetic:\n    plugin: synthetic\n    required: true\n    instruments: 1\n"
                   "listeners: [{name: public, bind: \"127.0.0.1:0\", routes: {/ws: hft}}]\n"));
  at.wait_ready();
  documented_client client{at};
  client.connect_again();
  json wanted = options;
  wanted["type"] = "SUBSCRIBE";
  wanted["symbols"] = {"SYNTHETIC:S000"};
  client.send(wanted);
  ASSERT_TRUE(client.follow([&] { return client.counts["SYNTHETIC:S000/BOOK"] > 2; })) << at.story();
  const auto last = client.places["SYNTHETIC:S000/BOOK"];
  const auto resume = [&](uint64_t epoch, uint64_t sequence) {
    client.connect_again();
    client.places.clear();
    client.failed.clear();
    client.send({{"type", "RESUME"},
                 {"stream", "SYNTHETIC:S000/BOOK"},
                 {"epoch", epoch},
                 {"sequence", sequence},
                 {"depth", depth},
                 {"frequency", 0}});
    EXPECT_TRUE(client.follow([&] { return client.places.contains("SYNTHETIC:S000/BOOK"); })) << at.story();
    return client.failed.empty() ? std::string{} : *client.failed.begin();
  };
  EXPECT_NE(resume(last.epoch - 1, last.sequence).find("\"epoch\""), std::string::npos);
  EXPECT_NE(resume(last.epoch, last.sequence + 1'000'000).find("\"ahead\""), std::string::npos);
}

} // namespace
} // namespace tickplant::testing
