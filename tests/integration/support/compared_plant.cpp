#include "compared_plant.hpp"

#include "http_client.hpp"
#include "plant.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace tickplant::testing {

namespace {

using nlohmann::json;

constexpr size_t depth = 50;

std::string name_of(const json& entry) {
  return entry.at("exchange").get<std::string>() + ':' + entry.at("symbol").get<std::string>();
}

/// Prices and sizes are exact decimals on both sides; as doubles they are equal if the texts mean the same.
bool is_same(const json& shown, const json& truth) {
  return std::abs(shown.get<double>() - std::stod(truth.get<std::string>())) < 1e-9;
}

std::string side_difference(const json& shown, const json& truth) {
  if (shown.size() != truth.size())
    return std::to_string(shown.size()) + " levels instead of " + std::to_string(truth.size());
  for (size_t i = 0; i < shown.size(); ++i) {
    const bool has_orders = truth[i].contains("orders") && shown[i].at("orders") != 0;
    if (!is_same(shown[i].at("price"), truth[i].at("price")) || !is_same(shown[i].at("size"), truth[i].at("size")) ||
        (has_orders && shown[i].at("orders") != truth[i].at("orders")))
      return "level " + std::to_string(i) + " is " + shown[i].dump() + " instead of " + truth[i].dump();
  }
  return {};
}

} // namespace

uint16_t port_of(const std::string& address) {
  return static_cast<uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
}

void watcher::take_all() {
  while (const auto next = client->next(milliseconds{0})) {
    const auto& body = next->body;
    const auto type = body.value("type", "");
    if (type == "MARKET_DATA") {
      const auto number = body.at("sequence").get<int64_t>();
      has_gap |= sequence != 0 && number != sequence + 1;
      sequence = number;
      for (const auto& entry : body.at("symbols")) entries[name_of(entry)] = entry;
    } else if (type == "STREAM_STATUS") {
      for (const auto& result : body.at("symbols"))
        if (result.contains("stream")) {
          const auto stream = result.at("stream").get<std::string>();
          statuses[stream.substr(0, stream.find('/'))] = result.value("status", "") + " " + result.value("reason", "");
        }
    } else if (type == "ERROR") {
      errors.push_back(body);
    }
  }
}

void compared_plant::start_simulator(std::vector<std::string> words) {
  words.insert(words.begin(), {"--control", "127.0.0.1:0"});
  simulator_.emplace(TP_SIMULATOR, std::move(words));
  if (!simulator_->wait_for_line(R"({"ready":true})"))
    throw std::runtime_error("the simulator does not play:\n" + story());
  control_ = port_of(ready_of("control").at("http"));
}

void compared_plant::start_server(const std::string& venues) {
  const auto config = folder_.write(
    "server.yaml", "node: {name: compared}\nvenues:\n" + venues +
                     "listeners: [{name: public, bind: \"127.0.0.1:0\", routes: {/ws: hft}, metrics: true}]\n"
                     "admin: {bind: \"127.0.0.1:0\", allow_kill: true}\n");
  server_.emplace(TP_SERVER, std::vector<std::string>{"--config", config});
  port_ = listener_port(*server_, "public");
  if (port_ == 0) throw std::runtime_error("the server does not listen:\n" + story());
  if (!eventually([&] { return http_get(port_, "/health/ready").status == 200; }))
    throw std::runtime_error("the server is not ready: " + http_get(port_, "/health/ready").body + '\n' + story());
}

json compared_plant::ready_of(const std::string& service) {
  const auto line = simulator_->wait_for_line("\"service\":\"" + service + '"');
  if (!line) throw std::runtime_error("the simulator tells nothing of " + service + ":\n" + story());
  return json::parse(line->substr(line->find('{')));
}

watcher compared_plant::watch() {
  watcher made;
  made.client = std::make_unique<ws_client>(port_);
  made.client->wait_for_type("ACK");
  if (symbols_.empty()) {
    const auto all = ask("/symbols");
    for (const auto& [venue, names] : all.items())
      for (const auto& name : names) symbols_.push_back(venue + ':' + name.get<std::string>());
  }
  made.client->send(
    subscribe(symbols_, {{"frequency", 100}, {"depth", depth}, {"dataTypes", {"QUOTES", "ORDER_BOOK"}}}));
  return made;
}

void compared_plant::tell(const std::string& path) {
  const auto answer = http_post(control_, path);
  if (answer.status != 200) throw std::runtime_error("POST " + path + ": " + answer.body + '\n' + story());
}

json compared_plant::ask(const std::string& path) {
  const auto answer = http_get(control_, path);
  if (answer.status != 200) throw std::runtime_error("GET " + path + ": " + answer.body + '\n' + story());
  return json::parse(answer.body);
}

std::string compared_plant::difference(const std::string& name, const json& seen) {
  const auto colon = name.find(':');
  const auto truth = ask("/books?venue=" + name.substr(0, colon) + "&symbol=" + name.substr(colon + 1) +
                         "&depth=" + std::to_string(depth));
  if (seen.is_null()) return truth.at("bids").empty() && truth.at("asks").empty() ? "" : "nothing was ever shown";
  for (const char* side : {"bids", "asks"})
    if (const auto why = side_difference(seen.at(side), truth.at(side)); !why.empty())
      return std::string{side} + ": " + why + " (" + truth.at("state").get<std::string>() + ')';
  return {};
}

std::string compared_plant::differences(watcher& from) {
  from.take_all();
  std::string all;
  for (const auto& name : symbols_) {
    const auto entry = from.entries.find(name);
    const auto why = difference(name, entry == from.entries.end() ? json{} : entry->second);
    if (!why.empty()) all += name + " [" + from.statuses[name] + "]: " + why + '\n';
  }
  return all;
}

std::string compared_plant::story() const {
  std::string text;
  if (simulator_) text += "--- simulator\n" + simulator_->output();
  if (server_) text += "--- server\n" + server_->output();
  return text;
}

} // namespace tickplant::testing
