// Takes an HTTP request target ("/books?venue=NASDAQ&depth=10") apart. Pure.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tickplant::sim {

struct request_target {
  std::string path; // percent-decoded
  std::map<std::string, std::string, std::less<>> query;

  /// The decoded value, or an empty text.
  std::string_view value(std::string_view key) const;
};

/// Nothing for broken percent-encoding.
std::optional<request_target> parse_target(std::string_view target);

/// Calls `take(piece)` for every piece between separators that is not empty.
template <class Take>
void split(std::string_view text, char separator, Take take) {
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0) take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

} // namespace tickplant::sim
