// What the command line says about a plugin's lines: where a line's packets are in the capture, and which file answers
// a TCP line. Plain values.
#pragma once

#include "runtime/tools/replay/record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tickplant::replay {

/// --line: where the line's datagrams are in the capture, or, for a TCP line, its server.
struct named_line {
  std::string name;
  endpoint at;
  std::string scheme = {}; // "udp" or "tcp"; empty: the command line does not say
};

/// --answer: a file of what the server of a TCP line sends.
struct named_answer {
  std::string name, path;
};

/// "239.1.1.1:26400"; nothing if it is not IPv4 with a port.
std::optional<endpoint> parse_endpoint(std::string_view text);
std::string to_text(endpoint at);

/// "a=239.1.1.1:26400" or "request=tcp://192.0.2.9:18000".
std::optional<named_line> parse_line(std::string_view text);
/// "glimpse=FILE".
std::optional<named_answer> parse_answer(std::string_view text);

} // namespace tickplant::replay
