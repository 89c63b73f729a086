#include "runtime/telemetry/clean_text.hpp"

#include <cstdint>

namespace tickplant::telemetry {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";
constexpr std::string_view digits = "0123456789abcdef";

bool is_tail(std::string_view text, size_t at, uint8_t low = 0x80, uint8_t high = 0xbf) {
  return at < text.size() && static_cast<uint8_t>(text[at]) >= low && static_cast<uint8_t>(text[at]) <= high;
}

// Calls `whole` with each sequence of several bytes and `single` with each ASCII byte; what is neither is replaced.
template <class Single, class Whole>
void walk(std::string& to, std::string_view text, Single single, Whole whole) {
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    if (length == 1)
      single(text.front());
    else if (length == 0)
      to += replacement;
    else
      whole(text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

void append_code(std::string& to, std::string_view prefix, uint32_t code, int width) {
  to += prefix;
  for (int shift = 4 * (width - 1); shift >= 0; shift -= 4) to += digits[code >> shift & 15];
}

bool is_c1(std::string_view sequence) {
  return sequence.size() == 2 && sequence[0] == '\xc2' && static_cast<uint8_t>(sequence[1]) < 0xa0;
}

} // namespace

size_t utf8_length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto first = static_cast<uint8_t>(text[0]);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return is_tail(text, 1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const uint8_t low = first == 0xe0 ? 0xa0 : 0x80, high = first == 0xed ? 0x9f : 0xbf;
    return is_tail(text, 1, low, high) && is_tail(text, 2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const uint8_t low = first == 0xf0 ? 0x90 : 0x80, high = first == 0xf4 ? 0x8f : 0xbf;
    return is_tail(text, 1, low, high) && is_tail(text, 2) && is_tail(text, 3) ? 4 : 0;
  }
  return 0;
}

std::string_view cut_utf8(std::string_view text, size_t most) noexcept {
  if (text.size() <= most) return text;
  // A sequence has at most three bytes behind its first: further back the text is no UTF-8 anyway.
  for (size_t back = 0; back < 4 && back <= most; ++back)
    if ((static_cast<uint8_t>(text[most - back]) & 0xc0) != 0x80) return text.substr(0, most - back);
  return text.substr(0, most);
}

void append_utf8(std::string& to, std::string_view text) {
  walk(
    to, text, [&](char c) { to += c; }, [&](std::string_view sequence) { to += sequence; });
}

void append_one_line(std::string& to, std::string_view text) {
  walk(
    to, text,
    [&](char c) {
      if (c == '\n')
        to += "\\n";
      else if (c == '\r')
        to += "\\r";
      else if (c == '\t')
        to += "\\t";
      else if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f)
        append_code(to, "\\x", static_cast<uint8_t>(c), 2);
      else
        to += c;
    },
    [&](std::string_view sequence) {
      if (is_c1(sequence))
        append_code(to, "\\x", static_cast<uint8_t>(sequence[1]), 2);
      else if (sequence == "\u2028" || sequence == "\u2029")
        append_code(to, "\\u", sequence == "\u2028" ? 0x2028 : 0x2029, 4);
      else
        to += sequence;
    });
}

void append_json(std::string& to, std::string_view text) {
  walk(
    to, text,
    [&](char c) {
      if (c == '"' || c == '\\') {
        to += '\\';
        to += c;
      } else if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f)
        append_code(to, "\\u", static_cast<uint8_t>(c), 4);
      else
        to += c;
    },
    [&](std::string_view sequence) {
      if (is_c1(sequence))
        append_code(to, "\\u", static_cast<uint8_t>(sequence[1]), 4);
      else
        to += sequence;
    });
}

} // namespace tickplant::telemetry
