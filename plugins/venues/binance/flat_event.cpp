#include "flat_event.hpp"

#include "words.hpp"

#include <tickplant/venue.h>

#include <array>
#include <cstring>

namespace tickplant::binance {
namespace {

constexpr uint8_t in_text = 1, in_number = 2;

/// What may stand in a text that needs no decoding, and in a number.
constexpr std::array<uint8_t, 256> make_uses() {
  std::array<uint8_t, 256> uses{};
  for (unsigned c = ' '; c < 0x7F; ++c)
    if (c != '"' && c != '\\') uses[c] |= in_text;
  for (const char c : std::string_view{"0123456789+-.eE"}) uses[static_cast<unsigned char>(c)] |= in_number;
  return uses;
}
constexpr auto uses = make_uses();

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Steps over what the frame has to have here. A literal is shorter than the padding.
template <size_t Size>
bool take(const char*& at, const char (&literal)[Size]) {
  if (std::memcmp(at, literal, Size - 1) != 0) return false;
  at += Size - 1;
  return true;
}

template <uint8_t Use>
std::string_view run_of(const char*& at, const char* end) {
  const char* const begin = at;
  while (at < end && (uses[static_cast<unsigned char>(*at)] & Use) != 0) ++at;
  return {begin, static_cast<size_t>(at - begin)};
}

bool scalar(const char*& at, const char* end, std::string_view& out) {
  if (take(at, "\"")) {
    out = run_of<in_text>(at, end);
    return take(at, "\"");
  }
  const char* const begin = at;
  if (take(at, "true") || take(at, "false")) {
    out = {begin, static_cast<size_t>(at - begin)};
    return true;
  }
  out = run_of<in_number>(at, end);
  return !out.empty();
}

/// A text of at most 23 characters from 20 to 3F, which are those of numbers and none that needs decoding, and its
/// closing quote.
inline bool number_text(const char*& at, std::string_view& out) {
  constexpr uint64_t row = 0xE0E0E0E0E0E0E0E0;
  const char* const begin = at;
  for (int words = 0; words < 3; ++words, at += 8) {
    const uint64_t eight = word_at(at);
    const uint64_t quotes = places_of('"', eight);
    const uint64_t before = ((quotes & (0 - quotes)) >> 7) - 1; // all eight if there is no quote
    if (((eight ^ eight_of(' ')) & row & before) != 0) return false;
    if (quotes == 0) continue;
    at += before_first(quotes);
    out = {begin, static_cast<size_t>(at - begin)};
    ++at;
    return true;
  }
  return false;
}

bool levels(const char*& at, const char* end, std::vector<level_text>& out) {
  static_assert(TP_PADDING >= 64, "a level that begins inside of the frame is read whole, at most 54 characters");
  if (take(at, "[]")) return true;
  if (!take(at, "[")) return false;
  while (at < end) {
    level_text level;
    if (!take(at, "[\"") || !number_text(at, level.price) || !take(at, ",\"") || !number_text(at, level.quantity))
      return false;
    out.push_back(level);
    if (take(at, "],")) continue;
    return take(at, "]]");
  }
  return false;
}

bool side(const char*& at, const char* end, std::vector<level_text>& out, bool& seen) {
  if (seen) return false; // the same side twice
  seen = true;
  return levels(at, end, out);
}

bool field(const char*& at, const char* end, message& m, level_lists& lists) {
  if (at[0] != '"') return false;
  if (!is_letter(at[1]) || at[2] != '"' || at[3] != ':') return take(at, "\"pu\":") && scalar(at, end, m.previous);
  const char key = at[1];
  at += 4;
  if (*at == '[') {
    if (key == 'b') return side(at, end, lists.bids, lists.has_bids);
    return key == 'a' && side(at, end, lists.asks, lists.has_asks);
  }
  std::string_view text;
  if (!scalar(at, end, text)) return false;
  if (!text.empty()) m.set(key, text);
  return true;
}

} // namespace

bool read_flat(std::string_view frame, message& out, level_lists& lists) {
  if (frame.empty()) return false; // it may have no bytes behind it either
  const char* at = frame.data();
  const char* const end = at + frame.size();
  const bool is_combined = take(at, "{\"stream\":\"");
  if (is_combined) {
    out.stream = run_of<in_text>(at, end);
    if (!take(at, "\",\"data\":{")) return false;
  } else if (!take(at, "{")) {
    return false;
  }
  // Each step begins inside of the frame. What one reads behind it lies in the padding, and fails the last comparison.
  do {
    if (at >= end || !field(at, end, out, lists)) return false;
  } while (take(at, ","));
  if (!take(at, "}") || (is_combined && !take(at, "}"))) return false;
  return at == end;
}

} // namespace tickplant::binance
