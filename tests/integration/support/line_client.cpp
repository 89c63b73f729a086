#include "line_client.hpp"

#include <stdexcept>

namespace tickplant::testing {

using nlohmann::json;

void line_client::connect_again() {
  disconnect();
  client_ = connect(at_, wanted_);
  client_->send({{"type", "HELLO"}, {"version", 1}, {"numbers", "string"}});
  if (!client_->wait_for_type("WELCOME")) throw std::runtime_error("no WELCOME:\n" + at_.story());
}

void line_client::resume_all(const json& more) {
  json message = more;
  message["type"] = "RESUME";
  message["streams"] = json::array();
  for (const auto& [stream, last] : places)
    message["streams"].push_back({{"stream", stream}, {"epoch", last.epoch}, {"sequence", last.sequence}});
  client_->send(message);
}

bool line_client::follow(const std::function<bool()>& is_enough) {
  for (int left = 500'000; left > 0; --left) {
    if (is_enough()) return true;
    const auto message = client_->next();
    if (!message) return false;
    take(message->body);
  }
  return false;
}

size_t line_client::lines_with(uint64_t least) const {
  size_t lines = 0;
  for (const auto& [stream, count] : counts) lines += count >= least ? 1 : 0;
  return lines;
}

void line_client::take(const json& message) {
  const std::string type = message.at("type");
  if (type == "ACK") ack = message;
  if (type == "SLOW_CONSUMER") slow = message;
  if (type == "RESUMED")
    for (const auto& line : message.at("streams")) resumed.insert(line.at("stream").get<std::string>());
  if (type == "RESUME_FAILED")
    for (const auto& line : message.at("streams")) take_failure(line);
  if (type == "GAP") take_gap(message);
  if (type == "ERROR") faults.push_back(message.dump());
  if (type == "SNAPSHOT")
    for (const auto& entry : message.at("symbols")) take_snapshot(entry);
  if (type == "TRADE" || type == "BOOK_DELTA")
    for (const auto& entry : message.at("symbols")) take_entry(entry, type == "BOOK_DELTA");
}

void line_client::take_gap(const json& gap) {
  const std::string stream = gap.at("stream");
  const uint64_t from = gap.at("from"), to = gap.at("to");
  auto& at = places[stream];
  if (gap.at("epoch") != at.epoch || from != at.sequence + 1 || to < from)
    faults.push_back("at " + std::to_string(at.sequence) + ": " + gap.dump());
  ++gaps[stream];
  missed[stream] += to - at.sequence;
  at.sequence = to;
  if (stream.ends_with("/BOOK")) expects_snapshot_.insert(stream);
}

// On BOOK a snapshot follows; TRADES begins again at the place in the message, of which its first snapshot says more.
void line_client::take_failure(const json& line) {
  const std::string stream = line.at("stream");
  failed[stream] = line.at("reason");
  places[stream] = {line.at("epoch"), line.at("sequence")};
  expects_snapshot_.insert(stream);
}

void line_client::take_snapshot(const json& entry) {
  const std::string stream = entry.at("stream");
  const place at{entry.at("epoch"), entry.at("sequence")};
  if (!stream.ends_with("/BOOK")) {
    if (stream.ends_with("/TRADES")) {
      if (expects_snapshot_.erase(stream) == 0 && places.contains(stream) && places[stream].epoch == at.epoch &&
          places[stream].sequence != at.sequence)
        faults.push_back("after " + std::to_string(places[stream].sequence) + ": " + entry.dump());
      places[stream] = at;
    }
    snapshots.push_back(stream);
    return;
  }
  book made;
  for (const auto& level : entry.at("bids")) made.bids[level.at("price")] = level;
  for (const auto& level : entry.at("asks")) made.asks[level.at("price")] = level;
  if (!is_comparing) {
    const bool is_another_line = places.contains(stream) && places[stream].epoch != at.epoch;
    if (expects_snapshot_.erase(stream) == 0 && places.contains(stream) && !is_another_line)
      faults.push_back("a snapshot again: " + entry.dump());
    books[stream] = std::move(made);
    places[stream] = at;
    snapshots.push_back(stream);
  } else if (at.epoch == places[stream].epoch && at.sequence == places[stream].sequence) {
    // One that was asked for stands beside the changes: at the same place it is the book that was kept.
    if (made.bids != books[stream].bids || made.asks != books[stream].asks)
      faults.push_back("another book than the one kept: " + entry.dump());
    compared.insert(stream);
  }
}

void line_client::take_entry(const json& entry, bool is_book) {
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

} // namespace tickplant::testing
