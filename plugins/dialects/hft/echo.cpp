#include "reply_parts.hpp"

namespace tickplant::hft {

namespace {

bool is_string_token(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  text = text.substr(1, text.size() - 2);
  for (size_t i = 0; i < text.size(); ++i) {
    if (static_cast<uint8_t>(text[i]) < 0x20 || text[i] == '"') return false;
    if (text[i] != '\\') continue;
    if (++i == text.size()) return false;
    if (text[i] == 'u') {
      const auto hex = text.substr(i + 1, 4);
      if (hex.size() < 4 || hex.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) return false;
    } else if (std::string_view{"\"\\/bfnrt"}.find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool is_number_token(std::string_view text) {
  size_t i = text.starts_with('-') ? 1 : 0;
  const auto skip_digits = [&] {
    const size_t first = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i - first;
  };
  const bool has_zero = i < text.size() && text[i] == '0';
  const size_t whole = skip_digits();
  if (whole == 0 || (has_zero && whole > 1)) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (skip_digits() == 0) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (skip_digits() == 0) return false;
  }
  return i == text.size();
}

} // namespace

void put_echo(sdk::text_writer& out, std::string_view key, tp_str token) {
  const std::string_view text = sdk::view(token);
  if (text.empty()) return;
  put_key(out, key);
  if (is_string_token(text) || is_number_token(text))
    out.put(text);
  else
    out.put_json_string(text);
}

} // namespace tickplant::hft
