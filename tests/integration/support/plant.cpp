#include "plant.hpp"

#include "http_client.hpp"

#include <csignal>
#include <stdexcept>

namespace tickplant::testing {

namespace {

std::string loopback(uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

} // namespace

std::vector<std::string> all_symbols() {
  auto all = nasdaq_symbols;
  all.insert(all.end(), binance_symbols.begin(), binance_symbols.end());
  return all;
}

void plant::start_simulator(std::vector<std::string> more) {
  std::vector<std::string> words{"--only", has_nasdaq() ? has_binance() ? "nasdaq,binance" : "nasdaq" : "binance"};
  if (has_nasdaq())
    words.insert(words.end(), {"--nasdaq-a", line_a_.url(), "--nasdaq-b", line_b_.url(), "--nasdaq-rerequest",
                               rerequest_.url(), "--nasdaq-open-after", "0"});
  if (has_binance()) words.insert(words.end(), {"--binance", loopback(binance_port_)});
  words.insert(words.end(), more.begin(), more.end());
  simulator_.emplace(TP_SIMULATOR, std::move(words));
  if (!simulator_->wait_for_line(R"({"ready":true})"))
    throw std::runtime_error("the simulator does not play:\n" + story());
  if (!has_binance()) return;
  const auto line = simulator_->wait_for_line(R"("service":"binance")");
  const auto address = nlohmann::json::parse(line.value()).at("rest").get<std::string>();
  binance_port_ = static_cast<uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
}

std::string plant::nasdaq_text(const std::string& more) const {
  return "  nasdaq:\n    plugin: nasdaq\n    required: true\n    symbols: [\"*\"]\n    lines:\n      a: \"" +
         line_a_.url() + "\"\n      b: \"" + line_b_.url() + "\"\n      rerequest: \"" + rerequest_.url() + "\"\n" +
         more;
}

std::string plant::binance_text(const std::string& more) const {
  const auto symbols = more.find("    symbols:") == std::string::npos ? "    symbols: [BTCUSDT, ETHUSDT]\n" : "";
  return "  binance:\n    plugin: binance\n    required: true\n    lines: {stream: \"ws://" + loopback(binance_port_) +
         "/stream\"}\n    rest: \"http://" + loopback(binance_port_) + "\"\n" + symbols + more;
}

std::string plant::configuration(const std::string& more) const {
  return "node: {name: integration}\nvenues:\n" + (has_nasdaq() ? nasdaq_text() : "") +
         (has_binance() ? binance_text() : "") +
         "listeners:\n  - name: public\n    bind: \"127.0.0.1:0\"\n    routes: {/ws: hft}\n    page: \"" TP_EXAMPLES_DIR
         "/page\"\n" +
         more;
}

void plant::start_server(const std::string& more) {
  start_server_from(folder_.write("server.yaml", configuration(more)));
}

void plant::start_server_from(const std::string& file) {
  server_.emplace(TP_SERVER, std::vector<std::string>{"--config", file});
  port_ = listener_port(*server_, "public");
  if (port_ == 0) throw std::runtime_error("the server does not listen:\n" + story());
}

void plant::wait_ready() {
  http_answer answer;
  if (!eventually([&] { return (answer = http_get(port_, "/health/ready")).status == 200; }))
    throw std::runtime_error("the server is not ready: " + answer.body + story());
}

nlohmann::json plant::summary() {
  const std::string part = has_binance() ? R"({"binance":{)" : R"({"nasdaq":{)";
  const auto before = simulator_->count_lines(part);
  simulator_->send_signal(SIGUSR1);
  if (!eventually([&] { return simulator_->count_lines(part) > before; }))
    throw std::runtime_error("the simulator tells nothing:\n" + story());
  return nlohmann::json::parse(simulator_->newest_line(part));
}

std::string plant::story() const {
  std::string text;
  // Of the accounts that the simulator was asked for the last one is enough.
  if (simulator_) text += "--- simulator\n" + simulator_->output({R"({"binance":{)", R"({"nasdaq":{)"});
  if (server_) text += "--- server\n" + server_->output();
  return text;
}

uint16_t listener_port(child_process& server, const std::string& name) {
  const auto line = server.wait_for_line(name + " on 127.0.0.1:"); // in text and in JSON
  if (!line) return 0;
  return static_cast<uint16_t>(std::stoul(line->substr(line->rfind(':') + 1)));
}

uint16_t admin_port(child_process& server) {
  const auto line = server.wait_for_line("admin: on 127.0.0.1:");
  if (!line) return 0;
  return static_cast<uint16_t>(std::stoul(line->substr(line->rfind(':') + 1)));
}

std::unique_ptr<ws_client> connect(const plant& at, const connect_options& wanted) {
  auto client = std::make_unique<ws_client>(at.port(), wanted);
  const auto welcome = client->next();
  if (!welcome || welcome->body.value("message", "") != "Connected to HFT WebSocket Server")
    throw std::runtime_error("no welcome, but " + (welcome ? welcome->body.dump() : std::string{"nothing"}));
  return client;
}

nlohmann::json whole_market() {
  return subscribe(all_symbols(), {{"frequency", 0}, {"dataTypes", {"QUOTES", "TRADES", "ORDER_BOOK"}}, {"depth", 10}});
}

std::unique_ptr<ws_client> deaf_client(const plant& at) {
  auto client = connect(at, {"/ws", small_buffer});
  client->send(whole_market());
  if (!client->wait_for_type("MARKET_DATA")) throw std::runtime_error("no market data:\n" + at.story());
  client->pause_reading();
  return client;
}

bool read_bytes(ws_client& client, size_t wanted) {
  for (size_t got = 0; got < wanted;) {
    const auto one = client.next();
    if (!one) return false;
    got += one->size;
  }
  return true;
}

} // namespace tickplant::testing
