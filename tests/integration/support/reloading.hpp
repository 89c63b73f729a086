// A plant whose configuration changes while it runs, and the questions by which its settings show from outside.
#pragma once

#include "config_file.hpp"
#include "plant.hpp"
#include "swarm/swarm.hpp"

#include <set>

namespace tickplant::testing {

/// The parts of a configuration that the tests change, as YAML.
struct settings_text {
  bool with_binance = true;
  std::string nasdaq_more, binance_more; ///< lines of a venue, indented by four
  std::string public_more;               ///< lines of the listener `public`, indented by four
  std::string more_listeners;            ///< "  - {...}" lines
  int max_symbols = 100;                 ///< a connection
  std::string limits_more;               ///< further ones of the flow map `limits`, ", key: value"
  int feed_loops = 1;                    ///< 0: venues on the first network loop (docs/decisions/0014)
  std::string log = "rate: 100000";      ///< of the flow map `log`
  std::string more;                      ///< YAML of the top level
};

class reloading {
public:
  static constexpr const char* by_file = "file change";
  static constexpr const char* by_signal = "SIGHUP";

  explicit reloading(const settings_text& first, std::vector<std::string> simulator_options = {});

  std::string text(const settings_text& wanted) const;
  /// Has the settings taken over, by a change of the file or by the signal behind it; the failure's words, or nothing.
  [[nodiscard]] std::string apply(const settings_text& wanted, config_file::way how = config_file::way::rename);
  [[nodiscard]] std::string apply_by_signal(const settings_text& wanted);
  /// Has a text refused with these words in the log, of which the first is to be the place.
  [[nodiscard]] std::string refuse(const std::string& text, config_file::way how,
                                   const std::vector<std::string>& words);
  [[nodiscard]] std::string refuse_by_signal(const std::string& text, const std::vector<std::string>& words);
  /// The port of a listener that was added since its name was logged `before` times.
  uint16_t added_port(const std::string& name, size_t before = 0);

  plant& whole() { return whole_; }
  config_file& file() { return file_; }
  std::string story() const { return whole_.story(); }

private:
  std::string await(const char* cause, const char* result, size_t before, const std::vector<std::string>& words);
  size_t count(const char* cause, const char* result);

  plant whole_;
  config_file file_;
};

/// The symbols that a new client is granted of all that there are.
std::set<std::string> granted_symbols(uint16_t port);
/// The HTTP status that a handshake is answered with: 101 when it is accepted, 0 when nobody answers.
unsigned handshake_status(uint16_t port, const std::vector<std::string>& headers = {});

/// Clients of `public` that notice everything.
class watchful_swarm {
public:
  watchful_swarm(uint16_t port, size_t clients, std::vector<std::string> symbols);
  /// Waits until every client has had `updates` more; what they noticed in words, or nothing.
  [[nodiscard]] std::string fault_after(uint64_t updates);
  load::swarm_counts counts() const { return swarm_.counts(); }

private:
  size_t clients_;
  load::swarm swarm_;
};

} // namespace tickplant::testing
