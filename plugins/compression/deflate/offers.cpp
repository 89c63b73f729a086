#include "offers.hpp"

#include "config.hpp"

#include <algorithm>

namespace tickplant::deflate {

namespace {

constexpr std::string_view extension = "permessage-deflate";

/// RFC 7230, section 3.2.6.
bool is_token_character(char c) {
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
  return c != '\0' && std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

class scanner {
public:
  explicit scanner(std::string_view rest) : rest_(rest) {}

  bool at_end() const { return rest_.empty(); }
  void skip_spaces() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
  }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Empty: there is none.
  std::string_view token() {
    const auto end =
      static_cast<size_t>(std::find_if_not(rest_.begin(), rest_.end(), is_token_character) - rest_.begin());
    const auto taken = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return taken;
  }
  /// The quote in front is taken already. What the quotes hold has to be a token (RFC 6455, section 9.1).
  std::optional<std::string> quoted() {
    std::string taken;
    while (!rest_.empty()) {
      char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return taken.empty() ? std::nullopt : std::optional{std::move(taken)};
      if (c == '\\') {
        if (rest_.empty()) return std::nullopt;
        c = rest_.front();
        rest_.remove_prefix(1);
      }
      if (!is_token_character(c)) return std::nullopt;
      taken.push_back(c);
    }
    return std::nullopt;
  }

private:
  std::string_view rest_;
};

bool read_parameter(scanner& text, parameter& into) {
  into.name = text.token();
  if (into.name.empty()) return false;
  text.skip_spaces();
  if (!text.take('=')) return true;
  text.skip_spaces();
  if (text.take('"')) {
    into.value = text.quoted();
  } else if (const auto value = text.token(); !value.empty()) {
    into.value = std::string{value};
  }
  return into.value.has_value();
}

bool read_offer(scanner& text, offer& into) {
  into.name = text.token();
  if (into.name.empty()) return false;
  for (text.skip_spaces(); text.take(';'); text.skip_spaces()) {
    text.skip_spaces();
    if (!read_parameter(text, into.parameters.emplace_back())) return false;
  }
  return true;
}

/// 8 to 15 without leading zeros (RFC 7692, sections 7.1.2.1 and 7.1.2.2); 0 for anything else.
int window_of(std::string_view value) {
  if (value == "8" || value == "9") return value[0] - '0';
  if (value.size() == 2 && value[0] == '1' && value[1] >= '0' && value[1] <= '5') return 10 + value[1] - '0';
  return 0;
}

std::optional<accepted> serve(const offer& asked, int most_bits) {
  if (asked.name != extension) return std::nullopt;
  accepted chosen{most_bits, false};
  for (const auto& each : asked.parameters) {
    if (std::count_if(asked.parameters.begin(), asked.parameters.end(),
                      [&](const parameter& other) { return other.name == each.name; }) != 1)
      return std::nullopt;
    const int bits = each.value ? window_of(*each.value) : 0;
    if (each.name == "server_no_context_takeover" || each.name == "client_no_context_takeover") {
      if (each.value) return std::nullopt;
    } else if (each.name == "client_max_window_bits") {
      if (each.value && bits == 0) return std::nullopt;
    } else if (each.name == "server_max_window_bits") {
      if (bits < least_window_bits) return std::nullopt; // zlib cannot write raw deflate for a window of 256 bytes
      chosen = {std::min(bits, most_bits), true};
    } else {
      return std::nullopt;
    }
  }
  return chosen;
}

} // namespace

std::optional<std::vector<offer>> parse_offers(std::string_view text) {
  std::vector<offer> offers;
  scanner rest{text};
  // A list may have empty members (RFC 7230, section 7), which joined header fields may bring.
  for (;;) {
    rest.skip_spaces();
    if (rest.at_end()) return offers;
    if (rest.take(',')) continue;
    if (!read_offer(rest, offers.emplace_back())) return std::nullopt;
    if (!rest.at_end() && !rest.take(',')) return std::nullopt;
  }
}

std::optional<accepted> choose(const std::vector<offer>& offers, int most_bits) {
  for (const auto& each : offers)
    if (auto chosen = serve(each, most_bits)) return chosen;
  return std::nullopt;
}

// client_max_window_bits is never answered: the one inflater reads the largest window, so the client may choose.
std::string answer_to(const accepted& chosen) {
  std::string answer{extension};
  answer += "; server_no_context_takeover; client_no_context_takeover";
  if (chosen.is_window_said) answer += "; server_max_window_bits=" + std::to_string(chosen.window_bits);
  return answer;
}

} // namespace tickplant::deflate
