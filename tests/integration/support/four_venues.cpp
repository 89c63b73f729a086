#include "four_venues.hpp"

namespace tickplant::testing {

using nlohmann::json;

four_venues::four_venues(std::vector<std::string> words, const std::string& more_yaml) {
  const std::vector<std::string> fixed{"--nasdaq-a",
                                       nasdaq_a_.url(),
                                       "--nasdaq-b",
                                       nasdaq_b_.url(),
                                       "--nasdaq-rerequest",
                                       "udp://127.0.0.1:0",
                                       "--nasdaq-open-after",
                                       "0",
                                       "--nyse-a",
                                       nyse_a_.url(),
                                       "--nyse-b",
                                       nyse_b_.url(),
                                       "--nyse-request",
                                       "tcp://127.0.0.1:0",
                                       "--nyse-retransmission",
                                       nyse_retransmission_.url(),
                                       "--nyse-refresh",
                                       nyse_refresh_.url(),
                                       "--nyse-open-after",
                                       "0",
                                       "--lse-a",
                                       lse_a_.url(),
                                       "--lse-b",
                                       lse_b_.url(),
                                       "--lse-replay",
                                       "tcp://127.0.0.1:0",
                                       "--lse-recovery",
                                       "tcp://127.0.0.1:0",
                                       "--binance",
                                       "127.0.0.1:0"};
  words.insert(words.begin(), fixed.begin(), fixed.end());
  start_simulator(std::move(words));
  start_server(configuration(more_yaml));
}

std::string four_venues::configuration(const std::string& more_yaml) {
  const auto binance = port_of(ready_of("binance").at("rest"));
  const auto nyse = ready_of("nyse"), lse = ready_of("lse");
  const auto quoted = [](const std::string& text) { return '"' + text + '"'; };
  const auto line = [&](const json& from, const char* key) { return quoted(from.at(key).get<std::string>()); };
  std::string yaml = "  nasdaq:\n    plugin: nasdaq\n    required: true\n    lines: {a: " + quoted(nasdaq_a_.url()) +
                     ", b: " + quoted(nasdaq_b_.url()) + ", rerequest: " + line(ready_of("nasdaq"), "rerequest") +
                     "}\n" + more_yaml;
  yaml += "  nyse:\n    plugin: nyse\n    required: true\n    lines: {a: " + quoted(nyse_a_.url()) +
          ", b: " + quoted(nyse_b_.url()) + ", request: " + line(nyse, "request") +
          ", retransmission: " + quoted(nyse_retransmission_.url()) + ", refresh: " + quoted(nyse_refresh_.url()) +
          "}\n    quotas: {logins: 10000}\n" + more_yaml; // the simulated server locks nobody out
  yaml +=
    "  lse:\n    plugin: lse\n    required: true\n    comp_id: " + quoted(lse.at("comp_ids").at(0).get<std::string>()) +
    "\n    password: mit_1234\n    lines: {a: " + quoted(lse_a_.url()) + ", b: " + quoted(lse_b_.url()) +
    ", replay: " + line(lse, "replay") + ", recovery: " + line(lse, "recovery") + "}\n" + more_yaml;
  yaml += "  binance:\n    plugin: binance\n    required: true\n    symbols: [BTCUSDT, ETHUSDT]\n    lines: {stream: "
          "\"ws://127.0.0.1:" +
          std::to_string(binance) + "/stream\"}\n    rest: \"http://127.0.0.1:" + std::to_string(binance) + "\"\n" +
          more_yaml;
  return yaml;
}

} // namespace tickplant::testing
