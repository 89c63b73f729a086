// A conformance tape: what one venue says to a plugin, step by step, and how its recovery services react. Plain text,
// so that a stranger can write one by hand, and a program can print one (`to_text`). The grammar stands in
// docs/plugin-guide.md, "Proving a venue"; `tickplant-replay --conformance PLUGIN --tapes DIR` plays tapes.
// Plain values; std only; no thread, no clock.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::sdk::testing {

using tape_bytes = std::vector<uint8_t>;

enum class step_kind : uint8_t {
  wait,  // ns
  unit,  // a datagram, or a binary WebSocket message, on `line`
  text,  // a text WebSocket message on `line`
  bytes, // of the TCP connection `line`
  close, // `line` is closed by the other side
  fail,  // `line` breaks
  http   // from here on, requests whose URL holds `line` are answered by `status` and `data`
};

struct tape_step {
  step_kind kind = step_kind::wait;
  uint64_t ns = 0;
  std::string line;
  tape_bytes data;
  int32_t status = 0;
};

/// Brings what the plugin sent into a step of the reaction: numbers that a venue gives back.
struct tape_echo {
  size_t from = 0, size = 0; // bytes of what was sent, copied over those of the step
  size_t step = 0, to = 0;   // in the reaction's steps
  std::string behind{};      // not empty: instead of them, the digits behind this text, inserted
};

/// What happens when the plugin sends something on `line`, or when `line` comes up.
struct tape_reaction {
  std::string line;
  bool on_up = false;
  std::vector<int> pattern; // of the first bytes of what is sent; -1: any byte; empty: anything
  uint32_t times = UINT32_MAX;
  std::vector<tape_step> steps;
  std::vector<tape_echo> echoes;
};

enum class tape_expectation : uint8_t {
  books, // at the end every book is right, and trusted
  stale, // books that cannot be right are marked stale, and at least one is
  any    // right or stale; wrong never
};

struct tape {
  std::string name; // of the file, without its ending
  std::string like; // the tape that tells what is right; empty: this one
  tape_expectation expect = tape_expectation::books;
  uint64_t start_ns = 1'700'000'000'000'000'000;
  uint64_t rest_ns = 60'000'000'000; // time after the last step, for what is still on its way
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> refused; // lines that never come up
  std::vector<tape_step> steps;
  std::vector<tape_reaction> reactions;
};

/// A fault in a tape: "line 12: what is wrong".
struct tape_fault : std::runtime_error {
  tape_fault(size_t line, const std::string& problem)
    : std::runtime_error("line " + std::to_string(line) + ": " + problem) {}
};

namespace tape_detail {

inline std::string to_hex(const tape_bytes& bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const uint8_t b : bytes) {
    text += digits[b >> 4];
    text += digits[b & 15];
  }
  return text.empty() ? "-" : text;
}

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

inline std::string ns_text(uint64_t ns) {
  if (ns % 1'000'000'000 == 0) return std::to_string(ns / 1'000'000'000) + "s";
  if (ns % 1'000'000 == 0) return std::to_string(ns / 1'000'000) + "ms";
  if (ns % 1'000 == 0) return std::to_string(ns / 1'000) + "us";
  return std::to_string(ns) + "ns";
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

  tape_bytes hex(std::string_view text) const {
    tape_bytes bytes;
    if (text == "-") return bytes;
    if (text.empty() || text.size() % 2 != 0) refuse("bytes are wanted in hexadecimal, two digits each; - for none");
    for (size_t i = 0; i < text.size(); i += 2) {
      const int high = digit_of(text[i]), low = digit_of(text[i + 1]);
      if (high < 0 || low < 0) refuse("'" + std::string{text.substr(i, 2)} + "' is no byte in hexadecimal");
      bytes.push_back(static_cast<uint8_t>(high << 4 | low));
    }
    return bytes;
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
    while (!rest.empty()) {
      const auto word = take_word(rest);
      if (word.starts_with("times=")) {
        made.times = static_cast<uint32_t>(whole(word.substr(6)));
        continue;
      }
      if (on_up || word.size() % 2 != 0) refuse("'" + std::string{word} + "' is no pattern of bytes");
      for (size_t i = 0; i < word.size(); i += 2) {
        if (word.substr(i, 2) == "??") {
          made.pattern.push_back(-1);
          continue;
        }
        made.pattern.push_back(hex(word.substr(i, 2)).front());
      }
    }
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

inline std::string echo_text(const tape_echo& e) {
  if (!e.behind.empty()) return "digits " + e.behind + ' ' + std::to_string(e.to);
  return "echo " + std::to_string(e.from) + ' ' + std::to_string(e.size) + ' ' + std::to_string(e.to);
}

inline std::string step_text(const tape_step& s) {
  const std::string as_text{s.data.begin(), s.data.end()};
  switch (s.kind) {
    case step_kind::wait: return "wait " + ns_text(s.ns);
    case step_kind::unit: return "unit " + s.line + ' ' + to_hex(s.data);
    case step_kind::bytes: return "bytes " + s.line + ' ' + to_hex(s.data);
    case step_kind::text: return "text " + s.line + ' ' + as_text;
    case step_kind::close: return "close " + s.line;
    case step_kind::fail: return "fail " + s.line;
    case step_kind::http: return "http " + s.line + ' ' + std::to_string(s.status) + ' ' + as_text;
  }
  return {};
}

} // namespace tape_detail

/// Into a step's bytes. What does not reach is left out.
inline void apply_echo(const tape_echo& echo, const uint8_t* sent, size_t size, tape_bytes& data) {
  if (echo.behind.empty()) {
    for (size_t b = 0; b < echo.size && echo.from + b < size && echo.to + b < data.size(); ++b)
      data[echo.to + b] = sent[echo.from + b];
    return;
  }
  const std::string_view text{reinterpret_cast<const char*>(sent), size};
  const size_t at = text.find(echo.behind);
  if (at == std::string_view::npos || echo.to > data.size()) return;
  const auto rest = text.substr(at + echo.behind.size());
  const auto digits = rest.substr(0, rest.find_first_not_of("0123456789"));
  data.insert(data.begin() + static_cast<std::ptrdiff_t>(echo.to), digits.begin(), digits.end());
}

/// Throws tape_fault.
inline tape parse_tape(std::string_view text) {
  return tape_detail::parser{text}.parse();
}

inline std::string to_text(const tape& from) {
  std::string text = "tape 1\n";
  const auto add = [&text](const std::string& line) { text += line + '\n'; };
  if (!from.like.empty()) add("like " + from.like);
  static constexpr const char* expectations[] = {"books", "stale", "any"};
  add(std::string{"expect "} + expectations[static_cast<size_t>(from.expect)]);
  add("at " + std::to_string(from.start_ns));
  add("rest " + tape_detail::ns_text(from.rest_ns));
  for (const auto& [key, value] : from.settings) add("set " + key + ' ' + value);
  for (const auto& line : from.refused) add("refuse " + line);
  for (const auto& reaction : from.reactions) {
    std::string head = (reaction.on_up ? "up " : "when ") + reaction.line;
    if (reaction.times != UINT32_MAX) head += " times=" + std::to_string(reaction.times);
    if (!reaction.pattern.empty()) head += ' ';
    for (const int byte : reaction.pattern)
      head += byte < 0 ? std::string{"??"} : tape_detail::to_hex({static_cast<uint8_t>(byte)});
    add(head);
    for (size_t i = 0; i < reaction.steps.size(); ++i) {
      add("  " + tape_detail::step_text(reaction.steps[i]));
      for (const auto& echo : reaction.echoes)
        if (echo.step == i) add("  " + tape_detail::echo_text(echo));
    }
    add("end");
  }
  for (const auto& step : from.steps) add(tape_detail::step_text(step));
  return text;
}

} // namespace tickplant::sdk::testing
