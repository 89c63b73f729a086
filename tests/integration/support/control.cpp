#include "control.hpp"

#include "child_process.hpp"

#include <stdexcept>

namespace tickplant::testing {

program_outcome run_program(const std::string& program, std::vector<std::string> words) {
  child_process child{program, std::move(words)};
  const auto code = child.wait_exit();
  if (!code) throw std::runtime_error(program + " does not end:\n" + child.output());
  return {*code, child.output()};
}

std::string make_key(const std::string& file, const std::string& id, const std::string& tier) {
  std::vector<std::string> words{"keys", "new", "--json", "--file", file, id};
  if (!tier.empty()) words.insert(words.end(), {"--tier", tier});
  const auto made = run_program(TP_CONTROL, std::move(words));
  if (made.code != 0) throw std::runtime_error("no key is made: " + made.output);
  return nlohmann::json::parse(made.output).at("key").get<std::string>();
}

control::control(uint16_t admin_port, std::vector<std::string> always) : always_(std::move(always)) {
  always_.insert(always_.begin(), {"--admin", "http://127.0.0.1:" + std::to_string(admin_port)});
}

program_outcome control::operator()(std::vector<std::string> words) const {
  words.insert(words.begin(), always_.begin(), always_.end());
  return run_program(TP_CONTROL, std::move(words));
}

nlohmann::json control::ask(std::vector<std::string> words) const {
  words.insert(words.begin(), "--json");
  const auto told = (*this)(std::move(words));
  auto body = nlohmann::json::parse(told.output, nullptr, false);
  if (told.code != 0 || body.is_discarded())
    throw std::runtime_error("tickplantctl ended with " + std::to_string(told.code) + ": " + told.output);
  return body;
}

const nlohmann::json* find_actor(const nlohmann::json& tree, const std::string& path) {
  const auto name = path.substr(0, path.find('/'));
  for (const auto& child : tree.at("children"))
    if (child.at("id") == name) return name == path ? &child : find_actor(child, path.substr(name.size() + 1));
  return nullptr;
}

} // namespace tickplant::testing
