#include "reloading.hpp"

#include <csignal>
#include <stdexcept>

namespace tickplant::testing {

namespace {

std::string told(const char* cause, const char* result) {
  return std::string{"reload ("} + cause + "): " + result;
}

load::swarm_options options_of(uint16_t port, size_t clients, std::vector<std::string> symbols) {
  load::swarm_options options;
  options.port = port;
  options.clients = clients;
  options.symbols = std::move(symbols);
  options.frequency_ms = 100;
  return options;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += "\n  " + line;
  return text;
}

} // namespace

reloading::reloading(const settings_text& first, std::vector<std::string> simulator_options)
  : file_(whole_.folder().path()) {
  whole_.start_simulator(std::move(simulator_options));
  file_.write_in_place(text(first));
  whole_.start_server_from(file_.path());
  whole_.wait_ready();
}

// `limits` stands last and in one line, so that a cut before its end leaves a text that is no YAML.
std::string reloading::text(const settings_text& wanted) const {
  return "venues:\n" + whole_.nasdaq_text(wanted.nasdaq_more) +
         (wanted.with_binance ? whole_.binance_text(wanted.binance_more) : "") +
         "listeners:\n  - name: public\n    bind: \"127.0.0.1:0\"\n    routes: {/ws: hft}\n    stamps: true\n" +
         wanted.public_more + wanted.more_listeners + "loops: {network: 1, feed: " + std::to_string(wanted.feed_loops) +
         "}\nlog: {" + wanted.log + "}\n" + wanted.more +
         "limits: {max_symbols: " + std::to_string(wanted.max_symbols) + wanted.limits_more + "}\n";
}

size_t reloading::count(const char* cause, const char* result) {
  return whole_.server().count_lines(told(cause, result));
}

std::string reloading::await(const char* cause, const char* result, size_t before,
                             const std::vector<std::string>& words) {
  const auto wanted = told(cause, result);
  if (!eventually([&] { return count(cause, result) > before || !whole_.server().is_running(); }) ||
      !whole_.server().is_running())
    return "no line '" + wanted + "', but: " + whole_.server().newest_line("reload (") + '\n' + story();
  const auto line = whole_.server().newest_line(wanted);
  for (const auto& word : words)
    if (line.find(word) == std::string::npos) return "'" + word + "' is missing in: " + line;
  return {};
}

std::string reloading::apply(const settings_text& wanted, config_file::way how) {
  const auto before = count(by_file, "applied");
  file_.write(how, text(wanted));
  return await(by_file, "applied", before, {});
}

std::string reloading::refuse(const std::string& broken, config_file::way how, const std::vector<std::string>& words) {
  const auto before = count(by_file, "refused");
  file_.write(how, broken);
  return await(by_file, "refused", before, words);
}

std::string reloading::apply_by_signal(const settings_text& wanted) {
  const auto before = count(by_signal, "applied");
  file_.rename_over(text(wanted));
  whole_.server().send_signal(SIGHUP);
  return await(by_signal, "applied", before, {});
}

std::string reloading::refuse_by_signal(const std::string& broken, const std::vector<std::string>& words) {
  const auto before = count(by_signal, "refused");
  file_.rename_over(broken);
  whole_.server().send_signal(SIGHUP);
  return await(by_signal, "refused", before, words);
}

uint16_t reloading::added_port(const std::string& name, size_t before) {
  const std::string part = name + " on 127.0.0.1:";
  if (!eventually([&] { return whole_.server().count_lines(part) > before; })) return 0;
  const auto line = whole_.server().newest_line(part);
  return static_cast<uint16_t>(std::stoul(line.substr(line.find(part) + part.size())));
}

std::set<std::string> granted_symbols(uint16_t port) {
  ws_client client{port};
  client.send(subscribe(all_symbols()));
  std::set<std::string> granted;
  const auto answer = client.wait_for([](const nlohmann::json& body) { return body.contains("results"); });
  if (!answer) throw std::runtime_error("SUBSCRIBE is not answered");
  for (const auto& result : answer->body.at("results"))
    if (!result.contains("code")) granted.insert(result.at("symbol").get<std::string>());
  return granted;
}

unsigned handshake_status(uint16_t port, const std::vector<std::string>& headers) {
  auto options = options_of(port, 1, {});
  options.headers = headers;
  load::swarm one{options};
  load::swarm_counts now;
  if (!eventually([&] { return (now = one.counts()).open == 1 || !now.failed_handshakes.empty(); }))
    throw std::runtime_error("the handshake is not answered");
  return now.failed_handshakes.empty() ? 101 : now.failed_handshakes.begin()->first;
}

watchful_swarm::watchful_swarm(uint16_t port, size_t clients, std::vector<std::string> symbols)
  : clients_(clients), swarm_(options_of(port, clients, std::move(symbols))) {
  load::swarm_counts now;
  if (!eventually([&] { return (now = swarm_.counts()).subscribed == clients && now.least_updates > 0; }))
    throw std::runtime_error(std::to_string(now.subscribed) + " clients are subscribed:" + joined(now.faults));
}

std::string watchful_swarm::fault_after(uint64_t updates) {
  const auto wanted = swarm_.counts().least_updates + updates;
  load::swarm_counts now;
  const bool goes_on = eventually([&] {
    now = swarm_.counts();
    return now.least_updates >= wanted || !now.is_clean();
  });
  if (goes_on && now.is_clean() && now.open == clients_ && now.numbered > 0 && now.ordered > 0) return {};
  return std::string{goes_on ? "something was noticed" : "a client gets nothing"} + "; open " +
         std::to_string(now.open) + ", gaps " + std::to_string(now.gaps) + ", went back " +
         std::to_string(now.went_back) + ", numbered " + std::to_string(now.numbered) + ", ordered " +
         std::to_string(now.ordered) + joined(now.faults);
}

} // namespace tickplant::testing
