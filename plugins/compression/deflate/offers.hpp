// What clients offer in Sec-WebSocket-Extensions: the grammar of RFC 6455, section 9.1, and the parameters of
// permessage-deflate (RFC 7692, section 7.1). Pure; views point into the given text or are copied.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::deflate {

struct parameter {
  std::string_view name;
  std::optional<std::string> value; // quotes and escapes taken off
};

struct offer {
  std::string_view name;
  std::vector<parameter> parameters;
};

/// All offers in order; nothing if the text breaks the grammar anywhere.
std::optional<std::vector<offer>> parse_offers(std::string_view text);

/// What was accepted.
struct accepted {
  int window_bits = 0;         // of the server's messages
  bool is_window_said = false; // the client asked for it, the answer has to name it
};

/// The first offer of permessage-deflate that can be served with a window of 2^9 to 2^`most_bits` bytes.
std::optional<accepted> choose(const std::vector<offer>& offers, int most_bits);

/// The answer to it.
std::string answer_to(const accepted& chosen);

} // namespace tickplant::deflate
