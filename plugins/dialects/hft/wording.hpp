// What is wrong with a message, in words: which key, what was found there, what to send. Keeps its buffers.
#pragma once

#include "json_tree.hpp"

#include <charconv>
#include <iterator>
#include <string>
#include <string_view>

namespace tickplant::hft {

inline constexpr int32_t parse_error = 4300, unsupported_action = 4301, message_too_large = 4302,
                         subscription_failed = 4303, invalid_symbol = 4306;
inline constexpr size_t max_shown = 64; // bytes of a client's text that are repeated

struct problem {
  int32_t code = 0; // 0 = none
  std::string_view field;
  explicit operator bool() const { return code != 0; }
};

class wording {
public:
  wording() {
    text_.reserve(512);
    field_.reserve(64);
  }
  void clear() {
    text_.clear();
    field_.clear();
  }
  std::string_view text() const { return text_; }

  wording& say(std::string_view text) {
    text_ += text;
    return *this;
  }
  wording& say(uint64_t number) {
    char digits[24];
    const auto end = std::to_chars(digits, std::end(digits), number).ptr;
    return say({digits, static_cast<size_t>(end - digits)});
  }
  wording& say_quoted(std::string_view text) {
    size_t size = std::min(text.size(), max_shown);
    if (size < text.size())
      while (size > 0 && (static_cast<uint8_t>(text[size]) & 0xC0) == 0x80) --size; // not inside a character
    text_ += '"';
    for (const char c : text.substr(0, size)) text_ += static_cast<uint8_t>(c) < 0x20 || c == 0x7F ? '?' : c;
    text_ += size < text.size() ? "...\"" : "\"";
    return *this;
  }
  /// A value as far as it can be told in a few words: a number or text itself, else its kind.
  wording& say_value(const json_tree::node& v) {
    if (v.kind == json::number) return say(v.raw.substr(0, 32));
    if (v.kind == json::boolean) return say(v.is_true ? "true" : "false");
    return v.kind == json::string ? say_quoted(v.text) : say(words_of(v.kind));
  }
  /// Document 000, handleMessage: clients know this text.
  wording& say_format() { return say("Invalid message format: "); }

  // The key at fault; a place inside it is put together here.
  wording& at(std::string_view key) {
    field_ = key;
    return *this;
  }
  wording& at_member(std::string_view key) {
    field_ += '.';
    field_ += key.substr(0, max_shown);
    return *this;
  }
  wording& at_index(uint64_t index) {
    field_ += '[';
    char digits[24];
    field_.append(digits, std::to_chars(digits, std::end(digits), index).ptr);
    field_ += ']';
    return *this;
  }
  std::string_view field() const { return field_; }
  wording& say_field() { return say(field_); }

private:
  std::string text_, field_;
};

} // namespace tickplant::hft
