// A client as docs/protocol/lines.md tells to write it: it keeps books and trades by their sequences, and takes down
// everything that does not follow and was not told.
#pragma once

#include "plant.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace tickplant::testing {

class line_client {
public:
  struct place {
    uint64_t epoch = 0, sequence = 0;
  };
  /// Levels by price text.
  struct book {
    std::map<std::string, nlohmann::json> bids, asks;
  };

  explicit line_client(const plant& at, connect_options wanted = {}) : at_(at), wanted_(std::move(wanted)) {}

  /// Cuts the connection without a word.
  void disconnect() { client_.reset(); }
  /// The same, comes anew and says HELLO, with numbers as strings.
  void connect_again();
  void send(const nlohmann::json& message) { client_->send(message); }
  /// RESUME of every line from its place; `more` are options.
  void resume_all(const nlohmann::json& more);
  ws_client& socket() { return *client_; }

  /// Works messages off until `is_enough`; false if they end before.
  bool follow(const std::function<bool()>& is_enough);
  /// Lines that have had at least so many entries since `counts` was cleared.
  size_t lines_with(uint64_t least) const;

  std::map<std::string, place> places; // by stream
  std::map<std::string, book> books;
  std::map<std::string, uint64_t> counts; // entries by stream since it was cleared
  std::set<std::string> resumed, compared;
  std::map<std::string, std::string> failed;    // stream -> why it could not be resumed
  std::map<std::string, uint64_t> gaps, missed; // by stream: how often, and how many entries
  std::vector<std::string> snapshots;           // streams, in order
  std::vector<std::string> faults;
  bool is_comparing = false; // snapshots are asked for beside the lines, and compared with the book that was kept
  nlohmann::json ack, slow;  // the last ones

private:
  void take(const nlohmann::json& message);
  void take_gap(const nlohmann::json& gap);
  void take_failure(const nlohmann::json& line);
  void take_snapshot(const nlohmann::json& entry);
  void take_entry(const nlohmann::json& entry, bool is_book);

  const plant& at_;
  connect_options wanted_;
  std::unique_ptr<ws_client> client_;
  std::set<std::string> expects_snapshot_; // after a gap or a failure
};

} // namespace tickplant::testing
