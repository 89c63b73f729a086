// Reads the text of a conformance tape; for `tape.hpp`. Its faults are tape_fault, with the number of the line.
#pragma once

#include "tape_model.hpp"

#include <charconv>
#include <optional>
#include <string_view>

namespace tickplant::sdk::testing::tape_detail {

inline int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// One word, then the rest after one blank.
inline std::string_view take_word(std::string_view& rest) {
  const size_t end = rest.find(' ');
  const std::string_view word = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return word;
}

inline std::optional<uint64_t> to_ns(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + digits, value);
  if (fault != std::errc{} || digits == 0 || end != text.data() + digits) return std::nullopt;
  const auto unit = text.substr(digits);
  const uint64_t scale = unit == "ns"   ? 1
                         : unit == "us" ? 1'000
                         : unit == "ms" ? 1'000'000
                         : unit == "s"  ? 1'000'000'000
                                        : 0;
  if (scale == 0 || value > UINT64_MAX / scale) return std::nullopt;
  return value * scale;
}

class parser {
public:
  explicit parser(std::string_view text) : text_(text) {}

  tape parse() {
    tape made;
    tape_reaction* open = nullptr;
    while (!text_.empty()) {
      ++number_;
      const size_t end = text_.find('\n');
      std::string_view line = text_.substr(0, end);
      text_ = end == std::string_view::npos ? std::string_view{} : text_.substr(end + 1);
      while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      if (line.empty() || line.front() == '#') continue;
      const auto word = take_word(line);
      if (open != nullptr) {
        if (word == "end")
          open = nullptr;
        else if (word == "echo" || word == "digits")
          open->echoes.push_back(echo(word, line, open->steps.size()));
        else
          open->steps.push_back(step(word, line));
      } else if (word == "when" || word == "up") {
        made.reactions.push_back(reaction(word == "up", line));
        open = &made.reactions.back();
      } else if (!head(word, line, made)) {
        made.steps.push_back(step(word, line));
      }
    }
    if (open != nullptr) refuse("the reaction has no `end`");
    if (made.steps.empty()) refuse("the tape has no step");
    return made;
  }

private:
  [[noreturn]] void refuse(const std::string& problem) const { throw tape_fault(number_, problem); }

  uint64_t duration(std::string_view text) const {
    const auto ns = to_ns(text);
    if (!ns) refuse("'" + std::string{text} + "' is no duration such as 5ms");
    return *ns;
  }

  size_t whole(std::string_view text) const {
    size_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || end != text.data() + text.size() || text.empty())
      refuse("'" + std::string{text} + "' is no whole number");
    return value;
  }

  /// Bytes in hexadecimal, or text between double quotes.
  tape_bytes hex(std::string_view text) const {
    tape_bytes bytes;
    if (text == "-") return bytes;
    if (text.starts_with('"')) {
      for (const int one : quoted(text)) {
        if (one < 0) refuse("\\? and \\d stand for bytes that are sent by the plugin, not for those of the venue");
        bytes.push_back(static_cast<uint8_t>(one));
      }
      return bytes;
    }
    if (text.empty() || text.size() % 2 != 0) refuse("bytes are wanted in hexadecimal, two digits each; - for none");
    for (size_t i = 0; i < text.size(); i += 2) {
      const int high = digit_of(text[i]), low = digit_of(text[i + 1]);
      if (high < 0 || low < 0) refuse("'" + std::string{text.substr(i, 2)} + "' is no byte in hexadecimal");
      bytes.push_back(static_cast<uint8_t>(high << 4 | low));
    }
    return bytes;
  }

  /// "text" with \n \r \t \" \\ \xHH, and in patterns \? (any byte) and \d (digits, one at least).
  std::vector<int> quoted(std::string_view text) const {
    std::vector<int> made;
    size_t i = 1;
    for (; i < text.size() && text[i] != '"'; ++i) {
      if (text[i] != '\\') {
        made.push_back(static_cast<uint8_t>(text[i]));
        continue;
      }
      const char letter = ++i < text.size() ? text[i] : '\0';
      switch (letter) {
        case 'n': made.push_back('\n'); break;
        case 'r': made.push_back('\r'); break;
        case 't': made.push_back('\t'); break;
        case '"':
        case '\\': made.push_back(letter); break;
        case '?': made.push_back(-1); break;
        case 'd': made.push_back(-2); break;
        case 'x': {
          const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
          const int low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
          if (high < 0 || low < 0) refuse("\\x wants two digits in hexadecimal");
          made.push_back(high << 4 | low);
          i += 2;
          break;
        }
        default: refuse("a backslash stands before n, r, t, x, ?, d, \" or another backslash");
      }
    }
    if (i + 1 != text.size()) refuse("the text in quotes has no end, or something stands behind it");
    return made;
  }

  std::vector<int> pattern(std::string_view rest) const {
    if (rest.starts_with('"')) return quoted(rest);
    std::vector<int> made;
    while (!rest.empty()) {
      const auto word = take_word(rest);
      if (word.size() % 2 != 0) refuse("'" + std::string{word} + "' is no pattern of bytes");
      for (size_t i = 0; i < word.size(); i += 2)
        made.push_back(word.substr(i, 2) == "??" ? -1 : hex(word.substr(i, 2)).front());
    }
    return made;
  }

  /// "times=N" in front of a pattern, if it is there.
  void times(std::string_view& rest, uint32_t& into) const {
    if (!rest.starts_with("times=")) return;
    into = static_cast<uint32_t>(whole(take_word(rest).substr(6)));
  }

  std::string decimal(std::string_view text) const {
    const size_t point = text.find('.');
    const auto digits = [](std::string_view part) {
      return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
    };
    const bool is_good =
      digits(text.substr(0, point)) && (point == std::string_view::npos || digits(text.substr(point + 1)));
    if (!is_good) refuse("'" + std::string{text} + "' is no number such as 101.5");
    return std::string{text};
  }

  /// SYMBOL, then any number of: bid PRICE QUANTITY, ask PRICE QUANTITY.
  tape_book book(std::string_view rest) const {
    tape_book made;
    made.symbol = take_word(rest);
    if (made.symbol.empty()) refuse("`book` wants a symbol");
    while (!rest.empty()) {
      const auto side = take_word(rest);
      if (side != "bid" && side != "ask") refuse("bid or ask is wanted, not '" + std::string{side} + "'");
      auto price = decimal(take_word(rest)), quantity = decimal(take_word(rest));
      (side == "bid" ? made.bids : made.asks).emplace_back(std::move(price), std::move(quantity));
    }
    return made;
  }

  /// SYMBOL, then any number of: KEY VALUE.
  void figures(std::string_view rest, std::vector<tape_figure>& into) const {
    static constexpr std::string_view numbers[] = {"bid",  "ask",  "bid_size", "ask_size", "volume",        "trades",
                                                   "last", "open", "high",     "low",      "previous_close"};
    static constexpr std::string_view states[] = {"unknown", "trading",  "halted", "paused",  "quote_only",
                                                  "auction", "pre_open", "closed", "no_depth"};
    const auto symbol = take_word(rest);
    if (rest.empty()) refuse("`shows` wants a symbol, then keys with values");
    while (!rest.empty()) {
      const auto key = take_word(rest), value = take_word(rest);
      const auto is_one_of = [](std::string_view text, const auto& list) {
        for (const auto one : list)
          if (one == text) return true;
        return false;
      };
      if (key == "state") {
        if (!is_one_of(value, states)) refuse("'" + std::string{value} + "' is no state of trading");
      } else if (key == "last_side") {
        static constexpr std::string_view sides[] = {"unknown", "buy", "sell"};
        if (!is_one_of(value, sides)) refuse("'" + std::string{value} + "' is no side of a trade");
      } else if (!is_one_of(key, numbers)) {
        refuse("'" + std::string{key} + "' is nothing that is shown");
      } else if (value != "-") {
        decimal(value);
      }
      into.push_back({std::string{symbol}, std::string{key}, std::string{value}});
    }
  }

  bool head(std::string_view word, std::string_view rest, tape& made) const {
    if (word == "tape") {
      if (rest != "1") refuse("version '" + std::string{rest} + "' of the format; 1 is known");
    } else if (word == "set") {
      const auto key = take_word(rest);
      made.settings.emplace_back(key, rest);
    } else if (word == "at") {
      made.start_ns = whole(rest);
    } else if (word == "rest") {
      made.rest_ns = duration(rest);
    } else if (word == "like") {
      made.like = rest;
    } else if (word == "refuse") {
      made.refused.emplace_back(rest);
    } else if (word == "book") {
      made.books.push_back(book(rest));
    } else if (word == "shows") {
      figures(rest, made.figures);
    } else if (word == "wants") {
      tape_demand one;
      one.line = take_word(rest);
      if (one.line.empty()) refuse("the name of a line is wanted");
      times(rest, one.times);
      one.pattern = pattern(rest);
      made.demands.push_back(std::move(one));
    } else if (word == "expect") {
      if (rest == "books")
        made.expect = tape_expectation::books;
      else if (rest == "stale")
        made.expect = tape_expectation::stale;
      else if (rest == "any")
        made.expect = tape_expectation::any;
      else
        refuse("expect books, stale or any, not '" + std::string{rest} + "'");
    } else {
      return false;
    }
    return true;
  }

  tape_step step(std::string_view word, std::string_view rest) const {
    tape_step made;
    if (word == "wait") {
      made.ns = duration(rest);
      return made;
    }
    made.line = take_word(rest);
    if (made.line.empty()) refuse("'" + std::string{word} + "' wants the name of a line");
    if (word == "unit" || word == "bytes") {
      made.kind = word == "unit" ? step_kind::unit : step_kind::bytes;
      made.data = hex(rest);
    } else if (word == "text") {
      made.kind = step_kind::text;
      made.data.assign(rest.begin(), rest.end());
    } else if (word == "close" || word == "fail") {
      made.kind = word == "close" ? step_kind::close : step_kind::fail;
    } else if (word == "http") {
      made.kind = step_kind::http;
      made.status = static_cast<int32_t>(whole(take_word(rest)));
      made.data.assign(rest.begin(), rest.end());
    } else {
      refuse("'" + std::string{word} + "' is no word of a tape");
    }
    return made;
  }

  tape_reaction reaction(bool on_up, std::string_view rest) const {
    tape_reaction made;
    made.on_up = on_up;
    made.line = take_word(rest);
    if (made.line.empty()) refuse("the name of a line is wanted");
    times(rest, made.times);
    if (on_up && !rest.empty()) refuse("a line that comes up has nothing to compare: '" + std::string{rest} + "'");
    made.pattern = pattern(rest);
    return made;
  }

  /// echo FROM SIZE TO, or digits BEHIND TO: into the step above.
  tape_echo echo(std::string_view word, std::string_view rest, size_t steps) const {
    if (steps == 0) refuse('`' + std::string{word} + "` stands behind the step that it changes");
    tape_echo made;
    if (word == "digits") {
      made.behind = take_word(rest);
      if (made.behind.empty()) refuse("`digits` wants the text in front of them");
    } else {
      made.from = whole(take_word(rest));
      made.size = whole(take_word(rest));
    }
    made.to = whole(take_word(rest));
    made.step = steps - 1;
    return made;
  }

  std::string_view text_;
  size_t number_ = 0;
};

} // namespace tickplant::sdk::testing::tape_detail
