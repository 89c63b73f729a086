// The cases of conformance_test, by section of RFC 6455 (and 7692 for the first reserved bit).
#pragma once

#include "tests/unit/net_client/client_harness.hpp"

#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace tickplant::net::testing {

struct rule_case {
  std::string name;
  std::string bytes;                 ///< what the client sends
  std::vector<std::string> messages; ///< what reaches the host, "text:..." and "binary:..."
  std::vector<server_frame> answers; ///< frames back, without the close frame
  uint16_t failed_with = 0;          ///< the server fails the connection with this code
  std::optional<std::string> echo;   ///< the close frame's payload where the client closed
  bool may_compress = false;         ///< permessage-deflate was agreed

  bool stays_open() const { return failed_with == 0 && !echo; }
  rule_case&& deflate() && {
    may_compress = true;
    return std::move(*this);
  }
};

inline std::ostream& operator<<(std::ostream& out, const rule_case& one) {
  return out << one.name;
}

/// The connection stays: these messages came, these frames went back.
rule_case taken(std::string name, std::string bytes, std::vector<std::string> messages,
                std::vector<server_frame> answers = {});
/// The server fails the connection, after these messages.
rule_case failed(std::string name, std::string bytes, uint16_t code, std::vector<std::string> messages = {},
                 std::vector<server_frame> answers = {});
/// The client's close is answered with this payload.
rule_case closed(std::string name, std::string bytes, std::string echo, std::vector<std::string> messages = {});

std::vector<rule_case> fragmentation_cases(); // 5.4
std::vector<rule_case> control_cases();       // 5.5
std::vector<rule_case> text_cases();          // 8.1
std::vector<rule_case> header_cases();        // 5.2, 5.3
std::vector<rule_case> length_cases();        // 5.2
std::vector<rule_case> close_cases();         // 7

} // namespace tickplant::net::testing
