// Programs that are run to their end: tickplantctl against a server, and what tests need of the system.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace tickplant::testing {

struct program_outcome {
  int code = -1;      ///< of its end
  std::string output; ///< both of them
};

/// Throws std::runtime_error if it does not end within the tests' patience.
program_outcome run_program(const std::string& program, std::vector<std::string> words);

/// A new key in the file of the policy api_key, made by tickplantctl; its text. Throws std::runtime_error.
std::string make_key(const std::string& file, const std::string& id, const std::string& tier = {});

/// tickplantctl for one server.
class control {
public:
  explicit control(uint16_t admin_port, std::vector<std::string> always = {});

  program_outcome operator()(std::vector<std::string> words) const;
  /// What it prints with --json. Throws std::runtime_error if the code is not 0 or it is no JSON.
  nlohmann::json ask(std::vector<std::string> words) const;

private:
  std::vector<std::string> always_;
};

/// The row of the actor at such a path as venues/NASDAQ/adapter in what `tree` told; null if it is not there.
const nlohmann::json* find_actor(const nlohmann::json& tree, const std::string& path);

} // namespace tickplant::testing
