// What a client knows: the newest entry and status of each symbol, from the messages of one connection.
#pragma once

#include "ws_client.hpp"

#include <map>
#include <string>
#include <vector>

namespace tickplant::testing {

class market_view {
public:
  /// Takes a message in; those without entries change nothing.
  void take(const nlohmann::json& body);
  /// Takes what arrives until `holds` does; false when the time is over or the connection is.
  bool follow(ws_client& client, const std::function<bool()>& holds, milliseconds within = patience);
  /// Takes what arrives until every one of the symbols has had `count` entries more than now.
  bool follow_entries(ws_client& client, const std::vector<std::string>& symbols, size_t count = 1,
                      milliseconds within = patience);

  /// The newest entry of a symbol, null if there was none.
  const nlohmann::json& entry(const std::string& symbol) const;
  size_t entries(const std::string& symbol) const;
  /// The status told last, by STREAM_STATUS or by the answer to SUBSCRIBE; empty if none was.
  std::string status(const std::string& symbol) const;
  /// All that were told, in order.
  const std::vector<std::string>& statuses(const std::string& symbol) const;
  bool all_have_status(const std::vector<std::string>& symbols, const std::string& status) const;

private:
  struct known {
    nlohmann::json entry;
    size_t entries = 0;
    std::vector<std::string> statuses;
  };
  const known& of(const std::string& symbol) const;
  std::map<std::string, known> symbols_;
};

/// Levels in order of price, sizes above zero, best bid below best ask; the fault's words, or nothing.
std::string book_fault(const nlohmann::json& entry);

} // namespace tickplant::testing
